"""Invoices issued a second through the gateway over 8 connections, and the same rows by a bare asyncpg script."""

from __future__ import annotations

import asyncio
import base64
import itertools
import resource
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
import orjson
import uvloop

from commons.claims import ANONYMOUS, SYSTEM, Claims
from commons.country import load_country
from commons.database import COMMONS_SQL, Connection, Record, connect, create_pools, transaction
from commons.global_id import encode
from commons.migrate import migrate
from commons.money import Money
from commons.testing import a_ctx
from commons.uuid7 import uuid7
from gateway.config import SERVICES
from gateway.testing.issuer import AUDIENCE, ISSUER, Issuer
from invoicing.app import SERVICE
from invoicing.capabilities.confirm_order import confirm_order
from invoicing.capabilities.draft_order import OrderLineInput, draft_order
from invoicing.capabilities.open_activity import open_activity
from invoicing.capabilities.open_business_day import open_business_day
from invoicing.capabilities.register_entity import register_entity
from invoicing.capabilities.register_party import register_party
from invoicing.capabilities.send_order import send_order
from invoicing.consumers.member_admitted import member_admitted
from invoicing.consumers.shares_paid import shares_paid
from invoicing.documents.validator import Validator
from invoicing.domain.rules import invoicing_rules
from invoicing.events.consumed import MemberAdmitted, SharesPaid
from invoicing.service import Invoicing, OrderLinks
from invoicing.sql import SQL
from invoicing.store import link_of
from local.paths import jars_dir
from tests.bench.load import load, post
from tests.bench.programs import Program, cpu_seconds, free_port, own_cpu_seconds, running
from tests.bench.report import Report, load_average, median
from tests.bench.servers import postgres

ROOT: Final = Path(__file__).resolve().parents[2]
CONNECTIONS: Final = 8
INVOICES: Final = 400
WARM_UP: Final = 100
ROUNDS: Final = 3
KEY: Final = b"k" * 32
TODAY: Final = date(2026, 8, 3)
OPERATOR: Final = Claims(subject="operator", roles=frozenset({"operator"}))
ISSUE: Final = """
mutation IssueInvoice($orderId: ID!, $idempotencyKey: ID) {
  issueInvoice(orderId: $orderId, idempotencyKey: $idempotencyKey) {
    __typename
    ... on Invoice { id number issueDate paymentDueDate }
    ... on Refusal { code message path }
  }
}
"""
_COPY_ORDER: Final = """
insert into sales_order select (jsonb_populate_record(null::sales_order,
  to_jsonb(o) || jsonb_build_object('id', $2::uuid, 'number', $3::text))).* from sales_order as o where id = $1
"""
_COPY_LINES: Final = """
insert into order_line select (jsonb_populate_record(null::order_line,
  to_jsonb(l) || jsonb_build_object('order_id', $2::uuid))).* from order_line as l where order_id = $1
"""
_numbers = itertools.count(1)


class Cost(NamedTuple):
    """Of one way of issuing: invoices a second, and CPU milliseconds an invoice."""

    per_second: float
    client_ms: float
    judge_ms: float
    database_ms: float


def measure(folder: Path) -> list[Report]:
    """In turns, medians over the rounds, with fsync on."""
    report = Report(
        "issuing",
        f"{CONNECTIONS} connections, fsync on; CPU ms an invoice",
        ["invoices/s", "programs", "judge", "database"],
    )
    with ExitStack() as stack:
        server = stack.enter_context(postgres(folder))
        assert server.pid is not None, "it runs"
        database = server.url("postgres")
        order = uvloop.run(_seed(database))
        issuer = Issuer()
        api, gateway = _programs(stack, folder, database, issuer)
        through, bare = [], []
        for round_number in range(ROUNDS + 1):
            count = INVOICES if round_number else WARM_UP
            orders = uvloop.run(_copies(database, order, 2 * count))
            one = uvloop.run(_through_gateway(gateway, api, issuer, orders[:count], server.pid))
            other = uvloop.run(_bare(database, orders[count:], server.pid))
            if round_number:
                through.append(one)
                bare.append(other)
        for name, found in (("through gateway and service", through), ("bare asyncpg, same rows", bare)):
            report.add(name, *(median([each[column] for each in found]) for column in range(4)))
    report.facts |= {"invoices a round": INVOICES, "rounds": ROUNDS}
    report.facts["load average at the end"] = round(load_average(), 1)
    mine, theirs = report.rows.values()
    report.reach("invoices a second, ours / bare", mine[0] / theirs[0], at_least=0.5)
    report.facts["CPU of all, ours / bare"] = round(sum(mine[1:]) / sum(theirs[1:]), 1)
    return [report]


async def _through_gateway(
    gateway: Program, api: Program, issuer: Issuer, orders: list[UUID], server_pid: int
) -> Cost:
    token = issuer.token(roles=["accountant"], exp=int(time.time()) + 7_200)
    headers = {"authorization": f"Bearer {token}"}

    def make(number: int) -> bytes:
        order = orders[number]
        variables = {"orderId": encode("BE", "Order", order), "idempotencyKey": str(order)}
        return post("/graphql", {"query": ISSUE, "variables": variables}, headers)

    def check(number: int, body: bytes) -> bool:
        answer: Any = orjson.loads(body)
        return not answer.get("errors") and answer["data"]["issueInvoice"]["__typename"] == "Invoice"

    # The judge of documents is a process of its own, below the api.
    before = _sums(gateway, api, server_pid)
    done = await load(gateway.port, make, check, count=len(orders), connections=CONNECTIONS)
    after = _sums(gateway, api, server_pid)
    if done.wrong:
        raise RuntimeError(f"{done.wrong} invoices were not issued")
    programs, judge, database = (
        (new - old) / len(orders) * 1_000 for new, old in zip(after, before, strict=True)
    )
    return Cost(len(orders) / done.seconds, programs, judge, database)


def _sums(gateway: Program, api: Program, server_pid: int) -> tuple[float, float, float]:
    whole, alone = api.cpu_seconds(), own_cpu_seconds(api.pid)
    return gateway.cpu_seconds() + alone, whole - alone, cpu_seconds(server_pid)


async def _bare(database: str, orders: list[UUID], server_pid: int) -> Cost:
    """What a person would write by hand with the rows ready in memory: no rules, no document, no GraphQL."""
    pool = await asyncpg.create_pool(
        database, min_size=CONNECTIONS, max_size=CONNECTIONS, init=_as_the_service_does
    )
    waiting = iter(orders)
    async with pool.acquire() as db:
        invoice = await db.fetchrow("select * from invoice limit 1")
        assert invoice is not None, "some were issued before"
        events = await db.fetch(
            "select type, data, headers from outbox where agg_id = $1 order by seq", invoice["id"]
        )
        answer = await db.fetchval("select answer from idempotency where answer is not null limit 1")
        legs = await db.fetch(
            "select t.debit, t.credit, t.amount, t.currency from ledger.transfer t join ledger.journal j "
            "on j.id = t.journal where j.code = 'invoice_issued' and j.ref = $1 order by leg",
            str(invoice["id"]),
        )

    async def work() -> None:
        for order in waiting:
            async with pool.acquire() as db, db.transaction():
                await _insert(db, order, invoice, events, answer, legs)

    began, cpu, server = time.perf_counter(), _own_cpu(), cpu_seconds(server_pid)
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - began
    cost = Cost(
        len(orders) / seconds,
        (_own_cpu() - cpu) / len(orders) * 1_000,
        0.0,
        (cpu_seconds(server_pid) - server) / len(orders) * 1_000,
    )
    await pool.close()
    return cost


async def _insert(
    db: Connection, order: UUID, invoice: Record, events: list[Record], answer: bytes, legs: list[Record]
) -> None:
    key = uuid7()
    await db.execute(COMMONS_SQL["claim_idempotency_key"], "bare", "issueInvoice", str(order), b"0" * 32)
    await db.fetchrow(SQL["order_for_update"], order)
    reference = await db.fetchval(SQL["next_reference"])
    counted = await db.fetchrow(SQL["next_number"], invoice["entity_id"], "invoice", TODAY.year, TODAY)
    assert counted is not None, "a counter always answers"
    row = {
        **dict(invoice),
        "id": key,
        "order_id": order,
        "counter": counted["last"],
        "number": f"bare-{counted['last']}",
        "reference": f"bare-{reference}",
    }
    await db.execute(SQL["insert_invoice"], *(row[name] for name in _insert_columns()))
    await db.execute(SQL["insert_transmission"], key, TODAY)
    await db.execute(SQL["mark_order_done"], order, TODAY)
    await db.fetchrow(
        COMMONS_SQL["ledger_post"],
        uuid7(),
        "invoice_issued",
        str(key),
        "bare",
        TODAY,
        [uuid7() for _ in legs],
        *([leg[name] for leg in legs] for name in ("debit", "credit", "amount", "currency")),
    )
    for event in events:
        await db.execute(
            COMMONS_SQL["append_to_outbox"],
            uuid7(),
            "be.invoicing.v1",
            "Invoice",
            key,
            event["type"],
            event["data"],
            event["headers"],
        )
    await db.execute(COMMONS_SQL["ask_for_effect"], uuid7(), "invoice.documents", str(key), {}, {})
    await db.execute(COMMONS_SQL["store_answer"], "bare", "issueInvoice", str(order), "InvoiceRow", answer)


def _insert_columns() -> list[str]:
    """The columns of `insert_invoice` in their order."""
    listed = SQL["insert_invoice"].partition("(")[2].partition(")")[0]
    return [name.strip() for name in listed.split(",")]


async def _as_the_service_does(db: Connection) -> None:
    for kind in ("json", "jsonb"):
        await db.set_type_codec(
            kind,
            encoder=lambda value: orjson.dumps(value).decode(),
            decoder=orjson.loads,
            schema="pg_catalog",
        )


def _programs(stack: ExitStack, folder: Path, database: str, issuer: Issuer) -> tuple[Program, Program]:
    (folder / "keys.json").write_bytes(orjson.dumps(asyncio.run(issuer.keys())))
    (folder / "members.json").write_text("[]")
    keys, api, gateway = free_port(), free_port(), free_port()
    trust: Mapping[str, str] = {
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "JWKS_URL": f"http://127.0.0.1:{keys}/jwks.json",
        "PROFILE": "local",
    }
    files = [str(folder / "keys.json"), str(folder / "members.json")]
    stack.enter_context(
        running(
            "keys",
            [sys.executable, "-m", "tests.bench.cheap_services", str(keys), *files],
            port=keys,
            cwd=ROOT,
            log=folder / "keys.log",
            ready_path="/jwks.json",
        )
    )
    env = {
        **trust,
        "COUNTRY": "be",
        "SIMULATION_ALLOWED": "true",
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "HTTP_PORT": str(api),
        "LINK_KEY": base64.b64encode(KEY).decode(),
        "PUBLIC_URL": "http://127.0.0.1:1",
        "MAIL_URL": "http://127.0.0.1:1",
        "E_INVOICE_URL": "http://127.0.0.1:1",
        "JARS_DIR": str(jars_dir()),
        "LOG_LEVEL": "WARNING",
    }
    service = stack.enter_context(
        running(
            "invoicing",
            [sys.executable, "-m", "invoicing", "api"],
            port=api,
            env=env,
            cwd=ROOT,
            log=folder / "api.log",
        )
    )
    nobody = {f"{name.upper()}_URL": "http://127.0.0.1:1/graphql" for name in SERVICES}
    door = stack.enter_context(
        running(
            "gateway",
            [sys.executable, "-m", "gateway"],
            port=gateway,
            env={
                **trust,
                **nobody,
                "COUNTRY": "BE",
                "HTTP_PORT": str(gateway),
                "INVOICING_URL": f"http://127.0.0.1:{api}/graphql",
                "ACCESS_LOG": "false",
            },
            cwd=ROOT,
            log=folder / "gateway.log",
        )
    )
    return service, door


async def _seed(database: str) -> UUID:
    """An entity with a member, a client, an activity and one confirmed order whose work has ended; the order."""
    await migrate(database, SERVICE.migrations)
    country = load_country("be", need=("country", "invoicing"))
    service = Invoicing(
        rules=invoicing_rules(country),
        links=OrderLinks(KEY, "http://127.0.0.1:1"),
        is_simulation_allowed=True,
        validator=Validator(jars_dir()),
    )
    pools = await create_pools(database, "bench")
    member = uuid7()
    mine = Claims(subject=f"member {member}", roles=frozenset({"member"}), member_id=member)

    async def do(work: Any, who: Claims = SYSTEM) -> Any:
        async with transaction(pools.write) as db:
            return await work(a_ctx(db, service=service, country=country, who=who))

    entity = UUID(
        (
            await do(
                lambda ctx: register_entity(
                    ctx,
                    name="Coopérative Exemple SC",
                    legal_form="SC agréée ES",
                    enterprise_number="0896755397",
                    vat_number="BE0896755397",
                    iban="BE68539007547034",
                    street="Rue Coenraets 72",
                    post_code="1060",
                    city="Bruxelles",
                    simulated=True,
                    day=date(2026, 6, 5),
                ),
                OPERATOR,
            )
        ).key
    )
    admitted = MemberAdmitted(member_id=member, entity_id=entity, admitted_on=date(2026, 6, 5))
    paid = SharesPaid(member_id=member, entity_id=entity, entitled_until=date(2026, 12, 31))
    await do(lambda ctx: member_admitted(ctx, admitted))
    await do(lambda ctx: shares_paid(ctx, paid))
    buyer = await do(
        lambda ctx: register_party(
            ctx,
            entity_id=entity,
            name="Client SA",
            street="Rue de la Loi 1",
            post_code="1000",
            city="Bruxelles",
            country="BE",
            email="client@example.org",
            language="fr",
            vat_number="BE0202239951",
        ),
        mine,
    )
    activity = await do(lambda ctx: open_activity(ctx, entity_id=entity, name="Atelier Web"), mine)
    line = OrderLineInput(
        description="Création d'un site",
        nature="service",
        quantity=Decimal(10),
        unit="DAY",
        unit_price=Money.of("100.00", "EUR"),
        first_day=date(2026, 7, 1),
        last_day=date(2026, 7, 31),
    )
    drafted = await do(
        lambda ctx: draft_order(
            ctx, activity_id=UUID(activity.key), buyer_id=UUID(buyer.key), title="Site web", lines=[line]
        ),
        mine,
    )
    order = UUID(drafted.key)
    await do(lambda ctx: send_order(ctx, order_id=order), mine)
    row = await pools.read.fetchrow(SQL["order_mail"], order)
    assert row is not None, "it was sent"
    link = link_of(row, service.links, country.time_zone)
    assert link is not None, "it was sent"
    token = link.rpartition("/")[2]
    await do(lambda ctx: confirm_order(ctx, link=token, name="Jeanne Dupont", consent=True), ANONYMOUS)
    await do(lambda ctx: open_business_day(ctx, entity_id=entity, day=TODAY), OPERATOR)
    await pools.close()
    return order


async def _copies(database: str, order: UUID, count: int) -> list[UUID]:
    """Orders like that one."""
    db = await connect(database, "bench")
    orders = [uuid7() for _ in range(count)]
    try:
        async with db.transaction():
            for copy in orders:
                await db.execute(_COPY_ORDER, order, copy, f"copy {next(_numbers)}")
                await db.execute(_COPY_LINES, order, copy)
        await db.execute("analyze")
    finally:
        await db.close()
    return orders


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

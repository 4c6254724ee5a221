"""A whole Belgian pay run: 22,000 payslips stored and published, and the files that pay them written."""

from __future__ import annotations

import asyncio
import base64
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import uvloop

from commons.claims import SYSTEM, Claims
from commons.clock import BusinessDayOpened, business_day_opened
from commons.context import Ctx
from commons.country import load_country
from commons.database import Pools, connect, create_pools, transaction
from commons.kafka import KafkaProducer, ensure_topics
from commons.migrate import COMMONS_MESSAGING, migrate
from commons.money import Money
from commons.relay import lead, publish_batch
from commons.testing import a_ctx
from commons.uuid7 import uuid7
from payroll.app import SERVICE
from payroll.capabilities.complete_payroll_profile import complete_payroll_profile
from payroll.capabilities.request_contract import request_contract
from payroll.capabilities.start_pay_run import start_pay_run
from payroll.consumers.budget_held import budget_held
from payroll.consumers.entity_registered import entity_registered
from payroll.consumers.order_confirmed import order_confirmed
from payroll.domain.belgium.situation import Spouse, Status
from payroll.domain.contract import ContractKind
from payroll.domain.engines import engine_of
from payroll.domain.person import FamilySituation
from payroll.events.consumed import BudgetHeld, EntityRegistered, OrderConfirmed
from payroll.inputs import FamilySituationInput
from payroll.sealed import KEY_BYTES, Sealer
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import open_person, seal_person
from tests.bench.programs import Program, cpu_seconds, free_port, running
from tests.bench.report import Report, load_average
from tests.bench.servers import kafka, postgres

ROOT: Final = Path(__file__).resolve().parents[2]
WORKERS: Final = 22_000
CHILDREN_MAX: Final = 3
FIRST_DAY: Final = date(2026, 7, 1)
LAST_DAY: Final = date(2026, 7, 31)
BEFORE: Final = date(2026, 6, 5)
KEY: Final = bytes(range(KEY_BYTES))
OFFICER: Final = Claims(subject="officer", roles=frozenset({"payroll_officer"}), countries=frozenset({"BE"}))
TOPICS: Final = [
    f"be.{name}.v1" for name in ("invoicing", "payroll", "guarantee", "members", "governance", "control")
]
SECONDS_MAX: Final = 900.0
POLL_SECONDS: Final = 0.5
COLUMNS: Final = ["wall s", "workers CPU s", "database CPU s", "per second"]

_COPY: Final = """
insert into contract
select (jsonb_populate_record(c, jsonb_build_object('id', copy.id, 'member_id', copy.member_id))).*
from contract c, unnest($2::uuid[], $3::uuid[]) as copy(id, member_id)
where c.id = $1
"""
_FUND: Final = """
insert into outbox (id, topic, agg_type, agg_id, agg_version, type, data, headers)
select gen_random_uuid(), 'be.guarantee.v1', 'Payslip', id, 1, 'guarantee.WageFunded.v1', data, $3
from unnest($1::uuid[], $2::jsonb[]) as payslip(id, data)
"""
_PUBLISHED: Final = """
select seq, data from outbox
where type = 'payroll.PayslipComputed.v1' and published is not null and seq > $1
order by seq
"""
_STEPS: Final = (
    (
        "payslips computed, stored, published",
        "select count(*) from outbox where type = 'payroll.PayslipComputed.v1' and published is not null",
    ),
    ("payment files written, each after the fund's word", "select count(*) from payment_order"),
)
_HEADERS: Final = {"actor": "system", "country": "BE", "request_id": "0190f3a0-0000-7000-8000-000000000000"}


def measure(folder: Path) -> list[Report]:
    """The real worker in two processes, on a real PostgreSQL with fsync and a real Kafka; the bank is left out.

    Guarantee's word that there is money follows each payslip that was published, as it does in a cell: from a
    database of its own, through the relay.
    """
    report = Report("pay run", f"{WORKERS} Belgian workers, fsync on", COLUMNS)
    with ExitStack() as stack:
        server, broker = stack.enter_context(postgres(folder)), stack.enter_context(kafka(folder))
        assert server.pid is not None, "it runs"
        server.ensure_database("fund")
        own, fund = server.url("postgres"), server.url("fund")
        entity = uvloop.run(_prepare(own, fund, broker.bootstrap))
        workers = [
            stack.enter_context(_worker(folder, own, broker.bootstrap, parts))
            for parts in ("consume,relay", "consume,deadlines")
        ]
        uvloop.run(_run(report, own, fund, broker.bootstrap, entity, workers, server.pid))
        report.facts["workers RSS MB"] = round(sum(worker.memory_mb() for worker in workers))
    whole, *_ = list(report.rows.values())[-1]
    report.facts["load average at the end"] = round(load_average(), 1)
    report.reach("payslips stored and published, payment files written, wall s", whole, at_most=90)
    return [report]


async def _prepare(own: str, fund: str, bootstrap: str) -> UUID:
    await migrate(own, SERVICE.migrations)
    await migrate(fund, [COMMONS_MESSAGING])
    await ensure_topics(bootstrap, TOPICS)
    pools = await create_pools(own, "bench")
    try:
        return await _seed(pools)
    finally:
        await pools.close()


async def _seed(pools: Pools) -> UUID:
    """An entity whose month is over, and a contract of each of its workers."""
    country = load_country("be")
    service = Payroll(engine_of(country), Sealer(KEY), pools.write, False)
    entity, member, order = uuid7(), uuid7(), uuid7()
    mine = Claims(subject=f"member {member}", roles=frozenset({"member"}), member_id=member)

    async def do(work: Callable[[Ctx[Payroll]], Awaitable[Any]], who: Claims = SYSTEM) -> Any:
        async with transaction(pools.write) as db:
            return await work(a_ctx(db, service=service, country=country, who=who))

    registered = EntityRegistered.model_validate(
        {
            "entity_id": entity,
            "name": "Coopérative Exemple SC",
            "legal_form": "SC agréée ES",
            "currency": "EUR",
            "enterprise_number": "0403019261",
            "iban": "BE68539007547034",
            "address": {"street": "Rue 1", "city": "Bruxelles", "post_code": "1060", "country": "BE"},
            "simulated": True,
            "day": BEFORE,
        }
    )
    confirmed = OrderConfirmed.model_validate(
        {
            "order_id": order,
            "entity_id": entity,
            "activity_id": uuid7(),
            "member_id": member,
            "buyer_id": uuid7(),
            "start_date": FIRST_DAY,
            "end_date": LAST_DAY,
            "confirmed_on": BEFORE,
        }
    )
    await do(lambda ctx: entity_registered(ctx, registered))
    await do(
        lambda ctx: complete_payroll_profile(
            ctx,
            member_id=member,
            entity_id=entity,
            national_number="85073003328",
            iban="BE71096123456769",
            holder_name="Jeanne Dupont",
            language="fr",
            family_situation=FamilySituationInput(Spouse.NONE),
        ),
        mine,
    )
    await do(lambda ctx: order_confirmed(ctx, confirmed))
    contract = await do(
        lambda ctx: request_contract(
            ctx,
            order_id=order,
            regime=Status.WHITE_COLLAR,
            kind=ContractKind.MONTH,
            gross_wage=Money.of("3000.00", "EUR"),
            start_date=FIRST_DAY,
            end_date=LAST_DAY,
            function_title="Sound engineer",
            days=0,
            hours=Decimal(0),
        ),
        mine,
    )
    held = BudgetHeld.model_validate({"contract_id": contract.key, "entity_id": entity, "held_on": BEFORE})
    await do(lambda ctx: budget_held(ctx, held))
    # As if the authority had accepted the hire; what was to be declared and met is no part of the run.
    await pools.write.execute(
        "update contract set declared_on = $2 where id = $1", UUID(contract.key), BEFORE
    )
    await pools.write.execute("delete from deadline")
    await pools.write.execute("delete from effect")
    await _copies(pools, service.sealer, UUID(contract.key), member)
    opened = BusinessDayOpened(entity_id=entity, day=LAST_DAY)
    await do(lambda ctx: business_day_opened(ctx, opened))
    await pools.write.execute("update outbox set published = now()")
    await pools.write.execute("analyze")
    return entity


async def _copies(pools: Pools, sealer: Sealer, contract: UUID, member: UUID) -> None:
    """As many workers like that one, in households that differ."""
    profile = await pools.write.fetchrow(SQL["payroll_profile"], member)
    assert profile is not None, "it was completed"
    person = open_person(sealer, member, profile["person"])
    members = [uuid7() for _ in range(WORKERS - 1)]
    households = [
        replace(person, family=FamilySituation(spouse, children, is_single_parent=False), facts={})
        for spouse in Spouse
        for children in range(CHILDREN_MAX + 1)
    ]
    rows = [
        (each, "fr", BEFORE, seal_person(sealer, each, households[number % len(households)]))
        for number, each in enumerate(members)
    ]
    await pools.write.executemany(SQL["put_payroll_profile"], rows)
    await pools.write.execute(_COPY, contract, [uuid7() for _ in members], members)
    assert await pools.write.fetchval("select count(*) from contract") == WORKERS, "one each"


def _worker(folder: Path, database: str, bootstrap: str, parts: str) -> AbstractContextManager[Program]:
    port = free_port()
    environment = {
        "COUNTRY": "be",
        "PROFILE": "local",
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP": bootstrap,
        "HTTP_PORT": str(port),
        "JWT_ISSUER": "http://127.0.0.1:1",
        "JWKS_URL": "http://127.0.0.1:1/jwks.json",
        "AUTHORITY_URL": "http://127.0.0.1:1",
        "BANK_URL": "http://127.0.0.1:1",
        "DATA_KEY": base64.b64encode(KEY).decode(),
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "payroll", "worker", "--parts", parts]
    return running(parts, command, port=port, env=environment, cwd=ROOT, log=folder / f"{parts}.log")


async def _run(
    report: Report,
    own: str,
    fund: str,
    bootstrap: str,
    entity: UUID,
    workers: Sequence[Program],
    server_pid: int,
) -> None:
    pools, db = await create_pools(own, "bench"), await connect(fund, "bench")
    producer = await KafkaProducer.start(bootstrap)
    try:
        assert await lead(db)
        country = load_country("be")
        service = Payroll(engine_of(country), Sealer(KEY), pools.write, False)

        async def start() -> None:
            async with transaction(pools.write) as tx:
                ctx = a_ctx(tx, service=service, country=country, who=OFFICER)
                await start_pay_run(ctx, entity_id=entity, period=LAST_DAY)

        last = 0

        async def fund_published() -> None:
            """Publish that there is money for whatever payslips were published since the last time."""
            nonlocal last
            rows = await pools.read.fetch(_PUBLISHED, last)
            if rows:
                last = rows[-1]["seq"]
                funded = [_funded(row["data"], entity) for row in rows]
                await db.execute(_FUND, [each["payslip_id"] for each in funded], funded, _HEADERS)
            while await publish_batch(db, producer):
                pass

        began, busy, database = time.perf_counter(), _cpu(workers), cpu_seconds(server_pid)
        await start()
        for name, count in _STEPS:
            async with asyncio.timeout(SECONDS_MAX):
                while (done := await pools.read.fetchval(count)) < WORKERS:
                    _show(name, done)
                    await fund_published()
                    await asyncio.sleep(POLL_SECONDS)
            wall = time.perf_counter() - began
            used, theirs = _cpu(workers) - busy, cpu_seconds(server_pid) - database
            report.add(name, wall, used, theirs, WORKERS / wall)
    finally:
        await producer.close()
        await db.close()
        await pools.close()


def _cpu(workers: Sequence[Program]) -> float:
    return sum(worker.cpu_seconds() for worker in workers)


def _funded(payslip: Mapping[str, Any], entity: UUID) -> dict[str, Any]:
    return {
        "payslip_id": payslip["payslip_id"],
        "contract_id": payslip["contract_id"],
        "order_id": payslip["order_id"],
        "entity_id": str(entity),
        "source": "advance",
        "amount": payslip["net_payable"],
        "due_date": LAST_DAY.isoformat(),
        "funded_on": LAST_DAY.isoformat(),
    }


def _show(name: str, done: int) -> None:
    if sys.stdout.isatty():
        print(f"\r  {name}: {done:,} of {WORKERS:,}", end="", flush=True)

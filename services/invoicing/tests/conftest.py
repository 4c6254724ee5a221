"""What the tests of this service start from."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from stdnum.iban import calc_check_digits
from tests.a_bank import Bank

from commons import global_id
from commons.claims import ANONYMOUS, SYSTEM, Claims
from commons.context import Ctx
from commons.country import Country, load_country
from commons.database import Pools, transaction
from commons.money import Money
from commons.testing import a_ctx
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.api.schema import schema
from invoicing.app import SERVICE
from invoicing.capabilities.confirm_order import confirm_order
from invoicing.capabilities.draft_order import OrderLineInput, draft_order
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.capabilities.open_activity import open_activity
from invoicing.capabilities.open_business_day import open_business_day
from invoicing.capabilities.register_entity import register_entity
from invoicing.capabilities.register_party import register_party
from invoicing.capabilities.send_order import send_order
from invoicing.consumers.contract_refused import contract_refused
from invoicing.consumers.contract_requested import contract_requested
from invoicing.consumers.member_admitted import member_admitted
from invoicing.consumers.order_covered import order_covered
from invoicing.consumers.order_not_covered import order_not_covered
from invoicing.consumers.payslip_computed import payslip_computed
from invoicing.consumers.shares_paid import shares_paid
from invoicing.documents.validator import Validator
from invoicing.domain.rules import invoicing_rules
from invoicing.events.consumed import (
    ContractRefused,
    ContractRequested,
    MemberAdmitted,
    OrderCovered,
    OrderNotCovered,
    PayslipComputed,
    Reason,
    SharesPaid,
)
from invoicing.service import Invoicing, OrderLinks
from invoicing.sql import SQL
from invoicing.store import link_of

_ACCOUNTS = itertools.count(1)
ROOT = Path(__file__).resolve().parents[3]
LINK_KEY = b"k" * 32
SIMULATORS_START_SECONDS = 60
SIMULATORS_STOP_SECONDS = 10
OPERATOR = Claims(subject="operator", roles=frozenset({"operator"}))


@pytest.fixture(scope="session")
def migrations() -> Sequence[Path]:
    """All migrations of this service."""
    return SERVICE.migrations


@pytest.fixture(scope="session")
def belgium() -> Country:
    """The country with its law."""
    return load_country("be", need=("country", "invoicing"))


@pytest.fixture(scope="session")
def service(belgium: Country) -> Invoicing:
    """The service's object; its validator is not started."""
    return Invoicing(
        rules=invoicing_rules(belgium),
        links=OrderLinks(LINK_KEY, "https://partage.example"),
        is_simulation_allowed=True,
        validator=Validator(Path(os.environ.get("JARS_DIR") or ROOT / ".run" / "jars")),
    )


@pytest.fixture(scope="module")
def api(pools: Pools, belgium: Country, service: Invoicing) -> AskedApi:
    """This service's GraphQL on the module's database."""
    return AskedApi(schema, pools=pools, country=belgium, service=service, name="invoicing")


def an_iban() -> str:
    """A bank account that no other entity has."""
    account = f"096{next(_ACCOUNTS):07}"
    base = f"{account}{int(account) % 97 or 97:02}"
    return f"BE{calc_check_digits('BE00' + base)}{base}"


def a_line(**changed: Any) -> OrderLineInput:
    """Ten days of work in July 2026 for EUR 1,000."""
    given = {
        "description": "Création d'un site",
        "nature": "service",
        "quantity": Decimal(10),
        "unit": "DAY",
        "unit_price": Money.of("100.00", "EUR"),
        "first_day": date(2026, 7, 1),
        "last_day": date(2026, 7, 31),
        **changed,
    }
    return OrderLineInput(**given)


@dataclass
class Desk:
    """An entity of a test's own with a member whose share is paid, a client and an activity."""

    pools: Pools
    country: Country
    service: Invoicing
    member: UUID = field(default_factory=uuid7)
    entity: UUID = field(default_factory=uuid7)
    buyer: UUID = field(default_factory=uuid7)
    activity: UUID = field(default_factory=uuid7)
    iban: str = field(default_factory=an_iban)

    @property
    def who(self) -> Claims:
        """The member's token."""
        return Claims(subject=f"member {self.member}", roles=frozenset({"member"}), member_id=self.member)

    async def do(self, work: Callable[[Ctx], Awaitable[Any]], who: Claims = SYSTEM) -> Any:
        """Something in a transaction of its own."""
        async with transaction(self.pools.write) as db:
            return await work(a_ctx(db, service=self.service, country=self.country, who=who))

    def id(self, type_name: str, key: UUID | str) -> str:
        """The global id that clients see."""
        return global_id.encode("BE", type_name, UUID(str(key)))

    async def open(self, *, entitled_until: date | None = date(2026, 12, 31)) -> None:
        """Registers everything, on 5 June 2026."""
        row = await self.do(
            lambda ctx: register_entity(
                ctx,
                name="Coopérative Exemple SC",
                legal_form="SC agréée ES",
                enterprise_number="0896755397",
                vat_number="BE0896755397",
                iban=self.iban,
                street="Rue Coenraets 72",
                post_code="1060",
                city="Bruxelles",
                simulated=True,
                day=date(2026, 6, 5),
            ),
            OPERATOR,
        )
        self.entity = UUID(row.key)
        await self.join(self.member, entitled_until=entitled_until)
        self.buyer = UUID((await self.register_buyer()).key)
        opened = await self.do(
            lambda ctx: open_activity(ctx, entity_id=self.entity, name="Atelier Web"), self.who
        )
        self.activity = UUID(opened.key)

    async def join(self, member: UUID, *, entitled_until: date | None = date(2026, 12, 31)) -> None:
        """What the members service says of somebody who was admitted."""
        admitted = MemberAdmitted(member_id=member, entity_id=self.entity, admitted_on=date(2026, 6, 5))
        await self.do(lambda ctx: member_admitted(ctx, admitted))
        if entitled_until is not None:
            paid = SharesPaid(member_id=member, entity_id=self.entity, entitled_until=entitled_until)
            await self.do(lambda ctx: shares_paid(ctx, paid))

    async def register_buyer(self, **changed: Any) -> Any:
        """A Belgian company."""
        given = {
            "name": "Client SA",
            "street": "Rue de la Loi 1",
            "post_code": "1000",
            "city": "Bruxelles",
            "country": "BE",
            "email": "client@example.org",
            "language": "fr",
            "vat_number": "BE0202239951",
            **changed,
        }
        return await self.do(lambda ctx: register_party(ctx, entity_id=self.entity, **given), self.who)

    async def open_day(self, day: date) -> None:
        """Turns the page of the calendar."""
        await self.do(lambda ctx: open_business_day(ctx, entity_id=self.entity, day=day), OPERATOR)

    async def draft(self, *lines: OrderLineInput, **changed: Any) -> Any:
        """An order of the member."""
        given = {"title": "Site web", "lines": list(lines) or [a_line()], **changed}
        return await self.do(
            lambda ctx: draft_order(ctx, activity_id=self.activity, buyer_id=self.buyer, **given), self.who
        )

    async def send(self, *lines: OrderLineInput, **changed: Any) -> UUID:
        """An order that its buyer has received."""
        order = UUID((await self.draft(*lines, **changed)).key)
        await self.do(lambda ctx: send_order(ctx, order_id=order), self.who)
        return order

    async def token(self, order: UUID) -> str:
        """The last part of the buyer's link."""
        row = await self.pools.read.fetchrow(SQL["order_mail"], order)
        assert row is not None
        link = link_of(row, self.service.links, self.country.time_zone)
        assert link is not None
        return link.rpartition("/")[2]

    async def confirm(self, *lines: OrderLineInput, **changed: Any) -> UUID:
        """An order that its buyer confirmed through the link."""
        order = await self.send(*lines, **changed)
        token = await self.token(order)
        await self.do(
            lambda ctx: confirm_order(ctx, link=token, name="Jeanne Dupont", consent=True), ANONYMOUS
        )
        return order

    async def cover(self, order: UUID) -> None:
        """What the guarantee fund says of an order it stands for."""
        event = OrderCovered(order_id=order, entity_id=self.entity, decided_on=date(2026, 6, 5))
        await self.do(lambda ctx: order_covered(ctx, event))

    async def refuse_cover(self, order: UUID) -> None:
        """What the guarantee fund says of an order it does not stand for."""
        event = OrderNotCovered(
            order_id=order,
            entity_id=self.entity,
            reasons=[
                Reason(rule="buyer_in_time", passed=False),
                Reason(rule="confirmed_by_buyer", passed=True),
            ],
            decided_on=date(2026, 6, 5),
        )
        await self.do(lambda ctx: order_not_covered(ctx, event))

    async def request_contract(self, order: UUID, cost: str, contract: UUID | None = None) -> UUID:
        """What payroll says when a member asks for a contract."""
        event = ContractRequested(
            contract_id=contract or uuid7(),
            order_id=order,
            activity_id=self.activity,
            entity_id=self.entity,
            labor_cost=Money.of(cost, "EUR"),
        )
        await self.do(lambda ctx: contract_requested(ctx, event))
        return event.contract_id

    async def refuse_contract(self, contract: UUID) -> None:
        """What payroll says of a contract that does not go on."""
        event = ContractRefused(contract_id=contract, entity_id=self.entity)
        await self.do(lambda ctx: contract_refused(ctx, event))

    async def compute_payslip(self, contract: UUID, cost: str) -> None:
        """What payroll says when a wage is known."""
        event = PayslipComputed(
            payslip_id=uuid7(),
            contract_id=contract,
            entity_id=self.entity,
            labor_cost=Money.of(cost, "EUR"),
        )
        await self.do(lambda ctx: payslip_computed(ctx, event))

    async def balance(self) -> tuple[str, str]:
        """What is booked on the activity's budget, and what of it is held."""
        [row] = await self.pools.read.fetch(SQL["budgets_by_activity"], [self.activity])
        return str(Money(row["posted"], "EUR").amount), str(Money(row["held"], "EUR").amount)

    async def told(self, key: UUID | str) -> list[str]:
        """The events about a thing, in their order."""
        rows = await self.pools.read.fetch(
            "select type from outbox where agg_id = $1 order by agg_version", UUID(str(key))
        )
        return [row["type"].split(".")[1] for row in rows]

    async def body(self, key: UUID | str, name: str) -> Any:
        """The last event of a name about a thing."""
        return await self.pools.read.fetchval(
            "select data from outbox where agg_id = $1 and type like $2 order by agg_version desc limit 1",
            UUID(str(key)),
            f"%.{name}.%",
        )


@pytest.fixture
async def desk(pools: Pools, belgium: Country, service: Invoicing) -> Desk:
    """A member at work, with a paid share."""
    opened = Desk(pools, belgium, service)
    await opened.open()
    return opened


@pytest.fixture
def fresh_iban() -> Callable[[], str]:
    """Makes an account that no other entity has."""
    return an_iban


@pytest.fixture
def line() -> Callable[..., OrderLineInput]:
    """Makes a line of an order."""
    return a_line


@pytest.fixture
def bank() -> Bank:
    """A bank without any payment yet."""
    return Bank()


@pytest.fixture
async def order(desk: Desk, judge_of_invoices: Validator) -> UUID:
    """An order that its buyer confirmed."""
    return await desk.confirm()


@pytest.fixture
async def invoice(desk: Desk, order: UUID) -> Any:
    """An issued invoice of EUR 1,210 on a covered order."""
    await desk.cover(order)
    await desk.open_day(date(2026, 7, 31))
    made = await desk.do(lambda ctx: issue_invoice(ctx, order_id=order), desk.who)
    await desk.open_day(date(2026, 8, 20))
    return made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def judge_of_invoices(service: Invoicing) -> AsyncIterator[Validator]:
    """The service's validator, started: the real rules from their jars."""
    if not (service.validator.jars_dir / "com" / "helger").is_dir():
        pytest.skip("not run: the rule jars are not here (JARS_DIR)")
    async with service.validator as running:
        yield running


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The simulated outside parties as a program of their own: the address of each."""
    parties = ("IDENTITY", "AUTHORITY", "BANK", "E_INVOICE", "MAIL")
    ports = {party: _free_port() for party in parties}
    environment = {
        **os.environ,
        **{f"{party}_PORT": str(port) for party, port in ports.items()},
        "STATE_DIR": str(tmp_path_factory.mktemp("simulators")),
        "PROFILE": "local",
        "PYTHONPATH": str(ROOT),
    }
    program = subprocess.Popen([sys.executable, "-m", "simulators"], env=environment, cwd=ROOT)
    addresses = {party: f"http://127.0.0.1:{port}" for party, port in ports.items()}
    try:
        _wait_until_ready(addresses["MAIL"], program)
        _wait_until_ready(addresses["E_INVOICE"], program)
        yield addresses
    finally:
        program.terminate()
        program.wait(timeout=SIMULATORS_STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_until_ready(address: str, program: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SIMULATORS_START_SECONDS
    while time.monotonic() < end:
        assert program.poll() is None, "the simulators ended"
        try:
            if httpx.get(f"{address}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the simulators are not ready")

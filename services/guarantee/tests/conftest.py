"""What the tests of this service start from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from commons import ledger
from commons.claims import Claims
from commons.clock import BusinessDayOpened, business_day_opened
from commons.context import Ctx, ctx_factory
from commons.country import Country, load_country
from commons.database import Pools, transaction
from commons.deadlines import Deadlines, meet_one
from commons.money import Money
from commons.testing import a_ctx
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from guarantee.api.schema import schema
from guarantee.app import SERVICE
from guarantee.capabilities.open_fund import open_fund
from guarantee.consumers.entity_registered import entity_registered
from guarantee.consumers.invoice_issued import invoice_issued
from guarantee.consumers.invoice_paid import invoice_paid
from guarantee.consumers.member_admitted import member_admitted
from guarantee.consumers.order_confirmed import order_confirmed
from guarantee.consumers.payslip_computed import payslip_computed
from guarantee.consumers.shares_paid import shares_paid
from guarantee.consumers.wage_paid import wage_paid
from guarantee.deadlines.recovery_due import recovery_due
from guarantee.deadlines.wage_due import wage_due
from guarantee.deadlines.write_off_due import write_off_due
from guarantee.events.consumed import (
    EntityRegistered,
    InvoiceIssued,
    InvoicePaid,
    MemberAdmitted,
    OrderConfirmed,
    PayslipComputed,
    SharesPaid,
    WagePaid,
)


@pytest.fixture(scope="session")
def migrations() -> Sequence[Path]:
    """All migrations of this service."""
    return SERVICE.migrations


@pytest.fixture(scope="session")
def belgium() -> Country:
    """The country with its law."""
    return load_country("be")


@pytest.fixture(scope="module")
def api(pools: Pools, belgium: Country) -> AskedApi:
    """This service's GraphQL on the module's database."""
    return AskedApi(schema, pools=pools, country=belgium, name="guarantee")


@dataclass
class Cell:
    """One entity of a test's own with a member and a client, and what happens to it, as the worker would do it."""

    pools: Pools
    country: Country
    entity: UUID = field(default_factory=uuid7)
    member: UUID = field(default_factory=uuid7)
    buyer: UUID = field(default_factory=uuid7)
    activity: UUID = field(default_factory=uuid7)

    async def do(self, work: Callable[[Ctx], Awaitable[Any]], who: str = "system") -> None:
        """Something in a transaction of its own."""
        async with transaction(self.pools.write) as db:
            await work(a_ctx(db, country=self.country, who=Claims(subject=who)))

    async def register(self) -> None:
        """A simulated entity on 5 June 2026, with a member whose share is paid."""
        entity = EntityRegistered(
            entity_id=self.entity,
            name="Coopérative d'essai",
            legal_form="SC agréée ES",
            currency="EUR",
            simulated=True,
            day=date(2026, 6, 5),
        )
        admitted = MemberAdmitted(member_id=self.member, entity_id=self.entity, admitted_on=date(2026, 6, 5))
        shares = SharesPaid(member_id=self.member, entity_id=self.entity, entitled_until=date(2026, 12, 31))
        await self.do(lambda ctx: entity_registered(ctx, entity))
        await self.do(lambda ctx: member_admitted(ctx, admitted))
        await self.do(lambda ctx: shares_paid(ctx, shares))

    async def open_fund(self, endowment: str = "10000.00") -> None:
        """Its fund, with money."""
        await self.do(lambda ctx: open_fund(ctx, entity_id=self.entity, endowment=eur(endowment)))

    async def confirm_order(self, **changes: Any) -> UUID:
        """An order of EUR 1,000 that the buyer confirmed; its id."""
        event = self.order_confirmed(**changes)
        await self.do(lambda ctx: order_confirmed(ctx, event))
        return event.order_id

    def order_confirmed(self, **changes: Any) -> OrderConfirmed:
        """The confirmation of an order."""
        facts = {
            "order_id": uuid7(),
            "entity_id": self.entity,
            "activity_id": self.activity,
            "member_id": self.member,
            "buyer_id": self.buyer,
            "buyer_country": "BE",
            "confirmed_by": "buyer",
            "price": eur("1000.00"),
            "contribution": eur("65.00"),
            "confirmed_on": date(2026, 6, 15),
        }
        return OrderConfirmed(**{**facts, **changes})

    async def issue_invoice(self, order: UUID, **changes: Any) -> UUID:
        """An invoice of EUR 1,000 and VAT; its id."""
        facts = {
            "invoice_id": uuid7(),
            "number": "2026-1",
            "order_id": order,
            "entity_id": self.entity,
            "total_without_vat": eur("1000.00"),
            "total_with_vat": eur("1210.00"),
            "contribution": eur("65.00"),
        }
        event = InvoiceIssued(**{**facts, **changes})
        await self.do(lambda ctx: invoice_issued(ctx, event))
        return event.invoice_id

    async def pay_invoice(
        self, order: UUID, invoice: UUID, amount: str = "1210.00", day: date = date(2026, 8, 20)
    ) -> None:
        """The client has paid so much on an invoice in all."""
        event = InvoicePaid(
            invoice_id=invoice, order_id=order, entity_id=self.entity, amount=eur(amount), paid_on=day
        )
        await self.do(lambda ctx: invoice_paid(ctx, event))

    async def compute_payslip(self, order: UUID, **changes: Any) -> UUID:
        """A payslip of EUR 935 labor cost, due on 8 August; its id."""
        event = self.payslip_computed(order, **changes)
        await self.do(lambda ctx: payslip_computed(ctx, event))
        return event.payslip_id

    def payslip_computed(self, order: UUID, **changes: Any) -> PayslipComputed:
        """The computation of a payslip."""
        facts = {
            "payslip_id": uuid7(),
            "contract_id": uuid7(),
            "order_id": order,
            "entity_id": self.entity,
            "member_id": self.member,
            "labor_cost": eur("935.00"),
            "due_date": date(2026, 8, 8),
            "computed_on": date(2026, 7, 31),
        }
        return PayslipComputed(**{**facts, **changes})

    async def pay_wage(self, payslip: UUID) -> None:
        """The bank paid a wage out."""
        event = WagePaid(payslip_id=payslip, entity_id=self.entity, paid_on=date(2026, 8, 10))
        await self.do(lambda ctx: wage_paid(ctx, event))

    async def open_day(self, day: date) -> None:
        """Turn the page, and meet what is due."""
        event = BusinessDayOpened(entity_id=self.entity, day=day)
        await self.do(lambda ctx: business_day_opened(ctx, event))
        await self.meet_deadlines()

    async def meet_deadlines(self) -> None:
        """Meet everything that is due, as the worker would."""
        meeting = Deadlines(
            self.pools.write,
            {"wage_due": wage_due, "recovery_due": recovery_due, "write_off_due": write_off_due},
            ctx_factory(country=self.country, service=None),
        )
        while await meet_one(meeting):
            pass

    async def told(self, about: UUID) -> list[str]:
        """The names of the events of one aggregate."""
        rows = await self.pools.read.fetch(
            "select type from outbox where agg_id = $1 order by agg_version", about
        )
        return [row["type"].split(".")[1] for row in rows]

    async def bodies(self, name: str) -> list[dict[str, Any]]:
        """What the events of a name say, about this entity."""
        rows = await self.pools.read.fetch(
            "select data from outbox where type = $1 and data->>'entity_id' = $2 order by seq",
            f"guarantee.{name}.v1",
            str(self.entity),
        )
        return [row["data"] for row in rows]

    async def wage(self, payslip: UUID) -> dict[str, Any]:
        """The row of a wage."""
        row = await self.pools.read.fetchrow("select * from wage_process where payslip_id = $1", payslip)
        assert row is not None
        return dict(row)

    async def exposure(self) -> str:
        """What the fund may lose, in all."""
        minor = await self.pools.read.fetchval(
            "select sum(exposure_minor)::bigint from confirmed_order where entity_id = $1", self.entity
        )
        return str(Money(minor or 0, "EUR").amount)

    async def fund(self) -> tuple[str, str]:
        """What is in the fund, and what of it is held."""
        return await self._balance("fund")

    async def receivable(self) -> str:
        """What clients owe the fund."""
        return (await self._balance("advances_receivable"))[0]

    async def _balance(self, account: str) -> tuple[str, str]:
        async with transaction(self.pools.write) as db:
            key = await db.fetchval(
                "select id from ledger.account where code = $1", f"{self.entity}:{account}"
            )
            found = await ledger.balance(db, key)
        return str(found.posted.amount), str(found.held.amount)

    async def check_books(self) -> None:
        """The ledger is whole, and says of every wage what its promise says."""
        async with transaction(self.pools.write) as db:
            assert await ledger.check_invariants(db) == []
            differing = await db.fetch(
                """
                select w.payslip_id
                from wage_process w
                left join advance a on a.payslip_id = w.payslip_id
                left join lateral (
                  select coalesce(sum(amount_minor), 0) as minor from recovery r where r.advance_id = a.id
                ) as back on true
                where w.advanced_minor <> coalesce(a.amount_minor, 0)
                   or w.recovered_minor <> back.minor
                   or (a.id is not null) <> (w.source is not distinct from 'advance')
                """
            )
            assert differing == []


def eur(amount: str) -> Money:
    """Euros."""
    return Money.of(amount, "EUR")


@pytest.fixture
async def cell(pools: Pools, belgium: Country) -> Cell:
    """An entity with a member, without a fund."""
    made = Cell(pools, belgium)
    await made.register()
    return made


@pytest.fixture
async def funded(cell: Cell) -> Cell:
    """An entity with a member and a fund of EUR 10,000."""
    await cell.open_fund()
    return cell

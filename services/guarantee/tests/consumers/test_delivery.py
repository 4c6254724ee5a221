"""The wage process behind the real inbox: whatever the order of arrival, every wage is funded once."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from commons.cloudevents import Envelope
from commons.context import ctx_factory
from commons.country import Country
from commons.database import Pools
from commons.deadlines import Deadlines, meet_one
from commons.events import load_consumers
from commons.inbox import Inbox, Outcome
from commons.parked import retry_due
from commons.testing import SetClock
from commons.uuid7 import uuid7
from guarantee import consumers
from guarantee.deadlines.recovery_due import recovery_due
from guarantee.deadlines.wage_due import wage_due

ROUNDS_MAX = 40
HANDLERS = load_consumers(consumers)


def eur(minor: int) -> dict[str, str]:
    return {"minor": str(minor), "currency": "EUR"}


class Story:
    """The events that other services publish about one order of one member, by aggregate."""

    def __init__(self, cell: Any) -> None:
        self.order, self.invoice, self.payslip = uuid7(), uuid7(), uuid7()
        of_entity = {"entity_id": cell.entity}
        of_order = {**of_entity, "order_id": self.order}
        of_wage = {**of_order, "payslip_id": self.payslip, "contract_id": uuid7(), "amount": eur(80_000)}
        of_member = {**of_entity, "member_id": cell.member}
        self.keys: list[list[Envelope]] = [
            _key(
                "invoicing",
                "Entity",
                cell.entity,
                ("EntityRegistered", {**of_entity, "name": "E", "legal_form": "SC", "currency": "EUR",
                                      "simulated": True, "day": "2026-06-05"}),
                ("BusinessDayOpened", {**of_entity, "day": "2026-06-15"}),
                ("BusinessDayOpened", {**of_entity, "day": "2026-07-31"}),
                ("BusinessDayOpened", {**of_entity, "day": "2026-08-08"}),
                ("BusinessDayOpened", {**of_entity, "day": "2026-08-20"}),
            ),
            _key(
                "members",
                "Member",
                cell.member,
                ("ShareSubscribed", of_member),
                ("MemberAdmitted", {**of_member, "admitted_on": "2026-06-08"}),
                ("SharesPaid", {**of_member, "entitled_until": "2026-12-31"}),
            ),
            _key(
                "invoicing",
                "Order",
                self.order,
                ("OrderConfirmed", {**of_order, "activity_id": uuid7(), "member_id": cell.member,
                                    "buyer_id": uuid7(), "buyer_country": "BE", "confirmed_by": "buyer",
                                    "price": eur(100_000), "contribution": eur(6_500),
                                    "confirmed_on": "2026-06-15"}),
            ),
            _key(
                "invoicing",
                "Invoice",
                self.invoice,
                ("InvoiceIssued", {**of_order, "invoice_id": self.invoice, "number": "2026-1",
                                   "total_without_vat": eur(100_000), "total_with_vat": eur(121_000),
                                   "contribution": eur(6_500)}),
                ("ContributionLevied", {**of_entity, "invoice_id": self.invoice, "amount": eur(6_500),
                                        "levied_on": "2026-07-31"}),
                ("InvoicePaid", {**of_order, "invoice_id": self.invoice, "amount": eur(121_000),
                                 "paid_on": "2026-08-20"}),
            ),
            _key(
                "payroll",
                "Payslip",
                self.payslip,
                ("PayslipComputed", {**of_wage, "member_id": cell.member, "labor_cost": eur(93_500),
                                     "due_date": "2026-08-08", "computed_on": "2026-07-31"}),
                ("WagePaid", {**of_wage, "paid_on": "2026-08-10"}),
                ("WageReturned", {**of_wage, "reason": "AC04", "returned_on": "2026-08-11"}),
                ("WagePaid", {**of_wage, "paid_on": "2026-08-12"}),
            ),
        ]  # fmt: skip

    def shuffled(self, chance: random.Random) -> list[Envelope]:
        """All of them, each aggregate in order, some twice."""
        queues = [list(key) for key in self.keys]
        arriving: list[Envelope] = []
        while any(queues):
            queue = chance.choice([queue for queue in queues if queue])
            arriving.append(queue.pop(0))
            if chance.random() < 0.3:
                arriving.append(chance.choice(arriving))
        return arriving


def _key(service: str, kind: str, key: UUID, *events: tuple[str, dict[str, Any]]) -> list[Envelope]:
    return [
        Envelope(
            id=uuid7(),
            topic=f"be.{service}.v1",
            type=f"{service}.{name}.v1",
            agg_type=kind,
            agg_id=key,
            agg_version=version,
            created=datetime.now(UTC),
            data={field: str(value) if isinstance(value, UUID) else value for field, value in body.items()},
            headers={},
        )
        for version, (name, body) in enumerate(events, 1)
    ]


class Receiver:
    """This service's worker without a broker: its inbox, what is parked, its deadlines, a clock to move."""

    def __init__(self, pools: Pools, country: Country) -> None:
        self.clock = SetClock(datetime.now(UTC))
        make_ctx = ctx_factory(country=country, service=None, clock=self.clock)
        self.inbox = Inbox("guarantee", pools.write, HANDLERS, make_ctx, self.clock)
        handlers = {"wage_due": wage_due, "recovery_due": recovery_due}
        self.deadlines = Deadlines(pools.write, handlers, make_ctx, self.clock)
        self.pools = pools

    async def catch_up(self) -> None:
        """Try again what waits and meet what is due, while time passes."""
        self.clock.advance(600)
        await retry_due(self.inbox)
        while await meet_one(self.deadlines):
            pass

    async def parked(self) -> int:
        """How many events wait."""
        return int(await self.pools.read.fetchval("select count(*) from parked"))


@pytest.mark.parametrize("seed", range(8))
async def test_in_any_order_across_keys_and_with_repetitions_a_wage_is_funded_once_and_nothing_is_lost(
    pools: Pools, belgium: Country, cell: Any, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  (repeatable on purpose)
    cell.entity, cell.member = uuid7(), uuid7()
    story, receiver = Story(cell), Receiver(pools, belgium)
    is_open = False
    for event in story.shuffled(chance):
        await receiver.inbox.take([event])
        if chance.random() < 0.3:
            await receiver.catch_up()
        known = await pools.read.fetchval("select true from entity where id = $1", cell.entity)
        if known and not is_open and chance.random() < 0.2:
            await cell.open_fund()
            is_open = True
    if not is_open:
        await cell.open_fund()
    for _ in range(ROUNDS_MAX):
        await receiver.catch_up()
    assert await receiver.parked() == 0

    assert await cell.told(story.order) == ["OrderCovered"]
    assert await cell.told(story.payslip) == ["WageFunded"]
    wage = await cell.wage(story.payslip)
    advances = await cell.bodies("AdvanceGranted")
    assert wage["source"] == ("advance" if advances else "collection")
    assert wage["state"] == ("recovered" if advances else "settled")
    assert wage["is_wage_paid"]
    assert (await cell.fund(), await cell.receivable()) == (("10016.25", "0.00"), "0.00")
    assert await cell.exposure() == "0.00"
    await cell.check_books()

    again = [event for key in story.keys for event in key]
    outcomes = [outcome for event in again for outcome in await receiver.inbox.take([event])]
    assert set(outcomes) == {Outcome.DUPLICATE}
    assert await cell.fund() == ("10016.25", "0.00")


async def test_the_story_as_it_happens(pools: Pools, belgium: Country, cell: Any) -> None:
    cell.entity, cell.member = uuid7(), uuid7()
    story, receiver = Story(cell), Receiver(pools, belgium)
    entity, member, order, invoice, payslip = story.keys
    await receiver.inbox.take(entity[:2])
    await cell.open_fund()
    await receiver.inbox.take(member)
    await receiver.inbox.take(order)
    await receiver.inbox.take(entity[2:3])
    await receiver.inbox.take(invoice[:2])
    await receiver.inbox.take(payslip[:1])
    assert await cell.fund() == ("10016.25", "935.00")
    await receiver.inbox.take(entity[3:4])
    await receiver.catch_up()
    assert (await cell.fund(), await cell.receivable()) == (("9081.25", "0.00"), "935.00")
    await receiver.inbox.take(payslip[1:2])
    await receiver.inbox.take(entity[4:])
    await receiver.inbox.take(invoice[2:])
    assert (await cell.fund(), await cell.receivable()) == (("10016.25", "0.00"), "0.00")
    assert await receiver.parked() == 0
    [funded] = await cell.bodies("WageFunded")
    assert (funded["source"], funded["funded_on"]) == ("advance", "2026-08-08")
    [recovered] = await cell.bodies("AdvanceRecovered")
    assert recovered["recovered_on"] == "2026-08-20"
    await cell.check_books()

"""Several workers at the same wages: locks decide who is first, and the books are the same."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from commons.clock import BusinessDayOpened, business_day_opened
from commons.database import transaction
from commons.money import Money
from commons.testing import a_ctx
from commons.uuid7 import uuid7
from guarantee.capabilities.collect_payment import collect_payment
from guarantee.capabilities.open_fund import open_fund
from guarantee.consumers.contribution_levied import contribution_levied
from guarantee.events.consumed import ContributionLevied

ORDERS = 8


async def test_due_dates_and_payments_at_the_same_moment_fund_every_wage_once(funded: Any) -> None:
    orders = await asyncio.gather(*(funded.confirm_order() for _ in range(ORDERS)))
    invoices = await asyncio.gather(*(funded.issue_invoice(order) for order in orders))
    payslips = await asyncio.gather(*(funded.compute_payslip(order) for order in orders))
    assert await funded.fund() == ("10000.00", "7480.00")
    day = BusinessDayOpened(entity_id=funded.entity, day=date(2026, 8, 8))
    await funded.do(lambda ctx: business_day_opened(ctx, day))
    paying = [funded.pay_invoice(*pair) for pair in zip(orders, invoices, strict=True)]
    await asyncio.gather(*paying, funded.meet_deadlines(), funded.meet_deadlines())
    for payslip in payslips:
        assert await funded.told(payslip) == ["WageFunded"]
    assert (await funded.fund(), await funded.receivable()) == (("10000.00", "0.00"), "0.00")
    assert await funded.exposure() == "0.00"
    await funded.check_books()


async def test_two_payments_on_one_order_wait_for_each_other(funded: Any) -> None:
    order = await funded.confirm_order()
    first, second = [await funded.issue_invoice(order) for _ in range(2)]
    payslip = await funded.compute_payslip(order)
    await funded.open_day(date(2026, 8, 8))
    facts = {"order_id": order, "paid_on": date(2026, 8, 20)}
    async with transaction(funded.pools.write) as db:
        ctx = a_ctx(db, country=funded.country)
        amount = Money.of("300.00", "EUR")
        await collect_payment(ctx, invoice_id=first, paid_in_all=amount, **facts)
        other = asyncio.create_task(funded.pay_invoice(order, second, "200.00"))
        await asyncio.wait([other], timeout=0.2)
        assert not other.done()
    await other
    assert (await funded.wage(payslip))["recovered_minor"] == 50_000
    assert await funded.receivable() == "435.00"
    await funded.check_books()


async def test_verdicts_given_at_the_same_moment_count_each_other(funded: Any) -> None:
    price, contribution = Money.of("50000.00", "EUR"), Money.of("3250.00", "EUR")
    await asyncio.gather(*(funded.confirm_order(price=price, contribution=contribution) for _ in range(4)))
    assert len(await funded.bodies("OrderCovered")) == 1
    assert len(await funded.bodies("OrderNotCovered")) == 3


async def test_one_payslip_heard_of_twice_at_the_same_moment_is_one_wage(funded: Any) -> None:
    order = await funded.confirm_order()
    payslip = uuid7()
    await asyncio.gather(*(funded.compute_payslip(order, payslip_id=payslip) for _ in range(4)))
    assert await funded.fund() == ("10000.00", "935.00")
    await funded.check_books()


async def test_a_contribution_and_the_opening_of_the_fund_at_the_same_moment_lose_nothing(cell: Any) -> None:
    event = ContributionLevied.model_validate(
        {
            "invoice_id": uuid7(),
            "entity_id": cell.entity,
            "amount": {"minor": "6500", "currency": "EUR"},
            "levied_on": date(2026, 7, 31),
        }
    )
    async with transaction(cell.pools.write) as db:
        await open_fund(
            a_ctx(db, country=cell.country), entity_id=cell.entity, endowment=Money.of("100.00", "EUR")
        )
        other = asyncio.create_task(cell.do(lambda ctx: contribution_levied(ctx, event)))
        await asyncio.wait([other], timeout=0.2)
    await other
    assert await cell.fund() == ("116.25", "0.00")

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from commons.money import Money
from commons.uuid7 import uuid7
from guarantee.consumers.order_cancelled import order_cancelled
from guarantee.events.consumed import OrderCancelled


async def cancel(cell: Any, order: UUID) -> None:
    event = OrderCancelled(order_id=order, entity_id=cell.entity, cancelled_on=date(2026, 6, 20))
    await cell.do(lambda ctx: order_cancelled(ctx, event))


async def test_an_order_cancelled_before_the_work_leaves_the_fund_nothing_to_stand_for(funded: Any) -> None:
    order = await funded.confirm_order()
    for _ in range(2):
        await cancel(funded, order)
    assert await funded.exposure() == "0.00"


async def test_a_wage_of_work_already_done_is_paid_and_then_claimed(funded: Any) -> None:
    order = await funded.confirm_order()
    payslip = await funded.compute_payslip(order)
    await cancel(funded, order)
    assert await funded.fund() == ("10000.00", "0.00")
    await funded.open_day(date(2026, 8, 8))
    assert (await funded.wage(payslip))["state"] == "recovery_opened"
    assert await funded.told(payslip) == ["WageFunded"]
    assert await funded.fund() == ("9065.00", "0.00")
    await funded.check_books()


async def test_of_an_order_cancelled_during_the_work_the_fund_stands_for_the_part_done(funded: Any) -> None:
    order = await funded.confirm_order()
    assert await funded.exposure() == "935.00"
    event = OrderCancelled(
        order_id=order,
        entity_id=funded.entity,
        cancelled_on=date(2026, 7, 10),
        price=Money.of("400.00", "EUR"),
        contribution=Money.of("26.00", "EUR"),
    )
    for _ in range(2):
        await funded.do(lambda ctx: order_cancelled(ctx, event))
    assert await funded.exposure() == "374.00"
    payslip = await funded.compute_payslip(order, labor_cost=Money.of("350.00", "EUR"))
    assert await funded.fund() == ("10000.00", "350.00")
    invoice = await funded.issue_invoice(
        order,
        total_without_vat=Money.of("400.00", "EUR"),
        total_with_vat=Money.of("484.00", "EUR"),
        contribution=Money.of("26.00", "EUR"),
    )
    await funded.open_day(date(2026, 8, 8))
    await funded.pay_wage(payslip)
    # The client is not claimed for being late: it pays, and the advance comes back.
    assert (await funded.wage(payslip))["state"] == "paid"
    await funded.pay_invoice(order, invoice, "484.00")
    assert (await funded.wage(payslip))["state"] == "recovered"
    assert await funded.exposure() == "0.00"
    await funded.check_books()


async def test_a_payslip_after_the_cancellation_is_honored_too(funded: Any) -> None:
    order = await funded.confirm_order()
    await cancel(funded, order)
    first = await funded.compute_payslip(order)
    second = await funded.compute_payslip(order)
    await funded.open_day(date(2026, 8, 8))
    for payslip in (first, second):
        assert await funded.told(payslip) == ["WageFunded"]
    await funded.check_books()


async def test_an_order_that_was_never_confirmed_has_nothing_to_release(funded: Any) -> None:
    await cancel(funded, uuid7())

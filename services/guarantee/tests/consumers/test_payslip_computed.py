from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from commons.events import NotYet
from commons.money import Money
from commons.uuid7 import uuid7
from guarantee.consumers.payslip_computed import payslip_computed

DUE = date(2026, 8, 8)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


async def test_the_labor_cost_is_held_until_the_wage_is_due(funded: Any) -> None:
    order = await funded.confirm_order()
    payslip = await funded.compute_payslip(order)
    assert await funded.fund() == ("10000.00", "935.00")
    deadline = await funded.pools.read.fetchrow(
        "select due_date, entity_id from deadline where key = $1", f"wage_due:{payslip}"
    )
    assert deadline is not None
    assert (deadline["due_date"], deadline["entity_id"]) == (DUE, funded.entity)
    assert await funded.told(payslip) == []
    await funded.check_books()


async def test_hearing_of_a_payslip_again_holds_nothing_more(funded: Any) -> None:
    order = await funded.confirm_order()
    event = funded.payslip_computed(order)
    for _ in range(2):
        await funded.do(lambda ctx: payslip_computed(ctx, event))
    assert await funded.fund() == ("10000.00", "935.00")


async def test_a_payslip_waits_for_the_verdict_on_its_order(funded: Any) -> None:
    with pytest.raises(NotYet):
        await funded.compute_payslip(uuid7())


async def test_two_wages_of_one_order_are_two_promises(funded: Any) -> None:
    order = await funded.confirm_order()
    await funded.compute_payslip(order, labor_cost=eur("500.00"))
    await funded.compute_payslip(order, labor_cost=eur("435.00"))
    assert await funded.fund() == ("10000.00", "935.00")
    await funded.open_day(DUE)
    assert len(await funded.bodies("AdvanceGranted")) == 2
    assert await funded.fund() == ("9065.00", "0.00")
    await funded.check_books()


async def test_without_cover_a_wage_is_paid_from_collected_money_and_holds_nothing(funded: Any) -> None:
    order = await funded.confirm_order(buyer_country="CH")
    payslip = await funded.compute_payslip(order)
    assert await funded.fund() == ("10000.00", "0.00")
    await funded.open_day(DUE)
    assert (await funded.wage(payslip))["source"] == "collection"


async def test_a_wage_that_the_fund_cannot_hold_is_kept_and_funded_when_it_can(cell: Any) -> None:
    order = await cell.confirm_order()
    payslip = await cell.compute_payslip(order)
    wage = await cell.wage(payslip)
    assert (wage["state"], wage["held_minor"], wage["hold_id"]) == ("wage_due", 93500, None)
    await cell.open_day(DUE)
    assert await cell.told(payslip) == []
    failing = await cell.pools.read.fetchrow(
        "select attempts, error from deadline where key = $1 and done_at is null", f"wage_due:{payslip}"
    )
    assert failing is not None
    assert failing["attempts"] == 1
    assert "UnknownAccount" in failing["error"]
    await cell.open_fund()
    await cell.pools.write.execute(
        "update deadline set next_at = clock_timestamp() where key = $1", f"wage_due:{payslip}"
    )
    await cell.meet_deadlines()
    assert await cell.told(payslip) == ["WageFunded"]
    assert await cell.fund() == ("9065.00", "0.00")
    await cell.check_books()


async def test_a_fund_at_its_floor_holds_no_more_and_a_payment_in_time_needs_none_of_it(cell: Any) -> None:
    await cell.open_fund("0.00")
    order = await cell.confirm_order()
    too_much = eur("1000000.01")  # a cent beyond what working capital allows
    payslip = await cell.compute_payslip(order, labor_cost=too_much)
    assert (await cell.wage(payslip))["hold_id"] is None
    assert await cell.fund() == ("0.00", "0.00")
    invoice = await cell.issue_invoice(
        order, total_without_vat=too_much, total_with_vat=too_much, contribution=eur("0.00")
    )
    await cell.pay_invoice(order, invoice, "1000000.01", day=date(2026, 8, 1))
    await cell.open_day(DUE)
    assert (await cell.wage(payslip))["source"] == "collection"
    await cell.check_books()


async def test_the_database_keeps_one_promise_a_payslip_and_one_that_waits_an_order(funded: Any) -> None:
    order = await funded.confirm_order()
    payslip = await funded.compute_payslip(order)
    copy = """
    insert into wage_process
    select (jsonb_populate_record(w, jsonb_build_object('id', $2::uuid))).*
    from wage_process w where payslip_id = $1
    """
    with pytest.raises(Exception, match="one_process_per_payslip"):
        await funded.pools.write.execute(copy, payslip, uuid7())
    other = await funded.confirm_order()
    with pytest.raises(Exception, match="one_wage_waits"):
        await funded.pools.write.execute(copy.replace("payslip_id = $1", "order_id = $1"), other, uuid7())

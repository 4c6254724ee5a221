from __future__ import annotations

from datetime import date
from typing import Any

import pytest

DUE = date(2026, 8, 8)


async def test_an_unpaid_invoice_on_the_due_date_makes_the_fund_advance_the_wage(funded: Any) -> None:
    order = await funded.confirm_order()
    await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(date(2026, 8, 7))
    assert await funded.told(payslip) == []
    await funded.open_day(DUE)
    [advance] = await funded.bodies("AdvanceGranted")
    assert advance["payslip_id"] == str(payslip)
    assert (advance["amount"]["minor"], advance["granted_on"]) == ("93500", "2026-08-08")
    [wage] = await funded.bodies("WageFunded")
    assert (wage["source"], wage["amount"]["minor"]) == ("advance", "93500")
    assert (wage["due_date"], wage["order_id"]) == ("2026-08-08", str(order))
    assert (await funded.fund(), await funded.receivable()) == (("9065.00", "0.00"), "935.00")
    await funded.check_books()


async def test_a_paid_invoice_on_the_due_date_leaves_the_fund_alone(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await funded.compute_payslip(order)
    await funded.pay_invoice(order, invoice, day=date(2026, 8, 3))
    await funded.open_day(DUE)
    [wage] = await funded.bodies("WageFunded")
    assert wage["source"] == "collection"
    assert await funded.bodies("AdvanceGranted") == []
    assert await funded.fund() == ("10000.00", "0.00")
    await funded.check_books()


async def test_a_part_paid_before_the_due_date_comes_back_to_the_fund_that_day(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await funded.compute_payslip(order)
    await funded.pay_invoice(order, invoice, "400.00", day=date(2026, 8, 3))
    await funded.open_day(DUE)
    [recovered] = await funded.bodies("AdvanceRecovered")
    assert recovered["amount"]["minor"] == "40000"
    assert await funded.receivable() == "535.00"
    await funded.check_books()


async def test_a_wage_computed_after_its_due_date_is_funded_at_once(funded: Any) -> None:
    order = await funded.confirm_order()
    await funded.open_day(date(2026, 8, 12))
    payslip = await funded.compute_payslip(order, computed_on=date(2026, 8, 12))
    await funded.meet_deadlines()
    [wage] = await funded.bodies("WageFunded")
    assert (wage["payslip_id"], wage["funded_on"]) == (str(payslip), "2026-08-12")


async def test_a_wage_is_funded_once_however_often_its_day_is_met(funded: Any) -> None:
    order = await funded.confirm_order()
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    await funded.open_day(date(2026, 8, 9))
    assert await funded.told(payslip) == ["WageFunded"]
    with pytest.raises(Exception, match="one_advance_per_payslip"):
        await funded.pools.write.execute(
            "insert into advance select $2, payslip_id, order_id, entity_id, 1, currency, granted_on "
            "from advance where payslip_id = $1",
            payslip,
            order,
        )


async def test_an_advance_that_does_not_come_back_in_sixty_days_is_claimed(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    await funded.open_day(date(2026, 10, 6))
    assert (await funded.wage(payslip))["state"] == "advanced"
    await funded.open_day(date(2026, 10, 7))
    assert (await funded.wage(payslip))["state"] == "recovery_opened"
    await funded.pay_invoice(order, invoice, day=date(2026, 10, 9))
    assert (await funded.wage(payslip))["state"] == "recovered"
    await funded.check_books()


async def test_an_advance_that_came_back_is_not_claimed(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    await funded.pay_invoice(order, invoice)
    await funded.open_day(date(2026, 10, 7))
    assert (await funded.wage(payslip))["state"] == "recovered"

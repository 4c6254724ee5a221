from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from commons.events import NotYet
from commons.money import Money
from commons.uuid7 import uuid7

DUE = date(2026, 8, 8)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


async def test_a_client_who_pays_late_brings_the_advance_back(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    await funded.open_day(date(2026, 8, 20))
    for _ in range(2):
        await funded.pay_invoice(order, invoice)
    [recovered] = await funded.bodies("AdvanceRecovered")
    assert recovered["amount"] == {"minor": "93500", "currency": "EUR"}
    assert recovered["recovered_on"] == "2026-08-20"
    assert (await funded.wage(payslip))["state"] == "recovered"
    assert (await funded.fund(), await funded.receivable()) == (("10000.00", "0.00"), "0.00")
    assert await funded.exposure() == "0.00"
    await funded.check_books()


async def test_a_client_who_pays_in_parts_brings_it_back_in_parts(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await funded.compute_payslip(order)
    await funded.open_day(DUE)
    for _ in range(2):
        await funded.pay_invoice(order, invoice, "400.00")
    assert (await funded.fund(), await funded.receivable()) == (("9465.00", "0.00"), "535.00")
    assert await funded.exposure() == "535.00"
    await funded.pay_invoice(order, invoice, "1210.00")
    assert [each["amount"]["minor"] for each in await funded.bodies("AdvanceRecovered")] == ["40000", "53500"]
    assert await funded.receivable() == "0.00"
    await funded.check_books()


async def test_a_client_who_pays_in_time_frees_what_was_held(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    payslip = await funded.compute_payslip(order)
    assert await funded.fund() == ("10000.00", "935.00")
    await funded.pay_invoice(order, invoice, day=date(2026, 8, 1))
    assert await funded.fund() == ("10000.00", "0.00")
    assert await funded.told(payslip) == []
    await funded.open_day(DUE)
    [wage] = await funded.bodies("WageFunded")
    assert (wage["source"], wage["funded_on"]) == ("collection", "2026-08-08")
    await funded.check_books()


async def test_vat_and_contribution_are_no_money_for_wages(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    first = await funded.compute_payslip(order, labor_cost=eur("900.00"))
    await funded.pay_invoice(order, invoice, day=date(2026, 8, 1))
    second = await funded.compute_payslip(order, labor_cost=eur("100.00"))
    await funded.open_day(DUE)
    assert (await funded.wage(first))["source"] == "collection"
    wage = await funded.wage(second)
    assert (wage["source"], wage["recovered_minor"]) == ("advance", 3500)
    assert await funded.receivable() == "65.00"
    await funded.check_books()


async def test_a_deposit_pays_the_wage_that_comes_after_it(funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await funded.pay_invoice(order, invoice, day=date(2026, 6, 20))
    payslip = await funded.compute_payslip(order, labor_cost=eur("900.00"))
    assert (await funded.wage(payslip))["state"] == "wage_due_collected"
    assert await funded.fund() == ("10000.00", "0.00")
    left = await funded.pools.read.fetchval(
        "select collected_minor from wage_process where order_id = $1 and payslip_id is null", order
    )
    assert left == 3500


async def test_a_payment_waits_for_its_order_and_its_invoice(funded: Any) -> None:
    order, invoice = uuid7(), uuid7()
    with pytest.raises(NotYet):
        await funded.pay_invoice(order, invoice)
    order = await funded.confirm_order()
    with pytest.raises(NotYet):
        await funded.pay_invoice(order, invoice)

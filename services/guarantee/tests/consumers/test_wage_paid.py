from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from commons.events import NotYet
from commons.uuid7 import uuid7

DUE = date(2026, 8, 8)


async def test_a_wage_paid_from_collected_money_settles_its_promise(funded: Any) -> None:
    order = await funded.confirm_order(buyer_country="CH")
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    for _ in range(2):
        await funded.pay_wage(payslip)
    assert (await funded.wage(payslip))["state"] == "settled"


async def test_a_wage_that_was_advanced_is_paid_and_its_advance_stays_open(funded: Any) -> None:
    order = await funded.confirm_order()
    payslip = await funded.compute_payslip(order)
    await funded.open_day(DUE)
    for _ in range(2):
        await funded.pay_wage(payslip)
    assert (await funded.wage(payslip))["state"] == "paid"
    assert await funded.receivable() == "935.00"


async def test_the_news_of_a_payment_waits_for_its_wage_to_be_funded(funded: Any) -> None:
    order = await funded.confirm_order()
    with pytest.raises(NotYet):
        await funded.pay_wage(uuid7())
    payslip = await funded.compute_payslip(order)
    with pytest.raises(NotYet):
        await funded.pay_wage(payslip)

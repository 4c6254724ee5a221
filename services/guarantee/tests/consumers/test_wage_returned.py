from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons.events import NotYet
from commons.uuid7 import uuid7
from guarantee.consumers.wage_returned import wage_returned
from guarantee.events.consumed import WageReturned


async def send_back(cell: Any, payslip: UUID) -> None:
    event = WageReturned(payslip_id=payslip, entity_id=cell.entity, returned_on=date(2026, 8, 11))
    await cell.do(lambda ctx: wage_returned(ctx, event))


async def test_a_wage_sent_back_is_paid_again_and_funded_once(funded: Any) -> None:
    order = await funded.confirm_order()
    payslip = await funded.compute_payslip(order)
    await funded.open_day(date(2026, 8, 8))
    await funded.pay_wage(payslip)
    for _ in range(2):
        await send_back(funded, payslip)
    assert (await funded.wage(payslip))["state"] == "advanced"
    await funded.pay_wage(payslip)
    assert (await funded.wage(payslip))["is_wage_paid"]
    assert await funded.told(payslip) == ["WageFunded"]
    await funded.check_books()


async def test_the_news_of_a_return_waits_for_its_wage(funded: Any) -> None:
    with pytest.raises(NotYet):
        await send_back(funded, uuid7())

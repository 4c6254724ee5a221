from __future__ import annotations

from datetime import date
from uuid import UUID

from tests.an_office import Office, cancel_order, state_of

from commons.uuid7 import uuid7
from payroll.consumers.order_cancelled import order_cancelled
from payroll.events.consumed import OrderCancelled


async def test_work_that_has_begun_is_paid_whoever_cancels_the_order(office: Office, entity: UUID) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await cancel_order(office, contract, date(2026, 7, 10))
    assert (await state_of(office, contract))["refused_on"] is None
    await office.open_day(entity, date(2026, 7, 31))
    assert await office.payslip_of(contract) is not None


async def test_an_order_that_was_never_confirmed_is_cancelled_without_a_trace(
    office: Office, entity: UUID
) -> None:
    event = OrderCancelled(order_id=uuid7(), entity_id=entity, cancelled_on=date(2026, 6, 20))
    await office.run(lambda ctx: order_cancelled(ctx, event))

from __future__ import annotations

from uuid import UUID

from tests.an_office import Office

from commons.uuid7 import uuid7
from payroll.consumers.order_confirmed import order_confirmed
from payroll.events.consumed import OrderConfirmed


async def test_a_confirmed_order_is_known_once_however_often_it_is_told(office: Office, entity: UUID) -> None:
    event = OrderConfirmed.model_validate(
        {
            "order_id": uuid7(),
            "entity_id": entity,
            "activity_id": uuid7(),
            "member_id": uuid7(),
            "buyer_id": uuid7(),
            "start_date": "2026-07-01",
            "end_date": "2026-07-31",
            "confirmed_on": "2026-06-15",
        }
    )
    await office.run(lambda ctx: order_confirmed(ctx, event))
    await office.run(lambda ctx: order_confirmed(ctx, event))
    known = "select count(*) from confirmed_order where id = $1"
    assert await office.pools.read.fetchval(known, event.order_id) == 1

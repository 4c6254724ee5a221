from __future__ import annotations

from datetime import date
from typing import Any

from commons.uuid7 import uuid7
from invoicing.consumers.shares_paid import shares_paid
from invoicing.events.consumed import SharesPaid

STANDING = "select admitted_on, entitled_until from member_standing where member_id = $1 and entity_id = $2"


async def test_the_latest_day_counts_in_whatever_order_payments_are_heard(desk: Any) -> None:
    member = uuid7()
    for until in (date(2027, 12, 31), date(2026, 12, 31)):
        event = SharesPaid(member_id=member, entity_id=desk.entity, entitled_until=until)
        await desk.do(lambda ctx, event=event: shares_paid(ctx, event))
    row = await desk.pools.read.fetchrow(STANDING, member, desk.entity)
    assert (row["admitted_on"], row["entitled_until"]) == (None, date(2027, 12, 31))

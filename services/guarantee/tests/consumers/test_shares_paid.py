from __future__ import annotations

from datetime import date
from typing import Any

from guarantee.consumers.shares_paid import shares_paid
from guarantee.events.consumed import SharesPaid


async def test_shares_of_a_further_year_extend_the_entitlement_and_nothing_shortens_it(funded: Any) -> None:
    for until in (date(2027, 12, 31), date(2026, 12, 31)):
        event = SharesPaid(member_id=funded.member, entity_id=funded.entity, entitled_until=until)
        await funded.do(lambda ctx, event=event: shares_paid(ctx, event))
    order = await funded.confirm_order(confirmed_on=date(2027, 12, 31))
    assert await funded.told(order) == ["OrderCovered"]

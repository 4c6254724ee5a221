from __future__ import annotations

from datetime import date
from typing import Any

from guarantee.consumers.member_resigned import member_resigned
from guarantee.consumers.shares_paid import shares_paid
from guarantee.events.consumed import MemberResigned, SharesPaid


async def leave(funded: Any, day: date) -> None:
    event = MemberResigned(member_id=funded.member, entity_id=funded.entity, resigned_on=day)
    await funded.do(lambda ctx: member_resigned(ctx, event))


async def test_the_fund_stands_for_no_order_confirmed_after_its_member_left(funded: Any) -> None:
    before = await funded.confirm_order(confirmed_on=date(2026, 6, 14))
    await leave(funded, date(2026, 6, 15))
    after = await funded.confirm_order(confirmed_on=date(2026, 6, 15))
    assert await funded.told(before) == ["OrderCovered"]
    assert await funded.told(after) == ["OrderNotCovered"]


async def test_who_comes_back_with_a_new_share_is_covered_again(funded: Any) -> None:
    await leave(funded, date(2026, 6, 15))
    event = SharesPaid(member_id=funded.member, entity_id=funded.entity, entitled_until=date(2026, 12, 31))
    await funded.do(lambda ctx: shares_paid(ctx, event))
    order = await funded.confirm_order(confirmed_on=date(2026, 6, 20))
    assert await funded.told(order) == ["OrderCovered"]

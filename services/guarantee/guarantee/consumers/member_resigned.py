"""Know that a member may bring no new money."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.events.consumed import MemberResigned
from guarantee.sql import SQL


@consumes(MemberResigned)
async def member_resigned(ctx: Ctx, event: MemberResigned) -> None:
    """End the entitlement on the day before; what the fund stands for already, it stands for."""
    await ctx.db.execute(SQL["end_entitlement"], event.member_id, event.entity_id, event.resigned_on)

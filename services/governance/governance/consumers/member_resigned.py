"""Know since when a member has no vote."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from governance.events.consumed import MemberResigned
from governance.sql import SQL


@consumes(MemberResigned)
async def member_resigned(ctx: Ctx, event: MemberResigned) -> None:
    """Keep the departure with its day; a roll that is frozen already stays as it is."""
    await ctx.db.execute(
        SQL["insert_departure"],
        event.entity_id,
        event.register_number,
        event.member_id,
        event.resigned_on,
    )

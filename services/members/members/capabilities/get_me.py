"""The member behind the token."""

from __future__ import annotations

from commons.capability import capability
from commons.context import Ctx
from members.rows import MemberRow
from members.sql import SQL


@capability
async def get_me(ctx: Ctx) -> MemberRow | None:
    """The member who asks; nothing for somebody who has not applied yet."""
    key = ctx.who.member_id or await ctx.read.fetchval(SQL["member_key_by_subject"], ctx.who.subject)
    row = await ctx.read.fetchrow(SQL["members_by_key"], [key])
    return MemberRow(*row) if row else None

"""One member."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from members.domain.errors import UnknownMember
from members.rows import MemberRow
from members.sql import SQL


@capability
async def get_member(ctx: Ctx, *, id: Annotated[UUID, Node("Member")]) -> MemberRow:
    """One member, by id."""
    row = await ctx.read.fetchrow(SQL["members_by_key"], [id])
    if row is None:
        raise UnknownMember(member=id)
    return MemberRow(*row)

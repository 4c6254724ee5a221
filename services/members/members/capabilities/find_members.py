"""The members of a legal entity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from members.rows import MemberRow
from members.sql import SQL


@capability
async def find_members(
    ctx: Ctx, *, entity_id: Annotated[UUID, Node("Entity")], first: int = 20, after: str | None = None
) -> Page[MemberRow]:
    """Everybody who applied to a legal entity, in the order of application."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["members_of_entity"], entity_id, start, first + 1)
    return page([MemberRow(*row) for row in rows], first, key=lambda row: (row.key,))

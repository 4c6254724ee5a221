"""The activities of a member."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from invoicing.rows import ActivityRow
from invoicing.sql import SQL


@capability
async def find_activities(
    ctx: Ctx, *, member_id: Annotated[UUID, Node("Member")], first: int = 20, after: str | None = None
) -> Page[ActivityRow]:
    """The activities that a member opened, oldest first."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["activities_of_member"], member_id, start, first + 1)
    return page([ActivityRow(*row) for row in rows], first, key=lambda row: (row.key,))

"""Who may vote in a meeting."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from governance.rows import RollLineRow
from governance.sql import SQL


@capability
async def find_roll_lines(
    ctx: Ctx, *, meeting_id: Annotated[UUID, Node("Meeting")], first: int = 20, after: str | None = None
) -> Page[RollLineRow]:
    """The frozen roll of a meeting, in the order in which it is hashed; empty until the record date."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["roll_page"], meeting_id, start, first + 1)
    return page([RollLineRow(*row) for row in rows], first, key=lambda row: (row.member_id,))

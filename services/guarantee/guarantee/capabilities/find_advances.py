"""The advances of a legal entity's fund."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from guarantee.rows import AdvanceRow
from guarantee.sql import SQL


@capability
async def find_advances(
    ctx: Ctx, *, entity_id: Annotated[UUID, Node("Entity")], first: int = 20, after: str | None = None
) -> Page[AdvanceRow]:
    """What the fund of a legal entity advanced, in the order in which it was granted."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["advances_of_entity"], entity_id, start, first + 1)
    return page([AdvanceRow(*row) for row in rows], first, key=lambda row: (row.key,))

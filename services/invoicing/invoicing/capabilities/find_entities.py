"""The legal entities of the cooperative."""

from __future__ import annotations

from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from invoicing.rows import EntityRow
from invoicing.sql import SQL


@capability
async def find_entities(ctx: Ctx, *, first: int = 20, after: str | None = None) -> Page[EntityRow]:
    """Every legal entity, in the order of registration."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["entities_page"], start, first + 1)
    return page([EntityRow(*row) for row in rows], first, key=lambda row: (row.key,))

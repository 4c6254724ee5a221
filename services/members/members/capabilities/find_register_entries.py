"""The share register of a legal entity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from members.rows import RegisterEntryRow
from members.sql import SQL


@capability
async def find_register_entries(
    ctx: Ctx, *, entity_id: Annotated[UUID, Node("Entity")], first: int = 20, after: str | None = None
) -> Page[RegisterEntryRow]:
    """The register of a legal entity, by number."""
    (start,) = decode_cursor(after, tuple[int]) or (0,)
    rows = await ctx.read.fetch(SQL["register_entries_of_entity"], entity_id, start, first + 1)
    return page([RegisterEntryRow(*row) for row in rows], first, key=lambda row: (row.number,))

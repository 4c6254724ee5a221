"""The general meetings of a legal entity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from governance.rows import MeetingRow
from governance.sql import SQL
from governance.store import meeting_row


@capability
async def find_meetings(
    ctx: Ctx, *, entity_id: Annotated[UUID, Node("Entity")], first: int = 20, after: str | None = None
) -> Page[MeetingRow]:
    """The meetings of a legal entity, the one convened last first."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["meetings_of_entity"], entity_id, start, first + 1)
    return page([meeting_row(row) for row in rows], first, key=lambda row: (row.key,))

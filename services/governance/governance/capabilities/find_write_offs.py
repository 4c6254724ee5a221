"""The claims that are proposed to be given up, and those that were."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from governance.rows import WriteOffRow
from governance.sql import SQL


@capability
async def find_write_offs(
    ctx: Ctx,
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    is_approved: bool | None = None,
    first: int = 20,
    after: str | None = None,
) -> Page[WriteOffRow]:
    """The write-offs of a legal entity, the oldest proposal first; `isApproved: false` wait for the board."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["write_offs_of_entity"], entity_id, start, first + 1, is_approved)
    return page([WriteOffRow(*row) for row in rows], first, key=lambda row: (row.key,))

"""What a legal entity owes to members who asked their shares back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from members.domain.register import redemptions
from members.rows import RedemptionRow, redemption_row
from members.sql import SQL
from members.store import entry_from


@capability
async def find_redemptions(
    ctx: Ctx, *, entity_id: Annotated[UUID, Node("Entity")], first: int = 20, after: str | None = None
) -> Page[RedemptionRow]:
    """Every redemption with what is still open of it and the day by which it is repaid, oldest first."""
    (start,) = decode_cursor(after, tuple[int]) or (0,)
    today = await ctx.today(entity_id)
    law = ctx.country.section("membership")
    records = await ctx.read.fetch(SQL["redemption_entries_of_entity"], entity_id, start, first + 1)
    rows = [redemption_row(one, law, today) for one in redemptions(entry_from(row) for row in records)]
    return page(rows, first, key=lambda row: (row.number,))

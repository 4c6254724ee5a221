"""The wages that are still to be funded."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from guarantee.rows import WageRow
from guarantee.sql import SQL


@capability
async def find_wages_due(
    ctx: Ctx, *, entity_id: Annotated[UUID, Node("Entity")], first: int = 20, after: str | None = None
) -> Page[WageRow]:
    """The wages of a legal entity that are computed and not funded, the earliest due first.

    One whose due date is past could not be funded and is tried again by itself.
    """
    due_date, payslip_id = decode_cursor(after, tuple[date, UUID]) or (None, None)
    rows = await ctx.read.fetch(SQL["wages_due"], entity_id, due_date, payslip_id, first + 1)
    return page([WageRow(*row) for row in rows], first, key=lambda row: (row.due_date, row.payslip_id))

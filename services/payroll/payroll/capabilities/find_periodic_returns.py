"""The periodic returns of a legal entity."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from payroll.rows import PeriodicReturnRow, periodic_return_row
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def find_periodic_returns(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    first: int = 20,
    after: str | None = None,
) -> Page[PeriodicReturnRow]:
    """The returns of a legal entity, the newest period first: expected, filed, and those replaced."""
    start = decode_cursor(after, tuple[date, int, UUID]) or (None, None, None)
    rows = await ctx.read.fetch(SQL["find_periodic_returns"], entity_id, *start, first + 1)
    found = [periodic_return_row(row, ctx.service.sealer) for row in rows]
    return page(found, first, key=lambda row: (row.period_start, row.sequence, row.key))

"""What contracts were estimated at, provisioned for, declared at and corrected to."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from commons.period import Month
from payroll.rows import LaborCostRow, labor_cost_row
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def find_labor_costs(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    period: date,
    first: int = 20,
    after: str | None = None,
) -> Page[LaborCostRow]:
    """The four amounts of every contract of an entity that ended in a month, and what the pool was told.

    `period` is any day of the month.
    """
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    month = Month.of(period).range
    rows = await ctx.read.fetch(SQL["find_labor_costs"], entity_id, month.start, month.last, start, first + 1)
    return page([labor_cost_row(row) for row in rows], first, key=lambda row: (row.contract_id,))

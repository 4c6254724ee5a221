"""Periodic returns that no authority has accepted, or that lack a payslip."""

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
async def find_returns_waiting(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    first: int = 20,
    after: str | None = None,
) -> Page[PeriodicReturnRow]:
    """Returns of periods that are over, not accepted or short of a payslip, the one due first before others.

    `refusalCode` says what kept one from being filed, `fields` what the authority refused, `latePayslipOn`
    that one must be filed again; where `overdueOn` is set the legal day has come, and somebody must act.
    """
    day, start = decode_cursor(after, tuple[date, UUID]) or (None, None)
    today = await ctx.today(entity_id)
    rows = await ctx.read.fetch(SQL["returns_waiting"], entity_id, today, day, start, first + 1)
    found = [periodic_return_row(row, ctx.service.sealer) for row in rows]
    return page(found, first, key=lambda row: (row.due_date, row.key))

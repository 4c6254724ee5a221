"""Wages that the bank gave back and nobody has paid again yet."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from payroll.rows import PayslipRow, payslip_row
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def find_returned_wages(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    first: int = 20,
    after: str | None = None,
) -> Page[PayslipRow]:
    """The returned wages of a legal entity, the oldest payslip first: their members wait for their money."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["returned_wages"], entity_id, start, first + 1)
    return page([payslip_row(row) for row in rows], first, key=lambda row: (row.key,))

"""The payslips of a member."""

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
async def find_payslips(
    ctx: Ctx[Payroll],
    *,
    member_id: Annotated[UUID, Node("Member")],
    first: int = 20,
    after: str | None = None,
) -> Page[PayslipRow]:
    """The payslips of a member, oldest first."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["find_payslips"], member_id, start, first + 1)
    return page([payslip_row(row) for row in rows], first, key=lambda row: (row.key,))

"""One payslip."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from payroll.domain.errors import UnknownPayslip
from payroll.rows import PayslipRow, payslip_row
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def get_payslip(ctx: Ctx[Payroll], *, id: Annotated[UUID, Node("Payslip")]) -> PayslipRow:
    """One payslip, by id."""
    row = await ctx.read.fetchrow(SQL["payslips_by_key"], [id])
    if row is None:
        raise UnknownPayslip(payslip=id)
    return payslip_row(row)

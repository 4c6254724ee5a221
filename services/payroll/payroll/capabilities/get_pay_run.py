"""One pay run."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from payroll.domain.errors import UnknownPayRun
from payroll.rows import PayRunRow, pay_run_row
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def get_pay_run(ctx: Ctx[Payroll], *, id: Annotated[UUID, Node("PayRun")]) -> PayRunRow:
    """One pay run and how far it has come: ask again while it runs."""
    for row in await ctx.read.fetch(SQL["pay_runs_by_key"], [id]):
        return pay_run_row(row)
    raise UnknownPayRun(run=id)

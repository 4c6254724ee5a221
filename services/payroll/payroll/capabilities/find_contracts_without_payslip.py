"""Contracts that ended and whose payslip was refused."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.page import Page, decode_cursor, page
from payroll.rows import ContractRow, contract_rows
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def find_contracts_without_payslip(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    first: int = 20,
    after: str | None = None,
) -> Page[ContractRow]:
    """Contracts whose payslip waits for something, which `payslipRefusalCode` names."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    rows = await ctx.read.fetch(SQL["contracts_without_payslip"], entity_id, start, first + 1)
    return page(await contract_rows(ctx, rows), first, key=lambda row: (row.key,))

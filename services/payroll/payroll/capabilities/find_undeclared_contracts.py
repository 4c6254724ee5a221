"""Contracts whose hire the authority has not accepted: nobody works undeclared."""

from __future__ import annotations

from datetime import date
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
async def find_undeclared_contracts(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    first: int = 20,
    after: str | None = None,
) -> Page[ContractRow]:
    """Contracts that still wait for budget or authority, the one that begins first before the others.

    Where `undeclaredOn` is set the first day has come, and somebody must act.
    """
    day, start = decode_cursor(after, tuple[date, UUID]) or (None, None)
    rows = await ctx.read.fetch(SQL["contracts_undeclared"], entity_id, day, start, first + 1)
    return page(await contract_rows(ctx, rows), first, key=lambda row: (row.first_day, row.key))

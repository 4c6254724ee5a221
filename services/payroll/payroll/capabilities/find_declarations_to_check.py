"""Contracts about whose hire the authority has something to say."""

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
async def find_declarations_to_check(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    first: int = 20,
    after: str | None = None,
) -> Page[ContractRow]:
    """Contracts that are not over and whose hire was warned about, refused, or contradicted."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    today = await ctx.today(entity_id)
    rows = await ctx.read.fetch(SQL["contracts_to_check"], entity_id, today, start, first + 1)
    return page(await contract_rows(ctx, rows), first, key=lambda row: (row.key,))

"""The work contracts of an order, of a member, or of everybody."""

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

STAFF = ("payroll_officer", "accountant", "adviser", "auditor")


@capability
async def find_contracts(
    ctx: Ctx[Payroll],
    *,
    order_id: Annotated[UUID, Node("Order")] | None = None,
    member_id: Annotated[UUID, Node("Member")] | None = None,
    first: int = 20,
    after: str | None = None,
) -> Page[ContractRow]:
    """Contracts in the order in which they were asked for; a member finds the own ones alone."""
    (start,) = decode_cursor(after, tuple[UUID]) or (None,)
    if not ctx.who.has_role(*STAFF):
        member_id = ctx.who.member_id  # a page of somebody else's contracts would come back empty
    rows = await ctx.read.fetch(SQL["find_contracts"], order_id, member_id, start, first + 1)
    return page(await contract_rows(ctx, rows), first, key=lambda row: (row.key,))

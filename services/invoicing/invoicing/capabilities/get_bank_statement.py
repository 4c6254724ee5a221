"""One import of a bank statement."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain.errors import UnknownBankStatement
from invoicing.rows import BankStatementRow
from invoicing.sql import SQL


@capability
async def get_bank_statement(ctx: Ctx, *, id: Annotated[UUID, Node("BankStatement")]) -> BankStatementRow:
    """One imported bank statement, by id."""
    row = await ctx.read.fetchrow(SQL["bank_statements_by_key"], [id])
    if row is None:
        raise UnknownBankStatement(bank_statement=id)
    return BankStatementRow(*row)

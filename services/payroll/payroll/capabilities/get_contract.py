"""One work contract."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from payroll.domain.errors import UnknownContract
from payroll.rows import ContractRow, contract_rows
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def get_contract(ctx: Ctx[Payroll], *, id: Annotated[UUID, Node("Contract")]) -> ContractRow:
    """One contract, by id."""
    found = await contract_rows(ctx, await ctx.read.fetch(SQL["contracts_by_key"], [id]))
    if not found:
        raise UnknownContract(contract=id)
    return found[0]

"""Let a contract go whose hire is in doubt, before anybody works under it."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.effects import ask_again
from payroll.capabilities.refuse_contract import refuse_contract
from payroll.domain import contract as contracts
from payroll.domain.errors import UnknownContract
from payroll.effects.kinds import DIMONA_DECLARE
from payroll.rows import ContractRow, contract_rows
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract

HIRE_NOT_ACCEPTED: Final = "HireNotAccepted"


@capability
async def call_off_contract(
    ctx: Ctx[Payroll], *, contract_id: Annotated[UUID, Node("Contract")]
) -> ContractRow:
    """Refuse a contract that the authority has not accepted, or about which it contradicts itself.

    Its budget is free again. An acceptance that is known or comes later is taken back.
    Raises UnknownContract, ContractAlreadyRefused, ContractAlreadyEnded, HireIsAccepted, WorkHasBegun.
    """
    stored = await lock_contract(ctx.db, contract_id)
    if stored is None:
        raise UnknownContract(contract=contract_id).at("contractId")
    hire = await ctx.db.fetchrow(SQL["hire_of_contract"], contract_id)
    contracts.call_off_contract(
        stored.contract,
        is_contradicted=hire is not None and hire["contradicted_on"] is not None,
        today=await ctx.today(stored.entity_id),
    )
    await refuse_contract(ctx, stored=stored, code=HIRE_NOT_ACCEPTED)
    # An authority that is still thinking is asked on: what it accepts now must be taken back.
    await ask_again(ctx.db, DIMONA_DECLARE, str(contract_id))
    [row] = await contract_rows(ctx, await ctx.db.fetch(SQL["contracts_by_key"], [contract_id]))
    return row

"""Have a hire declared once its budget is held."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from payroll.capabilities.confirm_contract import confirm_contract
from payroll.documents.hires import is_hire_declared
from payroll.domain.contract import hold_budget
from payroll.domain.keys import declaration_key
from payroll.effects.kinds import DIMONA_DECLARE
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract, store_facts


@capability
async def declare_hire(ctx: Ctx[Payroll], *, contract_id: UUID) -> None:
    """Note that the budget holds the cost, and ask for the declaration; a refused contract needs none.

    Where the law asks for no declaration of hires the contract is confirmed at once. Raises ValueNotInForce.
    """
    stored = await lock_contract(ctx.db, contract_id)
    if stored is None:
        raise NotYet(f"contract {contract_id}")
    if stored.contract.refused_on is not None:
        return
    contract = hold_budget(stored.contract, await ctx.today(stored.entity_id))
    await store_facts(ctx.db, contract)
    if not is_hire_declared(ctx.service.law, contract.terms.first_day, contract.terms.regime):
        if contract.declared_on is None:
            await confirm_contract(ctx, replace(stored, contract=contract))
        return
    declaration_id = await ctx.db.fetchval(
        SQL["insert_declaration"], declaration_key(contract_id, "in"), contract_id, "in"
    )
    if declaration_id is not None:
        # No number and no name: the adapter reads them when it sends.
        payload = {"contract_id": str(contract_id), "declaration_id": str(declaration_id)}
        await ctx.effect(DIMONA_DECLARE, str(contract_id), payload)

"""Let a contract go that cannot go on."""

from __future__ import annotations

from commons.capability import capability
from commons.context import Ctx
from commons.deadlines import cancel
from commons.set_back import told_day
from payroll.capabilities.take_allowance_days import give_allowance_days_back
from payroll.deadlines.keys import contract_end_key, hire_not_declared_key, hire_reminder_key
from payroll.documents.hires import is_hire_declared
from payroll.domain import contract as contracts
from payroll.domain.keys import declaration_key
from payroll.effects.kinds import DIMONA_CANCEL
from payroll.events.published import ContractRefused
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import StoredContract, store_facts


@capability
async def refuse_contract(ctx: Ctx[Payroll], *, stored: StoredContract, code: str) -> None:
    """Refuse the contract for a reason that `code` names, and take back an accepted declaration.

    Refusing it again changes nothing. Raises ContractAlreadyEnded.
    """
    if stored.contract.refused_on is not None:
        return
    told_on = await told_day(ctx.db, ContractRefused, stored.contract.id, "refused_on")
    today = told_on or await ctx.today(stored.entity_id)
    contract = contracts.refuse_contract(stored.contract, code, today)
    await store_facts(ctx.db, contract)
    await cancel(ctx.db, hire_not_declared_key(contract.id))
    await cancel(ctx.db, hire_reminder_key(contract.id))
    await cancel(ctx.db, contract_end_key(contract.id))
    await give_allowance_days_back(ctx.db, contract.id)
    if contract.declared_on is not None:
        await take_back_declaration(ctx, stored)
    await ctx.announce(
        ContractRefused(
            contract_id=contract.id,
            order_id=stored.order_id,
            entity_id=stored.entity_id,
            code=code,
            refused_on=today,
        )
    )


async def take_back_declaration(ctx: Ctx[Payroll], stored: StoredContract) -> None:
    """Declare to the authority that a hire it accepted did not happen, where it was told of it."""
    terms = stored.contract.terms
    if not is_hire_declared(ctx.service.law, terms.first_day, terms.regime):
        return
    contract_id = stored.contract.id
    declaration_id = await ctx.db.fetchval(
        SQL["insert_declaration"], declaration_key(contract_id, "cancel"), contract_id, "cancel"
    )
    if declaration_id is not None:
        payload = {"contract_id": str(contract_id), "declaration_id": str(declaration_id)}
        await ctx.effect(DIMONA_CANCEL, str(contract_id), payload)

"""Let go a contract that the budget cannot pay."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import NotYet, consumes
from payroll.capabilities.refuse_contract import refuse_contract
from payroll.events.consumed import BudgetRefused
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract


@consumes(BudgetRefused)
async def budget_refused(ctx: Ctx[Payroll], event: BudgetRefused) -> None:
    """Refuse the contract with the code of the budget, and keep by how much it was too small."""
    stored = await lock_contract(ctx.db, event.contract_id)
    if stored is None:
        raise NotYet(f"contract {event.contract_id}")
    await ctx.db.execute(
        SQL["insert_budget_refusal"],
        event.contract_id,
        event.requested.minor,
        event.available.minor,
        event.requested.currency,
    )
    await refuse_contract(ctx, stored=stored, code=event.code)

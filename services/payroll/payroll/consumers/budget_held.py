"""Have the hire declared: the budget holds its cost."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from payroll.capabilities.declare_hire import declare_hire
from payroll.events.consumed import BudgetHeld
from payroll.service import Payroll


@consumes(BudgetHeld)
async def budget_held(ctx: Ctx[Payroll], event: BudgetHeld) -> None:
    """Go on with the contract."""
    await declare_hire(ctx, contract_id=event.contract_id)

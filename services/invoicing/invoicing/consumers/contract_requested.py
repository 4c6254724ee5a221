"""Set a contract's cost aside on its activity's budget."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.capabilities.hold_budget import hold_budget
from invoicing.events.consumed import ContractRequested


@consumes(ContractRequested)
async def contract_requested(ctx: Ctx, event: ContractRequested) -> None:
    """Hold, or say that the budget does not have it."""
    await hold_budget(
        ctx,
        contract_id=event.contract_id,
        order_id=event.order_id,
        activity_id=event.activity_id,
        labor_cost=event.labor_cost,
    )

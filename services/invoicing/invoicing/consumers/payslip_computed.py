"""Charge a wage to the budget that holds it."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.capabilities.spend_budget import spend_budget
from invoicing.events.consumed import PayslipComputed


@consumes(PayslipComputed)
async def payslip_computed(ctx: Ctx, event: PayslipComputed) -> None:
    """Spend the hold."""
    await spend_budget(ctx, contract_id=event.contract_id, labor_cost=event.labor_cost)

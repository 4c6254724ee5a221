"""Keep the money of a wage until it is due."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.expect_wage import Payslip, expect_wage
from guarantee.events.consumed import PayslipComputed


@consumes(PayslipComputed)
async def payslip_computed(ctx: Ctx, event: PayslipComputed) -> None:
    """Hold the labor cost and remember the due date."""
    payslip = Payslip(
        id=event.payslip_id,
        contract_id=event.contract_id,
        order_id=event.order_id,
        entity_id=event.entity_id,
        member_id=event.member_id,
        labor_cost=event.labor_cost,
        due_date=event.due_date,
        computed_on=event.computed_on,
    )
    await expect_wage(ctx, payslip=payslip)

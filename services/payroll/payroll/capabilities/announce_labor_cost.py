"""Announce what a contract really cost, and what its price left over for the mutual pool."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from payroll.events.published import LaborCostCorrected
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def announce_labor_cost(ctx: Ctx[Payroll], *, contract_id: UUID, cost: Money, today: date) -> None:
    """Announce the cost of a contract as it is known now; where the variance is as announced, nothing.

    The variance is the price less the cost: it is the mutual pool's, never the member's. Each announcement
    says it as a whole and by how much it changed, so that the pool books the step and can check the sum.
    The return of the contract's period is locked, where one is expected.
    """
    [contract] = await ctx.db.fetch(SQL["contracts_of_payslips"], [contract_id])
    announced = await ctx.db.fetchrow(SQL["announced_variance"], contract_id)
    assert announced is not None, "a sum is a row"
    provisioned = Money(contract["labor_cost_minor"], contract["currency"])
    variance = provisioned - cost
    change = variance - Money(announced["minor"], contract["currency"])
    if not change.minor:
        return
    number = announced["steps"] + 1
    await ctx.db.execute(
        SQL["insert_variance"],
        contract_id,
        number,
        provisioned.minor,
        cost.minor,
        variance.minor,
        change.minor,
        contract["currency"],
        today,
    )
    await ctx.announce(
        LaborCostCorrected(
            contract_id=contract_id,
            order_id=contract["order_id"],
            activity_id=contract["activity_id"],
            entity_id=contract["entity_id"],
            number=number,
            provisioned=provisioned,
            labor_cost=cost,
            variance=variance,
            change=change,
            corrected_on=today,
        )
    )

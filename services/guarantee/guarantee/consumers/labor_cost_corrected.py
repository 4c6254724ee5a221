"""Know what a contract really cost."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.pool_variance import pool_variance
from guarantee.events.consumed import LaborCostCorrected


@consumes(LaborCostCorrected)
async def labor_cost_corrected(ctx: Ctx, event: LaborCostCorrected) -> None:
    """Give the difference to the mutual pool, or take it from it."""
    await pool_variance(
        ctx,
        contract_id=event.contract_id,
        number=event.number,
        entity_id=event.entity_id,
        change=event.change,
        corrected_on=event.corrected_on,
    )

"""Let an activity spend what the guarantee fund stands for."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.capabilities.credit_budget import credit_budget
from invoicing.events.consumed import OrderCovered


@consumes(OrderCovered)
async def order_covered(ctx: Ctx, event: OrderCovered) -> None:
    """Credit the budget."""
    await credit_budget(ctx, order_id=event.order_id, decided_on=event.decided_on)

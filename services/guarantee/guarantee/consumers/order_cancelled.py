"""Release what is kept for an order that was cancelled."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.release_order import release_order
from guarantee.events.consumed import OrderCancelled


@consumes(OrderCancelled)
async def order_cancelled(ctx: Ctx, event: OrderCancelled) -> None:
    """End the cover of the order, or keep it for the part that was done."""
    price, contribution = event.price, event.contribution
    kept = None if price is None or contribution is None else price - contribution
    await release_order(ctx, order_id=event.order_id, cancelled_on=event.cancelled_on, kept=kept)

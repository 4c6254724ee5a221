"""Know that an order is only spendable once its buyer pays."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.capabilities.note_cover import note_cover
from invoicing.domain.order import Cover
from invoicing.events.consumed import OrderNotCovered


@consumes(OrderNotCovered)
async def order_not_covered(ctx: Ctx, event: OrderNotCovered) -> None:
    """Keep the verdict with the rules that did not pass."""
    reasons = tuple(reason.rule for reason in event.reasons if not reason.passed)
    await note_cover(ctx, order_id=event.order_id, cover=Cover(False, reasons, event.decided_on))

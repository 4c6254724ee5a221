"""Give the verdict on an order that was confirmed."""

from __future__ import annotations

from contextlib import suppress

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.decide_cover import ConfirmedOrder, decide_cover
from guarantee.domain.errors import OrderAlreadyDecided
from guarantee.events.consumed import OrderConfirmed


@consumes(OrderConfirmed)
async def order_confirmed(ctx: Ctx, event: OrderConfirmed) -> None:
    """Decide cover once: hearing of the confirmation again changes nothing."""
    order = ConfirmedOrder(
        id=event.order_id,
        entity_id=event.entity_id,
        activity_id=event.activity_id,
        member_id=event.member_id,
        buyer_id=event.buyer_id,
        buyer_country=event.buyer_country,
        confirmed_by=event.confirmed_by,
        price=event.price,
        contribution=event.contribution,
        confirmed_on=event.confirmed_on,
    )
    with suppress(OrderAlreadyDecided):
        await decide_cover(ctx, order=order)

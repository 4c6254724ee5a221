"""The buyer's no."""

from __future__ import annotations

from typing import Annotated

from commons.arguments import Text
from commons.capability import capability
from commons.context import Ctx
from invoicing.capabilities.get_order_offer import Link, offer_row
from invoicing.domain import order as orders
from invoicing.domain.order import REASON_CHARACTERS_MAX
from invoicing.events.published import OrderCancelled
from invoicing.rows import OrderOfferRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import load_offer

Reason = Annotated[str, Text(max=REASON_CHARACTERS_MAX, lines=True)]


@capability
async def refuse_order(ctx: Ctx[Invoicing], *, link: Link, reason: Reason = "") -> OrderOfferRow:
    """Refuse an order as its buyer. The link is the permission; one decision stands.

    Neither the order's member nor anybody with a role decides for the buyer.
    """
    offer = await load_offer(ctx, link, is_to_be_decided=True)
    refused = orders.refuse(offer.order, reason=reason, today=offer.today)
    cancellation = refused.cancellation
    assert cancellation is not None, "refuse() sets it"
    await ctx.db.execute(
        SQL["mark_order_cancelled"],
        refused.id,
        cancellation.reason,
        cancellation.is_refusal,
        cancellation.cancelled_on,
    )
    await ctx.announce(
        OrderCancelled(
            order_id=refused.id,
            entity_id=refused.entity_id,
            reason="refused_by_buyer",
            cancelled_on=cancellation.cancelled_on,
        )
    )
    return offer_row(offer, refused, None)

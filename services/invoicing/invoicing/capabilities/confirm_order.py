"""The buyer's yes."""

from __future__ import annotations

from typing import Annotated

from commons.arguments import Text
from commons.capability import capability
from commons.context import Ctx
from invoicing.capabilities.draft_order import CONTRIBUTION
from invoicing.capabilities.get_order_offer import Language, Link, offer_row
from invoicing.documents.order_page import consent_sentence
from invoicing.domain import order as orders
from invoicing.domain.contribution import split
from invoicing.domain.order import ConfirmedBy
from invoicing.events.published import OrderConfirmed
from invoicing.rows import OrderOfferRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import load_offer

Name = Annotated[str, Text()]


@capability
async def confirm_order(
    ctx: Ctx[Invoicing], *, link: Link, name: Name, consent: bool, language: Language = None
) -> OrderOfferRow:
    """Confirm an order as its buyer. The link is the permission; one decision stands.

    Neither the order's member nor anybody with a role decides for the buyer. What is kept is the name and the
    sentence that was agreed to, in the language in which it was shown, and the contribution by the rule in
    force on this day: the budget, the fund's cover and the invoice all use it.
    """
    offer = await load_offer(ctx, link, is_to_be_decided=True)
    order = offer.order
    sentence = consent_sentence(order, offer.preview, language or order.language) if consent else ""
    confirmed = orders.confirm(order, by=ConfirmedBy.BUYER, name=name, consent=sentence, today=offer.today)
    confirmation = confirmed.confirmation
    assert confirmation is not None, "confirm() sets it"
    rule = ctx.service.rules.contribution(CONTRIBUTION, confirmation.confirmed_on)
    contribution = split(rule, order.price).contribution
    await ctx.db.execute(
        SQL["mark_order_confirmed"],
        order.id,
        confirmation.by.value,
        confirmation.name,
        confirmation.consent,
        confirmation.confirmed_on,
        contribution.minor,
    )
    await ctx.announce(
        OrderConfirmed(
            order_id=order.id,
            entity_id=order.entity_id,
            activity_id=order.activity_id,
            member_id=order.member_id,
            buyer_id=order.buyer_id,
            buyer_country=order.buyer.address.country,
            buyer_is_taxable=order.buyer.is_taxable,
            confirmed_by=confirmation.by.value,
            price=order.price,
            contribution=contribution,
            start_date=order.period.start,
            end_date=order.period.last,
            payment_term_days=order.payment_term.days,
            confirmed_on=confirmation.confirmed_on,
        )
    )
    return offer_row(offer, confirmed, language)

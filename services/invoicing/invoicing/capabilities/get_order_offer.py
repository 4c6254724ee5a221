"""What the holder of a link may read."""

from __future__ import annotations

from typing import Annotated

from commons.arguments import Text
from commons.capability import capability
from commons.context import Ctx
from invoicing.documents.order_page import consent_sentence, state_of
from invoicing.domain.invoice import totals
from invoicing.domain.link import TOKEN_CHARACTERS_MAX
from invoicing.domain.order import Order
from invoicing.domain.vat import text_in
from invoicing.rows import OrderOfferRow
from invoicing.service import Invoicing
from invoicing.store import Offer, line_rows, load_offer, vat_rows

Link = Annotated[str, Text(max=TOKEN_CHARACTERS_MAX)]
Language = Annotated[str | None, Text(max=5)]


@capability
async def get_order_offer(ctx: Ctx[Invoicing], *, link: Link, language: Language = None) -> OrderOfferRow:
    """The order behind a link (its last part): whoever holds the link may read it again and again."""
    offer = await load_offer(ctx, link)
    return offer_row(offer, offer.order, language)


def offer_row(offer: Offer, order: Order, language: str | None) -> OrderOfferRow:
    """The offer as the API shows it, with the order as it is now."""
    sums = totals(offer.preview)
    wanted = language or order.language
    return OrderOfferRow(
        number=order.number,
        title=offer.title,
        state=state_of(order, offer.today).value,
        language=order.language,
        seller_name=offer.seller.name,
        buyer_name=order.buyer.name,
        activity_name=offer.activity_name,
        lines=line_rows(order),
        start_date=order.period.start,
        end_date=order.period.last,
        total_without_vat=sums.total_without_vat,
        total_vat=sums.total_vat,
        total_with_vat=sums.total_with_vat,
        vat_breakdown=vat_rows(offer.preview),
        payment_term_days=order.payment_term.days,
        valid_until=order.valid_until,
        terms=[text for text in [text_in(offer.late_payment, wanted)] if text],
        consent_sentence=consent_sentence(order, offer.preview, wanted),
        confirmed_on=order.confirmation.confirmed_on if order.confirmation else None,
        cancelled_on=order.cancellation.cancelled_on if order.cancellation else None,
    )

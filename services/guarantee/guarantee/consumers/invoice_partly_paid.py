"""Recover what was advanced as soon as a part of the money is there."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.collect_payment import collect_payment
from guarantee.events.consumed import InvoicePartlyPaid


@consumes(InvoicePartlyPaid)
async def invoice_partly_paid(ctx: Ctx, event: InvoicePartlyPaid) -> None:
    """Set the part against the wages of the order."""
    await collect_payment(
        ctx,
        invoice_id=event.invoice_id,
        order_id=event.order_id,
        paid_in_all=event.amount,
        paid_on=event.paid_on,
    )

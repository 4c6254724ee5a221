"""Recover what was advanced, and keep the client's money for wages to come."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.collect_payment import collect_payment
from guarantee.events.consumed import InvoicePaid


@consumes(InvoicePaid)
async def invoice_paid(ctx: Ctx, event: InvoicePaid) -> None:
    """Set the payment against the wages of the order."""
    await collect_payment(
        ctx,
        invoice_id=event.invoice_id,
        order_id=event.order_id,
        paid_in_all=event.amount,
        paid_on=event.paid_on,
    )

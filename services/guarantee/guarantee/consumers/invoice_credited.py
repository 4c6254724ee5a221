"""Stand no longer for an invoice that was taken back."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.release_invoice import release_invoice
from guarantee.events.consumed import InvoiceCredited


@consumes(InvoiceCredited)
async def invoice_credited(ctx: Ctx, event: InvoiceCredited) -> None:
    """End the cover of its order, and give its contribution back."""
    await release_invoice(
        ctx, invoice_id=event.invoice_id, order_id=event.order_id, credited_on=event.issue_date
    )

"""Know what was invoiced on an order: what the client owes, and how much of it is for wages."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.events.consumed import InvoiceIssued
from guarantee.sql import SQL


@consumes(InvoiceIssued)
async def invoice_issued(ctx: Ctx, event: InvoiceIssued) -> None:
    """Keep the invoice; where it is higher than the cover, the fund stands for more."""
    for_wages = event.total_without_vat - event.contribution
    added = await ctx.db.fetchval(
        SQL["insert_invoice"],
        event.invoice_id,
        event.number,
        event.order_id,
        event.entity_id,
        event.total_with_vat.minor,
        max(for_wages.minor, 0),
        event.total_with_vat.currency,
    )
    if added is not None:
        await ctx.db.execute(SQL["refresh_exposure"], event.order_id)

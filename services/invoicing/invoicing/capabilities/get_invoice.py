"""One invoice."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain.errors import UnknownInvoice
from invoicing.rows import InvoiceRow
from invoicing.sql import SQL


@capability
async def get_invoice(ctx: Ctx, *, id: Annotated[UUID, Node("Invoice")]) -> InvoiceRow:
    """One invoice, by id."""
    row = await ctx.read.fetchrow(SQL["invoices_by_key"], [id])
    if row is None:
        raise UnknownInvoice(invoice=id)
    return InvoiceRow(*row)

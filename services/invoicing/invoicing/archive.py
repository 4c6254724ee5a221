"""Invoices as they are kept: the whole model as JSON, from which every document can be made again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from commons.database import Pool
from invoicing.domain.invoice import Invoice
from invoicing.sql import SQL

Kept = dict[str, Any]


def keep_invoice(invoice: Invoice) -> Kept:
    """The model as JSON: amounts in minor units, rates and quantities as text, days in ISO 8601."""
    kept: Kept = msgspec.to_builtins(invoice)
    return kept


def read_invoice(kept: Kept) -> Invoice:
    """The invoice exactly as it was kept. Raises msgspec.ValidationError for anything else."""
    return msgspec.convert(kept, Invoice)


async def load_invoice(db: Pool, invoice_id: UUID) -> Invoice:
    """An invoice as it was issued; it must exist."""
    row = await db.fetchrow(SQL["invoice_contents"], [invoice_id])
    assert row is not None, "an issued invoice is never deleted"
    return read_invoice(row["content"])

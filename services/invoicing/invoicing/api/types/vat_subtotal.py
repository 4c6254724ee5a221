"""The VAT of an order or an invoice."""

from __future__ import annotations

from decimal import Decimal

from commons.graphql import Money, record
from invoicing.rows import VatSubtotalRow


@record(VatSubtotalRow)
class VatSubtotal:
    """The VAT of one category and rate (BG-23); the rate is a fraction."""

    category_code: str
    rate: Decimal
    taxable_amount: Money
    tax_amount: Money
    exemption_reason: str

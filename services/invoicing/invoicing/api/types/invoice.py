"""An invoice, its documents and its way to the buyer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from commons.graphql import Money, WithParent, batched, money, node_id, record
from invoicing.api.loaders import (
    credit_note_by_invoice,
    document_by_invoice,
    documents_by_invoice,
    entities_by_key,
    invoices_by_key,
    lines_by_invoice,
    orders_by_key,
    parties_by_key,
    transmission_by_invoice,
    vat_by_invoice,
)
from invoicing.api.types.entity import Entity
from invoicing.api.types.party import Party
from invoicing.api.types.vat_subtotal import VatSubtotal
from invoicing.domain.invoice import InvoiceStatus
from invoicing.domain.transmission import DocumentKind, TransmissionState
from invoicing.rows import DocumentContentRow, InvoiceDocumentRow, InvoiceLineRow, InvoiceRow, TransmissionRow

if TYPE_CHECKING:
    from invoicing.api.types.order import Order


@record(InvoiceLineRow)
class InvoiceLine:
    """One line of an invoice (BG-25); the rate of VAT is a fraction."""

    id: str
    item_name: str
    invoiced_quantity: Decimal
    unit: str
    item_net_price: Decimal
    line_net_amount: Money
    nature: str
    vat_category_code: str
    vat_rate: Decimal
    start_date: date | None
    end_date: date | None


@record(TransmissionRow)
class Transmission:
    """How far an invoice is on its way to the buyer; `reference` and `evidence` are the other side's."""

    state: TransmissionState
    reference: str | None
    evidence: JSON
    reason: str | None
    changed_on: date


@record(InvoiceDocumentRow)
class InvoiceDocument:
    """A document of an invoice as it was stored, with the rules that passed it."""

    kind: DocumentKind
    media_type: str
    size_bytes: int
    sha256: str
    rule_set: str


@record(DocumentContentRow)
class DocumentContent:
    """The bytes of a document, in base64."""

    media_type: str
    sha256: str
    content: str


@record(InvoiceRow, keys=["id"])
class Invoice:
    """A request for payment (`typeCode` 380) or a credit note (381), in the words of EN 16931; never edited.

    `contribution` is the cooperative's part of the total without VAT. `overpaidAmount` came with its
    reference and was not due: it is in suspense until a person decides. `dunningLevel` is how often the
    client was reminded, `writtenOffAmount` what was given up and has not come after all.
    """

    id: ID = node_id("Invoice")
    number: str
    type_code: str
    issue_date: date
    payment_due_date: date | None
    state: InvoiceStatus
    lines: list[InvoiceLine] = batched(lines_by_invoice, key="key", rule=WithParent())
    vat_breakdown: list[VatSubtotal] = batched(vat_by_invoice, key="key", rule=WithParent())
    total_without_vat: Money = money("total_without_vat_minor")
    total_vat: Money = money("total_vat_minor")
    total_with_vat: Money = money("total_with_vat_minor")
    contribution: Money = money("contribution_minor")
    paid_amount: Money = money("paid_minor")
    credited_amount: Money = money("credited_minor")
    amount_due: Money
    written_off_amount: Money = money("written_off_minor")
    overpaid_amount: Money = money("overpaid_minor")
    dunning_level: int
    payment_reference: str | None
    entity: Entity | None = batched(entities_by_key, key="entity_id", rule=WithParent())
    buyer: Party | None = batched(parties_by_key, key="buyer_id", rule=WithParent())
    order: Annotated[Order, strawberry.lazy("invoicing.api.types.order")] | None = batched(
        orders_by_key, key="order_id", rule=WithParent()
    )
    preceding_invoice: Annotated[Invoice, strawberry.lazy("invoicing.api.types.invoice")] | None = batched(
        invoices_by_key, key="preceding_invoice_id", rule=WithParent()
    )
    credit_note: Annotated[Invoice, strawberry.lazy("invoicing.api.types.invoice")] | None = batched(
        credit_note_by_invoice, key="key", rule=WithParent()
    )
    transmission: Transmission | None = batched(transmission_by_invoice, key="key", rule=WithParent())
    documents: list[InvoiceDocument] = batched(documents_by_invoice, key="key", rule=WithParent())
    document: DocumentContent | None = batched(document_by_invoice, key="key", rule=WithParent())

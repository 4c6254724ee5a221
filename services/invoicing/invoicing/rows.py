"""What queries return: one frozen row for each type of the API."""

from __future__ import annotations

import base64
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from commons.graphql import Ref
from commons.identifiers import show_payment_reference
from commons.money import Money
from invoicing.domain.invoice import CREDIT_NOTE, Settlement, amount_due, status


class EntityRow(msgspec.Struct, frozen=True, gc=False):
    """A legal entity."""

    key: str
    name: str
    legal_form: str
    enterprise_number: str
    vat_number: str
    iban: str
    currency: str
    simulated: bool


class PartyRow(msgspec.Struct, frozen=True, gc=False):
    """A client. `member_id` is who registered it, nobody where an adviser did."""

    key: str
    entity_id: str
    member_id: str | None
    name: str
    vat_number: str
    street: str
    post_code: str
    city: str
    country: str
    email: str
    language: str
    default_reason: str | None
    defaulted_on: date | None


class ActivityRow(msgspec.Struct, frozen=True, gc=False):
    """An activity."""

    key: str
    entity_id: str
    member_id: str
    name: str
    opened_on: date
    closed_on: date | None
    people: list[str]
    participants: list[str]
    administrators: list[str]


class ParticipationRow(msgspec.Struct, frozen=True, gc=False):
    """What somebody is in an activity."""

    activity_id: str
    member_id: str
    role: str


class InvitationRow(msgspec.Struct, frozen=True, gc=False):
    """An invitation that waits for an answer."""

    activity_id: str
    activity_name: str
    role: str
    invited_by: str
    invited_on: date


class BalanceRow(msgspec.Struct, frozen=True, gc=False):
    """What is on an activity's budget."""

    posted: Money
    held: Money

    def available(self) -> Money:
        """What may be spent."""
        return self.posted - self.held


class LedgerEntryRow(msgspec.Struct, frozen=True, gc=False):
    """One line of an activity's budget."""

    key: str
    code: str
    effective: date
    kind: str
    amount_minor: int
    currency: str
    is_debit: bool
    balance_after_minor: int


class OrderLineRow(msgspec.Struct, frozen=True, gc=False):
    """One line of an order."""

    position: int
    description: str
    nature: str
    first_day: date
    last_day: date
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net_amount: Money
    done_quantity: Decimal


class BudgetWithdrawalRow(msgspec.Struct, frozen=True, gc=False):
    """What a budget gives back of an order that fell away."""

    amount: Money
    taken: Money

    def carried(self) -> Money:
        """What was spent on wages before, and the guarantee fund carries."""
        return self.amount - self.taken


class VatSubtotalRow(msgspec.Struct, frozen=True, gc=False):
    """The VAT of one category and rate; `rate` is a fraction."""

    category_code: str
    rate: Decimal
    taxable_amount: Money
    tax_amount: Money
    exemption_reason: str


class OrderRow(msgspec.Struct, frozen=True, gc=False):
    """An order with what its lines come to."""

    key: str
    entity_id: str
    activity_id: str
    member_id: str
    buyer_id: str
    number: str
    title: str
    state: str
    language: str
    lines: list[OrderLineRow]
    start_date: date
    end_date: date
    total_without_vat: Money
    total_vat: Money
    total_with_vat: Money
    vat_breakdown: list[VatSubtotalRow]
    contribution: Money
    buyer_reference: str
    payment_term_days: int
    valid_until: date
    drafted_on: date
    sent_on: date | None
    sent_at: datetime | None
    confirmed_by: str | None
    confirmed_on: date | None
    cancel_reason: str | None
    is_refused: bool
    cancelled_on: date | None
    is_covered: bool | None
    cover_decided_on: date | None
    done_on: date | None
    participants: list[str]

    def budget(self) -> Money:
        """What of the price the activity may spend."""
        return self.total_without_vat - self.contribution


class OrderOfferRow(msgspec.Struct, frozen=True, gc=False):
    """What the holder of a link sees of an order."""

    number: str
    title: str
    state: str
    language: str
    seller_name: str
    buyer_name: str
    activity_name: str
    lines: list[OrderLineRow]
    start_date: date
    end_date: date
    total_without_vat: Money
    total_vat: Money
    total_with_vat: Money
    vat_breakdown: list[VatSubtotalRow]
    payment_term_days: int
    valid_until: date
    terms: list[str]
    consent_sentence: str
    confirmed_on: date | None
    cancelled_on: date | None


class InvoiceRow(msgspec.Struct, frozen=True, gc=False):
    """An invoice with what is paid of it."""

    key: str
    entity_id: str
    order_id: str
    activity_id: str
    member_id: str
    buyer_id: str
    type_code: str
    number: str
    issue_date: date
    payment_due_date: date | None
    currency: str
    total_without_vat_minor: int
    total_vat_minor: int
    total_with_vat_minor: int
    contribution_minor: int
    reference: str | None
    paid_minor: int
    credited_minor: int
    written_off_minor: int
    overpaid_minor: int
    preceding_invoice_id: str | None
    dunning_level: int

    def payment_reference(self) -> str | None:
        """The reference as people write it; nobody pays a credit note."""
        return None if self.reference is None else show_payment_reference(self.reference)

    def state(self) -> str:
        """The state that its payments, credit notes and a write-off prove."""
        return status(self._total(), self._settlement()).value

    def amount_due(self) -> Money:
        """What is still to be paid; nothing on a credit note."""
        if self.type_code == CREDIT_NOTE:
            return Money.zero(self.currency)
        return amount_due(self._total(), self._settlement())

    def _total(self) -> Money:
        return Money(self.total_with_vat_minor, self.currency)

    def _settlement(self) -> Settlement:
        return Settlement(
            paid=Money(self.paid_minor, self.currency),
            credited=Money(self.credited_minor, self.currency),
            written_off=Money(self.written_off_minor, self.currency),
        )


class InvoiceLineRow(msgspec.Struct, frozen=True, gc=False):
    """One line of an invoice."""

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


class InvoiceDocumentRow(msgspec.Struct, frozen=True, gc=False):
    """A document of an invoice, without its bytes."""

    kind: str
    media_type: str
    size_bytes: int
    sha256: str
    rule_set: str


class DocumentContentRow(msgspec.Struct, frozen=True, gc=False):
    """The bytes of a document."""

    media_type: str
    sha256: str
    bytes: bytes

    def content(self) -> str:
        """The bytes in base64."""
        return base64.b64encode(self.bytes).decode()


class TransmissionRow(msgspec.Struct, frozen=True, gc=False):
    """How far an invoice is on its way to the buyer."""

    state: str
    reference: str | None
    evidence: dict[str, Any]
    changed_on: date

    def reason(self) -> str | None:
        """Why it failed."""
        return self.evidence.get("reason")


class BankStatementRow(msgspec.Struct, frozen=True, gc=False):
    """An import of a bank statement. `new_lines` of its `line_count` lines had not come before."""

    key: str
    entity_id: str
    bank_id: str
    iban: str
    opening_minor: int
    closing_minor: int
    currency: str
    imported_on: date
    line_count: int
    new_lines: int


class BankLineRow(msgspec.Struct, frozen=True, gc=False):
    """One payment of a bank statement, and what became of it."""

    key: str
    booking_date: date
    amount_minor: int
    currency: str
    reference: str
    outcome: str
    invoice_id: str | None
    to_invoice_minor: int
    to_suspense_minor: int


class PaymentRow(msgspec.Struct, frozen=True, gc=False):
    """One payment and what of it is in suspense."""

    key: str
    entity_id: str
    received_on: date
    amount_minor: int
    currency: str
    reference: str
    outcome: str
    invoice_id: str | None
    open_minor: int
    kept_for: str | None


class PaymentDecisionRow(msgspec.Struct, frozen=True, gc=False):
    """What a person decided about a payment."""

    kind: str
    amount_minor: int
    currency: str
    invoice_id: str | None
    buyer_id: str | None
    reference: str | None
    decided_on: date
    sent_on: date | None

    def refund_reference(self) -> str | None:
        """The reference that the transfer back must carry, as people write it."""
        return show_payment_reference(self.reference) if self.reference else None


class ProposalRow(msgspec.Struct, frozen=True, gc=False):
    """An invoice that a payment may be for, and why."""

    invoice_id: str
    amount: Money
    reasons: list[str]


class MemberRef(Ref, frozen=True, gc=False):
    """A member, whom the members service owns."""

"""An invoice or credit note in the words of EN 16931, its totals, its states and when it may be issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.money import Money, total
from commons.period import DateRange
from invoicing.domain.errors import (
    BuyerOfCreditNoteDiffers,
    BuyerReferenceMissing,
    CreditExceedsInvoice,
    DueDateBeforeIssueDate,
    DueDateMissing,
    InvoiceHasNoLines,
    InvoiceNotDraft,
    InvoiceNotIssued,
    IssueDateBeforeLastOfSeries,
    LegalMentionMissing,
    LineNumberedTwice,
    NegativeUnitPrice,
    PrecedingInvoiceMissing,
    TooManyLines,
    TotalsDoNotAdd,
    VatNotExact,
)
from invoicing.domain.party import Party
from invoicing.domain.payment_term import PaymentTerm
from invoicing.domain.rounding import PRECISION_DIGITS, product, rounded
from invoicing.domain.vat import EXEMPT, REVERSE_CHARGE, VatTreatment

INVOICE: Final = "380"  # UNCL 1001: commercial invoice
CREDIT_NOTE: Final = "381"
LINES_MAX: Final = 500
PROVISIONAL_NUMBER: Final = "PROVISIONAL"  # stands in for the number while the document is checked


class InvoiceStatus(StrEnum):
    """Where an invoice stands; derived from facts, never set."""

    DRAFT = "draft"
    ISSUED = "issued"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    CREDITED = "credited"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An allowance (BG-20, BG-27) or a charge (BG-21, BG-28); `amount` is positive in both.

    On a line `vat` is None: the line's VAT applies.
    """

    amount: Money  # BT-92 · BT-99 · BT-136 · BT-141
    reason: str  # BT-97 · BT-104 · BT-139 · BT-144
    is_charge: bool
    vat: VatTreatment | None = None

    @property
    def effect(self) -> Money:
        """What it adds to the taxable amount."""
        return self.amount if self.is_charge else -self.amount


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line (BG-25)."""

    id: str  # BT-126
    item_name: str  # BT-153
    invoiced_quantity: Decimal  # BT-129
    unit: str  # BT-130, UN/ECE recommendation 20
    item_net_price: Decimal  # BT-146, in major units, with as many decimals as agreed
    currency: str
    vat: VatTreatment
    item_description: str = ""  # BT-154
    period: DateRange | None = None  # BG-26
    buyer_accounting_reference: str = ""  # BT-133
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def line_net_amount(self) -> Money:
        """BT-131: quantity times price, rounded once, with the allowances and charges of the line."""
        gross = rounded(product(self.invoiced_quantity, self.item_net_price), self.currency)
        return total([gross, *(adjustment.effect for adjustment in self.adjustments)], self.currency)


@dataclass(frozen=True, slots=True)
class PaymentInstructions:
    """How to pay (BG-16, BG-17): the account and the text that identifies the payment."""

    iban: str  # BT-84
    remittance: str  # BT-83
    account_name: str = ""  # BT-85
    bic: str = ""  # BT-86


@dataclass(frozen=True, slots=True)
class PrecedingInvoice:
    """The invoice that a credit note corrects (BG-3)."""

    number: str  # BT-25
    issue_date: date  # BT-26


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice (380) or a credit note (381); a draft until it has a number and an issue date."""

    id: UUID
    type_code: str  # BT-3
    currency: str  # BT-5
    seller: Party  # BG-4
    buyer: Party  # BG-7
    lines: tuple[InvoiceLine, ...]  # BG-25
    language: str = "en"
    number: str | None = None  # BT-1
    issue_date: date | None = None  # BT-2
    tax_point_date: date | None = None  # BT-7
    payment_term: PaymentTerm | None = None
    payment_due_date: date | None = None  # BT-9
    payment_terms: str = ""  # BT-20
    buyer_reference: str = ""  # BT-10
    project_reference: str = ""  # BT-11
    purchase_order_reference: str = ""  # BT-13
    sales_order_reference: str = ""  # BT-14, the seller's own order number
    buyer_accounting_reference: str = ""  # BT-19
    note: str = ""  # BT-22; one only, Peppol BIS allows no second (R002)
    payment: PaymentInstructions | None = None  # BG-16
    preceding_invoice: PrecedingInvoice | None = None  # BG-3
    adjustments: tuple[Adjustment, ...] = ()  # BG-20, BG-21
    paid_amount: Money | None = None  # BT-113
    rounding_amount: Money | None = None  # BT-114
    order_id: UUID | None = None
    activity_id: UUID | None = None

    @property
    def is_draft(self) -> bool:
        """Whether it can still be changed."""
        return self.issue_date is None

    @property
    def is_credit_note(self) -> bool:
        """Whether it takes back what an invoice asked."""
        return self.type_code == CREDIT_NOTE

    @property
    def period(self) -> DateRange | None:
        """BG-14: from the first to the last day that a line covers."""
        periods = [line.period for line in self.lines if line.period is not None]
        if not periods:
            return None
        return DateRange(min(one.start for one in periods), max(one.end for one in periods))


@dataclass(frozen=True, slots=True)
class VatSubtotal:
    """The VAT of one category and rate (BG-23); `rate` is a fraction."""

    taxable_amount: Money  # BT-116
    tax_amount: Money  # BT-117
    category_code: str  # BT-118
    rate: Decimal  # BT-119, as a fraction
    exemption_reason: str = ""  # BT-120
    exemption_reason_code: str = ""  # BT-121


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of the document (BG-22)."""

    sum_of_line_net_amounts: Money  # BT-106
    sum_of_allowances: Money  # BT-107
    sum_of_charges: Money  # BT-108
    total_without_vat: Money  # BT-109
    total_vat: Money  # BT-110
    total_with_vat: Money  # BT-112
    paid_amount: Money  # BT-113
    rounding_amount: Money  # BT-114
    amount_due: Money  # BT-115


@dataclass(frozen=True, slots=True)
class Settlement:
    """What happened to the amount due after the invoice was issued; each is zero or more."""

    paid: Money
    credited: Money
    written_off: Money


def vat_breakdown(invoice: Invoice) -> tuple[VatSubtotal, ...]:
    """The VAT once per category and rate, on the sum of the rounded lines, never line by line.

    Belgium: royal decree no. 1, art. 5, as changed by the royal decree of 8 July 2025; EN 16931 BR-CO-17.
    """
    groups: dict[tuple[str, Decimal], list[tuple[VatTreatment, Money]]] = {}
    for line in invoice.lines:
        groups.setdefault(_key(line.vat), []).append((line.vat, line.line_net_amount))
    for adjustment in invoice.adjustments:
        assert adjustment.vat is not None, "an allowance of the whole document names its VAT"
        groups.setdefault(_key(adjustment.vat), []).append((adjustment.vat, adjustment.effect))
    return tuple(
        _subtotal(category, rate, parts, invoice.currency) for (category, rate), parts in groups.items()
    )


def totals(invoice: Invoice) -> Totals:
    """The totals, each a sum of amounts that are already rounded (BR-CO-10 to BR-CO-16)."""
    currency = invoice.currency
    allowances = [one.amount for one in invoice.adjustments if not one.is_charge]
    charges = [one.amount for one in invoice.adjustments if one.is_charge]
    lines = total([line.line_net_amount for line in invoice.lines], currency)
    without_vat = lines - total(allowances, currency) + total(charges, currency)
    vat = total([subtotal.tax_amount for subtotal in vat_breakdown(invoice)], currency)
    paid = invoice.paid_amount or Money.zero(currency)
    rounding = invoice.rounding_amount or Money.zero(currency)
    return Totals(
        sum_of_line_net_amounts=lines,
        sum_of_allowances=total(allowances, currency),
        sum_of_charges=total(charges, currency),
        total_without_vat=without_vat,
        total_vat=vat,
        total_with_vat=without_vat + vat,
        paid_amount=paid,
        rounding_amount=rounding,
        amount_due=without_vat + vat - paid + rounding,
    )


def issue(draft: Invoice, *, number: str, today: date, last_issue_date: date | None = None) -> Invoice:
    """The draft as an issued document, dated today and due after its term.

    `last_issue_date` is the date of the last document of the series. Raises InvoiceNotDraft,
    IssueDateBeforeLastOfSeries and what `check` raises.
    """
    if not draft.is_draft:
        raise InvoiceNotDraft(invoice=draft.id)
    if last_issue_date is not None and today < last_issue_date:
        raise IssueDateBeforeLastOfSeries(today=today, last_issue_date=last_issue_date)
    due = draft.payment_due_date
    if due is None and draft.payment_term is not None and not draft.is_credit_note:
        due = draft.payment_term.due_date(today)
    issued = replace(draft, number=number, issue_date=today, payment_due_date=due)
    check(issued)
    return issued


def provisional(draft: Invoice, today: date) -> Invoice:
    """The draft as it would be issued today, to be validated before a number is taken.

    Raises what `issue` raises.
    """
    return issue(draft, number=PROVISIONAL_NUMBER, today=today)


def status(invoice_total: Money | None, settlement: Settlement | None) -> InvoiceStatus:
    """The state of an invoice: `invoice_total` is what it asked for, None while it is a draft."""
    if invoice_total is None or settlement is None:
        return InvoiceStatus.DRAFT
    nothing = Money.zero(invoice_total.currency)
    if amount_due(invoice_total, settlement) > nothing:
        return InvoiceStatus.PARTLY_PAID if settlement.paid > nothing else InvoiceStatus.ISSUED
    if settlement.written_off > nothing:
        return InvoiceStatus.WRITTEN_OFF
    if settlement.credited > nothing and settlement.paid.is_zero:
        return InvoiceStatus.CREDITED
    return InvoiceStatus.PAID


def amount_due(invoice_total: Money, settlement: Settlement) -> Money:
    """What is still to be paid of an issued invoice; below zero where too much was paid or credited."""
    return invoice_total - settlement.paid - settlement.credited - settlement.written_off


def credit_note(
    invoice: Invoice, *, id: UUID, lines: Sequence[InvoiceLine], credited_before: Money
) -> Invoice:
    """A draft credit note over lines of an issued invoice.

    Raises InvoiceNotIssued, BuyerOfCreditNoteDiffers, CreditExceedsInvoice.
    """
    if invoice.number is None or invoice.issue_date is None:
        raise InvoiceNotIssued(invoice=invoice.id)
    if invoice.is_credit_note:
        raise BuyerOfCreditNoteDiffers(invoice=invoice.number)
    note = replace(
        invoice,
        id=id,
        type_code=CREDIT_NOTE,
        lines=tuple(lines),
        number=None,
        issue_date=None,
        payment_term=None,
        payment_due_date=None,
        payment_terms="",
        payment=None,
        preceding_invoice=PrecedingInvoice(invoice.number, invoice.issue_date),
        adjustments=(),
        paid_amount=None,
        rounding_amount=None,
    )
    asked, taken_back = totals(invoice).total_with_vat, totals(note).total_with_vat
    if credited_before + taken_back > asked:
        raise CreditExceedsInvoice(invoice=invoice.number, invoiced=asked, credited=credited_before)
    return note


def check(invoice: Invoice) -> None:
    """Our rules beyond the official ones, on a document about to be issued.

    The CEN rules 1.3.16 accept an invoice without due date or terms (they dropped BR-CO-25) and a VAT amount
    almost one unit off (BR-CO-17); the law accepts neither. Raises InvoiceHasNoLines, TooManyLines,
    LineNumberedTwice, NegativeUnitPrice, BuyerReferenceMissing, PrecedingInvoiceMissing, DueDateMissing,
    DueDateBeforeIssueDate, LegalMentionMissing, VatNotExact, TotalsDoNotAdd.
    """
    _check_lines(invoice)
    if not (invoice.buyer_reference or invoice.purchase_order_reference):
        raise BuyerReferenceMissing(invoice=invoice.id)
    if invoice.is_credit_note and invoice.preceding_invoice is None:
        raise PrecedingInvoiceMissing(invoice=invoice.id)
    subtotals, sums = vat_breakdown(invoice), totals(invoice)
    _check_due_date(invoice, sums)
    _check_mentions(invoice, subtotals)
    check_arithmetic(subtotals, sums)


def check_arithmetic(subtotals: Sequence[VatSubtotal], sums: Totals) -> None:
    """Every amount follows from the others, to the cent. Raises VatNotExact, TotalsDoNotAdd."""
    currency = sums.amount_due.currency
    for subtotal in subtotals:
        exact = subtotal.taxable_amount.times(subtotal.rate)
        if subtotal.tax_amount != exact:
            raise VatNotExact(rate=subtotal.rate, given=subtotal.tax_amount, exact=exact)
    equations = (
        ("BT-109", sums.total_without_vat, total([one.taxable_amount for one in subtotals], currency)),
        ("BT-110", sums.total_vat, total([one.tax_amount for one in subtotals], currency)),
        ("BT-112", sums.total_with_vat, sums.total_without_vat + sums.total_vat),
        ("BT-115", sums.amount_due, sums.total_with_vat - sums.paid_amount + sums.rounding_amount),
    )
    for term, given, exact in equations:
        if given != exact:
            raise TotalsDoNotAdd(term=term, given=given, exact=exact)


def percent(rate: Decimal) -> str:
    """A rate as documents write it: 0.21 is `21`, 0.055 is `5.5`."""
    text = format((rate * 100).normalize(), "f")
    return "0" if text in ("0", "-0") else text


def _check_lines(invoice: Invoice) -> None:
    if not invoice.lines:
        raise InvoiceHasNoLines(invoice=invoice.id)
    if len(invoice.lines) > LINES_MAX:
        raise TooManyLines(invoice=invoice.id, lines=len(invoice.lines), lines_max=LINES_MAX)
    if len({line.id for line in invoice.lines}) < len(invoice.lines):
        raise LineNumberedTwice(invoice=invoice.id)
    for index, line in enumerate(invoice.lines):
        if line.item_net_price < 0:
            raise NegativeUnitPrice(at=("lines", str(index), "item_net_price"), price=line.item_net_price)


def _check_due_date(invoice: Invoice, sums: Totals) -> None:
    assert invoice.issue_date is not None, "issue() sets it"
    if invoice.payment_due_date is not None and invoice.payment_due_date < invoice.issue_date:
        raise DueDateBeforeIssueDate(issue_date=invoice.issue_date, due_date=invoice.payment_due_date)
    is_payable = not invoice.is_credit_note and sums.amount_due > Money.zero(invoice.currency)
    if is_payable and invoice.payment_due_date is None and not invoice.payment_terms:
        raise DueDateMissing(invoice=invoice.id, amount_due=sums.amount_due)


def _check_mentions(invoice: Invoice, subtotals: Sequence[VatSubtotal]) -> None:
    missing = [
        name
        for name, value in (
            ("seller.vat_identifier", invoice.seller.vat_identifier),
            ("seller.legal_registration", invoice.seller.legal_registration),
            ("seller.additional_legal_information", invoice.seller.additional_legal_information),
        )
        if not value
    ]
    for subtotal in subtotals:
        if subtotal.category_code in (EXEMPT, REVERSE_CHARGE) and not subtotal.exemption_reason:
            missing.append(f"vat.{subtotal.category_code}.exemption_reason")
        if subtotal.category_code == REVERSE_CHARGE and not invoice.buyer.vat_identifier:
            missing.append("buyer.vat_identifier")
    if missing:
        raise LegalMentionMissing(invoice=invoice.id, missing=missing)


def _key(vat: VatTreatment) -> tuple[str, Decimal]:
    return vat.category_code, vat.rate.normalize()


def _subtotal(
    category: str, rate: Decimal, parts: Sequence[tuple[VatTreatment, Money]], currency: str
) -> VatSubtotal:
    taxable = total([amount for _, amount in parts], currency)
    reasons = dict.fromkeys(vat.exemption_reason for vat, _ in parts if vat.exemption_reason)
    codes = dict.fromkeys(vat.exemption_reason_code for vat, _ in parts if vat.exemption_reason_code)
    with localcontext(prec=PRECISION_DIGITS):
        tax = taxable.times(rate)
    return VatSubtotal(taxable, tax, category, rate, "; ".join(reasons), next(iter(codes), ""))

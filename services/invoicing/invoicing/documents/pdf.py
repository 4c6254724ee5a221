"""Prints an issued invoice as PDF/A-3b with its electronic document inside."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

import segno.helpers
import typst

from commons.money import Money
from invoicing.documents import formats
from invoicing.documents.words import word
from invoicing.domain.errors import InvoiceNotIssued
from invoicing.domain.invoice import (
    Invoice,
    InvoiceLine,
    PaymentInstructions,
    Totals,
    VatSubtotal,
    totals,
    vat_breakdown,
)
from invoicing.domain.party import Party

QR_AMOUNT_MAX: Final = Decimal("999999999.99")  # EPC069-12
QR_NAME_CHARACTERS_MAX: Final = 70
_WORDS: Final = (
    *("buyer", "description", "quantity", "unit_price", "vat", "amount", "vat_table", "rate", "taxable"),
    *("payment", "scan", "page", "of", "attached"),
)


def print_invoice(invoice: Invoice, ubl: bytes, *, payment_mentions: Sequence[str] = ()) -> bytes:
    """The invoice in its own language, with `ubl` attached.

    `payment_mentions` are the country's sentences on payment, such as what late payment entails. The same
    invoice always gives the same bytes. Takes some 20 ms of processor time. Raises InvoiceNotIssued.
    """
    if invoice.number is None or invoice.issue_date is None:
        raise InvoiceNotIssued(invoice=invoice.id)
    sums = totals(invoice)
    beneficiary = invoice.seller.name
    qr = None
    if invoice.payment is not None and not invoice.is_credit_note:
        beneficiary = invoice.payment.account_name or beneficiary
        qr = payment_qr(invoice.payment, sums.amount_due, beneficiary)
    data = _data(invoice, sums, beneficiary, has_qr=qr is not None, payment_mentions=payment_mentions)
    # A compiler of its own for each document: one may not be shared by threads.
    return typst.compile(
        _template(),
        format="pdf",
        sys_inputs={"data": json.dumps(data), "ubl": ubl.decode("utf-8"), "qr": qr or ""},
        pdf_standards=["a-3b"],
        font_paths=_fonts(),
        timestamp=datetime.combine(invoice.issue_date, time(), UTC),
    )


def payment_qr(payment: PaymentInstructions, amount: Money, beneficiary: str) -> str | None:
    """The EPC code a banking app scans, as SVG; None where the standard has no code for this payment.

    The Belgian communication goes into the free text: the structured field takes only ISO 11649 references.
    """
    if amount.currency != "EUR" or not 0 < amount.amount <= QR_AMOUNT_MAX:
        return None
    code = segno.helpers.make_epc_qr(
        name=beneficiary[:QR_NAME_CHARACTERS_MAX],
        iban=payment.iban,
        amount=amount.amount,
        text=payment.remittance,
        bic=payment.bic or None,
    )
    picture = io.BytesIO()
    code.save(picture, kind="svg", border=0)
    return picture.getvalue().decode()


@cache
def _fonts() -> typst.Fonts:
    # Only the fonts inside the library: the same invoice looks the same on every machine.
    return typst.Fonts(include_system_fonts=False)


@cache
def _template() -> bytes:
    return (files(__package__) / "invoice.typ").read_bytes()


def _data(
    invoice: Invoice, sums: Totals, beneficiary: str, *, has_qr: bool, payment_mentions: Sequence[str]
) -> Mapping[str, object]:
    language = formats.language_of(invoice.language)
    heading = word("credit_note" if invoice.is_credit_note else "invoice", language)
    subtotals = vat_breakdown(invoice)
    seller = invoice.seller
    return {
        "language": language,
        "title": f"{heading} {invoice.number}",
        "heading": heading,
        "number": invoice.number,
        "words": {name: word(name, language) for name in _WORDS},
        "seller": {
            "name": seller.name,
            "trading_name": seller.trading_name or seller.name,
            "lines": _party_lines(seller, language, is_seller=True),
        },
        "buyer": {
            "name": invoice.buyer.name,
            "lines": _party_lines(invoice.buyer, language, is_seller=False),
        },
        "facts": _facts(invoice, language),
        "lines": [
            *(_line(line, language) for line in invoice.lines),
            *(
                {
                    "name": adjustment.reason
                    or word("charge" if adjustment.is_charge else "allowance", language),
                    "detail": "",
                    "quantity": "",
                    "price": "",
                    "rate": formats.rate(adjustment.vat.rate, language) if adjustment.vat else "",
                    "amount": formats.money(adjustment.effect, language),
                }
                for adjustment in invoice.adjustments
            ),
        ],
        "vat": [_vat_row(subtotal, language) for subtotal in subtotals],
        "mentions": [subtotal.exemption_reason for subtotal in subtotals if subtotal.exemption_reason],
        "totals": _totals(sums, language),
        "due": {
            "name": word("credited" if invoice.is_credit_note else "due", language),
            "value": formats.money(sums.amount_due, language),
        },
        "payment": _payment(invoice, beneficiary, language, has_qr=has_qr),
        "note": invoice.note,
        "sentences": [*(payment_mentions if not invoice.is_credit_note else ()), word("attached", language)],
        "footer": " · ".join(part for part in _footer(seller, language) if part),
    }


def _party_lines(party: Party, language: str, *, is_seller: bool) -> list[str]:
    address = party.address
    lines = [
        party.name if is_seller and party.trading_name else "",
        address.street,
        address.additional_street,
        f"{address.country} {address.post_code} {address.city}",
        f"{word('vat_number', language)} {party.vat_identifier}" if party.vat_identifier else "",
    ]
    return [line for line in lines if line]


def _footer(seller: Party, language: str) -> list[str]:
    registration = seller.legal_registration
    contact = seller.contact
    return [
        seller.name,
        seller.additional_legal_information,
        f"{word('enterprise_number', language)} {registration.value}" if registration else "",
        contact.email if contact else "",
        contact.telephone.replace(" ", "\u00a0") if contact else "",
    ]


def _facts(invoice: Invoice, language: str) -> list[tuple[str, str]]:
    assert invoice.issue_date is not None, "print_invoice() checked it"
    facts: list[tuple[str, str]] = [("issue_date", formats.day(invoice.issue_date, language))]
    if invoice.payment_due_date is not None:
        facts.append(("due_date", formats.day(invoice.payment_due_date, language)))
    if invoice.period is not None:
        facts.append(("period", formats.days(invoice.period, language)))
    elif invoice.tax_point_date is not None:
        facts.append(("tax_point", formats.day(invoice.tax_point_date, language)))
    if invoice.preceding_invoice is not None:
        facts.append(("corrects", invoice.preceding_invoice.number))
    for name, value in (
        ("buyer_reference", invoice.buyer_reference),
        ("order", invoice.purchase_order_reference),
        ("order", invoice.sales_order_reference),
        ("project", invoice.project_reference),
    ):
        if value and value not in (shown for _, shown in facts):
            facts.append((name, value))
    return [(word(name, language), value) for name, value in facts]


def _line(line: InvoiceLine, language: str) -> Mapping[str, str]:
    details = [
        formats.days(line.period, language) if line.period else "",
        line.item_description,
        *(f"{one.reason} {formats.money(one.effect, language)}" for one in line.adjustments),
    ]
    return {
        "name": line.item_name,
        "detail": " · ".join(detail for detail in details if detail),
        "quantity": formats.quantity(line.invoiced_quantity, line.unit, language),
        "price": formats.unit_price(line.item_net_price, line.currency, language),
        "rate": formats.rate(line.vat.rate, language),
        "amount": formats.money(line.line_net_amount, language),
    }


def _vat_row(subtotal: VatSubtotal, language: str) -> Mapping[str, str]:
    return {
        "rate": formats.rate(subtotal.rate, language),
        "taxable": formats.money(subtotal.taxable_amount, language),
        "tax": formats.money(subtotal.tax_amount, language),
    }


def _totals(sums: Totals, language: str) -> list[tuple[str, str]]:
    rows = [
        ("without_vat", sums.total_without_vat),
        ("total_vat", sums.total_vat),
        ("with_vat", sums.total_with_vat),
    ]
    rows += [("paid", -sums.paid_amount)] if not sums.paid_amount.is_zero else []
    rows += [("rounding", sums.rounding_amount)] if not sums.rounding_amount.is_zero else []
    return [(word(name, language), formats.money(amount, language)) for name, amount in rows]


def _payment(
    invoice: Invoice, beneficiary: str, language: str, *, has_qr: bool
) -> Mapping[str, object] | None:
    if invoice.payment is None or invoice.is_credit_note:
        return None
    facts = [
        ("beneficiary", beneficiary),
        ("account", formats.iban(invoice.payment.iban)),
        ("communication", invoice.payment.remittance),
    ]
    if invoice.payment_due_date is not None:
        facts.append(("due_date", formats.day(invoice.payment_due_date, language)))
    return {"facts": [(word(name, language), value) for name, value in facts], "has_qr": has_qr}

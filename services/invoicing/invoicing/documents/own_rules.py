"""Our rules on the finished bytes: what the law asks and the official rule sets let pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from lxml import etree

from invoicing.documents.finding import FATAL, Finding

_NS: Final = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
_CENT: Final = Decimal("0.01")

Found = tuple[str, str, etree._Element]  # rule, message, where


def own_findings(root: etree._Element) -> list[Finding]:
    """The findings of every rule of this file; an amount that is no number is left to the official rules."""
    findings: list[Finding] = []
    for rule in RULES:
        try:
            found = list(rule(root))
        except InvalidOperation:
            continue
        findings += [
            Finding(name, "own", FATAL, message, root.getroottree().getpath(node))
            for name, message, node in found
        ]
    return findings


def _due_date_or_terms(root: etree._Element) -> Iterator[Found]:
    """Directive 2011/7/EU runs from a due date; EN 16931 had it as BR-CO-25, the rules 1.3.16 dropped it."""
    if etree.QName(root).localname != "Invoice":
        return
    due = _number(root, "cac:LegalMonetaryTotal/cbc:PayableAmount")
    if due > 0 and not (_find(root, "cbc:DueDate") or _find(root, "cac:PaymentTerms/cbc:Note")):
        yield "OWN-DUE-DATE", "An amount is due, but neither a due date nor payment terms are given.", root


def _vat_is_exact(root: etree._Element) -> Iterator[Found]:
    """BR-CO-17 tolerates almost one unit; Belgian law does not (royal decree no. 1, art. 5)."""
    currency = _find(root, "cbc:DocumentCurrencyCode")
    for subtotal in root.iterfind("cac:TaxTotal/cac:TaxSubtotal", _NS):
        amount = subtotal.find("cbc:TaxAmount", _NS)
        if amount is None or amount.get("currencyID") != currency:
            continue
        taxable = _number(subtotal, "cbc:TaxableAmount")
        rate = _number(subtotal, "cac:TaxCategory/cbc:Percent")
        exact = (taxable * rate / 100).quantize(_CENT, ROUND_HALF_UP)
        if Decimal((amount.text or "").strip()) != exact:
            yield "OWN-VAT-EXACT", f"The VAT at {rate} % of {taxable} is {exact}.", subtotal


def _one_subtotal_per_rate(root: etree._Element) -> Iterator[Found]:
    """One VAT amount per category and rate, or the amount is rounded more than once."""
    seen: set[tuple[str, Decimal]] = set()
    for subtotal in root.iterfind("cac:TaxTotal/cac:TaxSubtotal", _NS):
        key = (
            _find(subtotal, "cac:TaxCategory/cbc:ID"),
            _number(subtotal, "cac:TaxCategory/cbc:Percent"),
        )
        if key in seen:
            yield "OWN-VAT-ONCE", f"The VAT of category {key[0]} at {key[1]} % is given twice.", subtotal
        seen.add(key)


def _reason_for_no_vat(root: etree._Element) -> Iterator[Found]:
    """Directive 2006/112/EC, art. 226 (11) and (11a): the invoice says why no VAT is charged, in words."""
    for category in root.iterfind("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory", _NS):
        if _find(category, "cbc:ID") in ("E", "AE") and not _find(category, "cbc:TaxExemptionReason"):
            yield "OWN-VAT-REASON", "No VAT is charged, but no words say why.", category


def _credit_note_names_invoice(root: etree._Element) -> Iterator[Found]:
    """A credit note names the invoice it corrects (Directive 2006/112/EC, art. 219)."""
    is_credit_note = etree.QName(root).localname == "CreditNote"
    if is_credit_note and not _find(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"):
        yield "OWN-PRECEDING-INVOICE", "The credit note does not name the invoice it corrects.", root


RULES: Final[tuple[Callable[[etree._Element], Iterator[Found]], ...]] = (
    _due_date_or_terms,
    _vat_is_exact,
    _one_subtotal_per_rate,
    _reason_for_no_vat,
    _credit_note_names_invoice,
)


def _find(node: etree._Element, path: str) -> str:
    return (node.findtext(path, default="", namespaces=_NS) or "").strip()


def _number(node: etree._Element, path: str) -> Decimal:
    return Decimal(_find(node, path) or "0")

"""Writes an issued invoice or credit note as UBL 2.1 in the Peppol BIS Billing 3.0 profile."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from commons.money import Money
from invoicing.domain.errors import InvoiceNotIssued
from invoicing.domain.invoice import (
    CREDIT_NOTE,
    Adjustment,
    Invoice,
    InvoiceLine,
    PaymentInstructions,
    Totals,
    VatSubtotal,
    percent,
    totals,
    vat_breakdown,
)
from invoicing.domain.party import Address, Party
from invoicing.domain.vat import VatTreatment

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC: Final = f"{_UBL}CommonAggregateComponents-2"
_CBC: Final = f"{_UBL}CommonBasicComponents-2"

CORE: Final = "urn:cen.eu:en16931:2017"
PEPPOL: Final = f"{CORE}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PEPPOL_PROCESS: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"

CREDIT_TRANSFER: Final = "30"  # UNCL 4461
SEPA_CREDIT_TRANSFER: Final = "58"
PROJECT_DOCUMENT: Final = "50"  # UNCL 1001: how a credit note carries the project reference, BT-11
VAT_SCHEME: Final = "VAT"
NO_PURCHASE_ORDER: Final = "NA"  # Peppol BIS: what BT-13 says where only the seller's order number is known


def customization(invoice: Invoice) -> str:
    """BT-24: Peppol where both sides have an endpoint; the core norm for a buyer outside the network."""
    return PEPPOL if invoice.seller.endpoint and invoice.buyer.endpoint else CORE


def kind(invoice: Invoice) -> str:
    """What `Validator.findings` should judge the document as: "invoice" in the network, "core" outside it."""
    return "invoice" if customization(invoice) == PEPPOL else "core"


def serialize(invoice: Invoice) -> bytes:
    """The document as UTF-8 XML; the same invoice always gives the same bytes. Raises InvoiceNotIssued."""
    if invoice.number is None or invoice.issue_date is None:
        raise InvoiceNotIssued(invoice=invoice.id)
    name = "CreditNote" if invoice.is_credit_note else "Invoice"
    namespaces = {None: f"{_UBL}{name}-2", "cac": _CAC, "cbc": _CBC}
    root = etree.Element(f"{{{_UBL}{name}-2}}{name}", nsmap=namespaces)  # type: ignore[arg-type] # None is the default namespace; the stubs miss it
    profile = customization(invoice)
    _text(root, "CustomizationID", profile)
    _text(root, "ProfileID", PEPPOL_PROCESS if profile == PEPPOL else "")
    _text(root, "ID", invoice.number)
    _head(root, invoice, invoice.issue_date)
    _references(root, invoice)
    _party(_group(root, "AccountingSupplierParty"), invoice.seller)
    _party(_group(root, "AccountingCustomerParty"), invoice.buyer)
    if invoice.payment is not None:
        _payment_means(root, invoice, invoice.payment)
    _text(_group(root, "PaymentTerms"), "Note", invoice.payment_terms)
    for adjustment in invoice.adjustments:
        _adjustment(root, adjustment)
    _tax_total(root, vat_breakdown(invoice), invoice.currency)
    _monetary_total(root, totals(invoice))
    for line in invoice.lines:
        _line(root, line, is_credit_note=invoice.is_credit_note)
    _drop_empty_groups(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _head(root: etree._Element, invoice: Invoice, issue_date: date) -> None:
    # The schemas of the two documents order these fields differently, and a credit note has no due date here.
    _text(root, "IssueDate", issue_date.isoformat())
    tax_point = invoice.tax_point_date if invoice.tax_point_date != issue_date else None
    if invoice.is_credit_note:
        _day(root, "TaxPointDate", tax_point)
        _text(root, "CreditNoteTypeCode", CREDIT_NOTE)
        _text(root, "Note", invoice.note)
    else:
        _day(root, "DueDate", invoice.payment_due_date)
        _text(root, "InvoiceTypeCode", invoice.type_code)
        _text(root, "Note", invoice.note)
        _day(root, "TaxPointDate", tax_point)
    _text(root, "DocumentCurrencyCode", invoice.currency)
    _text(root, "AccountingCost", invoice.buyer_accounting_reference)
    _text(root, "BuyerReference", invoice.buyer_reference)


def _references(root: etree._Element, invoice: Invoice) -> None:
    if invoice.period is not None:
        period = _group(root, "InvoicePeriod")
        _day(period, "StartDate", invoice.period.start)
        _day(period, "EndDate", invoice.period.last)
    order = _group(root, "OrderReference")
    _text(
        order,
        "ID",
        invoice.purchase_order_reference or (NO_PURCHASE_ORDER if invoice.sales_order_reference else ""),
    )
    _text(order, "SalesOrderID", invoice.sales_order_reference)
    if invoice.preceding_invoice is not None:
        reference = _group(_group(root, "BillingReference"), "InvoiceDocumentReference")
        _text(reference, "ID", invoice.preceding_invoice.number)
        _day(reference, "IssueDate", invoice.preceding_invoice.issue_date)
    if invoice.project_reference and invoice.is_credit_note:
        document = _group(root, "AdditionalDocumentReference")
        _text(document, "ID", invoice.project_reference)
        _text(document, "DocumentTypeCode", PROJECT_DOCUMENT)
    elif invoice.project_reference:
        _text(_group(root, "ProjectReference"), "ID", invoice.project_reference)


def _party(parent: etree._Element, party: Party) -> None:
    node = _group(parent, "Party")
    if party.endpoint is not None:
        _text(node, "EndpointID", party.endpoint.value, schemeID=party.endpoint.scheme)
    _text(_group(node, "PartyName"), "Name", party.trading_name or party.name)
    _address(_group(node, "PostalAddress"), party.address)
    if party.vat_identifier:
        tax = _group(node, "PartyTaxScheme")
        _text(tax, "CompanyID", party.vat_identifier)
        _text(_group(tax, "TaxScheme"), "ID", VAT_SCHEME)
    legal = _group(node, "PartyLegalEntity")
    _text(legal, "RegistrationName", party.name)
    if party.legal_registration is not None:
        scheme = {"schemeID": party.legal_registration.scheme} if party.legal_registration.scheme else {}
        _text(legal, "CompanyID", party.legal_registration.value, **scheme)
    _text(legal, "CompanyLegalForm", party.additional_legal_information)
    if party.contact is not None:
        contact = _group(node, "Contact")
        _text(contact, "Name", party.contact.name)
        _text(contact, "Telephone", party.contact.telephone)
        _text(contact, "ElectronicMail", party.contact.email)


def _address(node: etree._Element, address: Address) -> None:
    _text(node, "StreetName", address.street)
    _text(node, "AdditionalStreetName", address.additional_street)
    _text(node, "CityName", address.city)
    _text(node, "PostalZone", address.post_code)
    _text(_group(node, "Country"), "IdentificationCode", address.country)


def _payment_means(root: etree._Element, invoice: Invoice, payment: PaymentInstructions) -> None:
    means = _group(root, "PaymentMeans")
    _text(means, "PaymentMeansCode", SEPA_CREDIT_TRANSFER if invoice.currency == "EUR" else CREDIT_TRANSFER)
    if invoice.is_credit_note:
        _day(means, "PaymentDueDate", invoice.payment_due_date)
    _text(means, "PaymentID", payment.remittance)
    account = _group(means, "PayeeFinancialAccount")
    _text(account, "ID", payment.iban)
    _text(account, "Name", payment.account_name)
    _text(_group(account, "FinancialInstitutionBranch"), "ID", payment.bic)


def _adjustment(parent: etree._Element, adjustment: Adjustment) -> None:
    node = _group(parent, "AllowanceCharge")
    _text(node, "ChargeIndicator", "true" if adjustment.is_charge else "false")
    _text(node, "AllowanceChargeReason", adjustment.reason)
    _amount(node, "Amount", adjustment.amount)
    if adjustment.vat is not None:
        _vat_category(_group(node, "TaxCategory"), adjustment.vat)


def _tax_total(root: etree._Element, subtotals: tuple[VatSubtotal, ...], currency: str) -> None:
    total_node = _group(root, "TaxTotal")
    tax = sum((subtotal.tax_amount for subtotal in subtotals), Money.zero(currency))
    _amount(total_node, "TaxAmount", tax)
    for subtotal in subtotals:
        node = _group(total_node, "TaxSubtotal")
        _amount(node, "TaxableAmount", subtotal.taxable_amount)
        _amount(node, "TaxAmount", subtotal.tax_amount)
        category = _group(node, "TaxCategory")
        _text(category, "ID", subtotal.category_code)
        _text(category, "Percent", percent(subtotal.rate))
        _text(category, "TaxExemptionReasonCode", subtotal.exemption_reason_code)
        _text(category, "TaxExemptionReason", subtotal.exemption_reason)
        _text(_group(category, "TaxScheme"), "ID", VAT_SCHEME)


def _monetary_total(root: etree._Element, sums: Totals) -> None:
    node = _group(root, "LegalMonetaryTotal")
    _amount(node, "LineExtensionAmount", sums.sum_of_line_net_amounts)
    _amount(node, "TaxExclusiveAmount", sums.total_without_vat)
    _amount(node, "TaxInclusiveAmount", sums.total_with_vat)
    for name, amount in (
        ("AllowanceTotalAmount", sums.sum_of_allowances),
        ("ChargeTotalAmount", sums.sum_of_charges),
        ("PrepaidAmount", sums.paid_amount),
        ("PayableRoundingAmount", sums.rounding_amount),
    ):
        if not amount.is_zero:
            _amount(node, name, amount)
    _amount(node, "PayableAmount", sums.amount_due)


def _line(root: etree._Element, line: InvoiceLine, *, is_credit_note: bool) -> None:
    node = _group(root, "CreditNoteLine" if is_credit_note else "InvoiceLine")
    _text(node, "ID", line.id)
    quantity = "CreditedQuantity" if is_credit_note else "InvoicedQuantity"
    _text(node, quantity, _decimal(line.invoiced_quantity), unitCode=line.unit)
    _amount(node, "LineExtensionAmount", line.line_net_amount)
    _text(node, "AccountingCost", line.buyer_accounting_reference)
    if line.period is not None:
        period = _group(node, "InvoicePeriod")
        _day(period, "StartDate", line.period.start)
        _day(period, "EndDate", line.period.last)
    for adjustment in line.adjustments:
        _adjustment(node, adjustment)
    item = _group(node, "Item")
    _text(item, "Description", line.item_description)
    _text(item, "Name", line.item_name)
    _vat_category(_group(item, "ClassifiedTaxCategory"), line.vat)
    price = _group(node, "Price")
    _text(price, "PriceAmount", _decimal(line.item_net_price), currencyID=line.currency)


def _vat_category(node: etree._Element, vat: VatTreatment) -> None:
    _text(node, "ID", vat.category_code)
    _text(node, "Percent", percent(vat.rate))
    _text(_group(node, "TaxScheme"), "ID", VAT_SCHEME)


def _group(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_CAC}}}{name}")


def _text(parent: etree._Element, name: str, value: str, **attributes: str) -> None:
    value = _printable(value)
    if value:
        etree.SubElement(parent, f"{{{_CBC}}}{name}", attributes).text = value


def _day(parent: etree._Element, name: str, day: date | None) -> None:
    if day is not None:
        _text(parent, name, day.isoformat())


def _amount(parent: etree._Element, name: str, amount: Money) -> None:
    _text(parent, name, str(amount.amount), currencyID=amount.currency)


def _decimal(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _printable(value: str) -> str:
    # XML 1.0 has no way to write most control characters; people paste them from elsewhere unseen.
    kept = (
        character
        for character in value
        if character in "\t\n"
        or " " <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character >= "\U00010000"
    )
    return "".join(kept).strip()


def _drop_empty_groups(root: etree._Element) -> None:
    """Peppol R008 allows no empty element; a group whose fields were all empty says nothing."""
    for node in reversed(list(root.iter())):
        parent = node.getparent()
        if parent is not None and len(node) == 0 and not node.text:
            parent.remove(node)

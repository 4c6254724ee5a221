from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from commons.money import Money
from invoicing.documents.judge import Judge
from invoicing.documents.ubl import CORE, PEPPOL, customization, kind, serialize
from invoicing.domain.errors import InvoiceNotIssued
from invoicing.domain.invoice import Adjustment, Invoice, credit_note, issue
from invoicing.domain.party import Party
from invoicing.domain.rules import InvoicingRules
from invoicing.domain.samples import AT_6, AT_21, JULY, a_buyer, a_draft, a_german_buyer, a_line
from invoicing.domain.vat import VatTreatment, treatment

TODAY = date(2026, 7, 31)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def issued(draft: Invoice) -> Invoice:
    return issue(draft, number="F2026-000042", today=TODAY)


def vat(rules: InvoicingRules, nature: str, buyer: Party) -> VatTreatment:
    return treatment(rules.vat, nature=nature, buyer=buyer, tax_point_date=TODAY, language="fr")


def text(xml: bytes, path: str) -> str:
    return etree.fromstring(xml).findtext("/".join(f"{{*}}{step}" for step in path.split("/"))) or ""


def test_an_ordinary_invoice_passes_every_layer(judge: Judge) -> None:
    assert judge.findings(serialize(issued(a_draft()))) == []


@pytest.mark.parametrize(
    "nature", ["service", "copyright", "performance", "performer_to_organizer", "publishing_contract"]
)
@pytest.mark.parametrize("buyer", [a_buyer(), a_german_buyer()], ids=["at home", "in Germany"])
def test_every_nature_of_service_passes_every_layer(
    judge: Judge, rules: InvoicingRules, nature: str, buyer: Party
) -> None:
    draft = a_draft([a_line("2.5", "99.99", vat=vat(rules, nature, buyer), period=JULY)], buyer=buyer)
    assert judge.findings(serialize(issued(draft))) == []


def test_an_invoice_with_everything_passes_every_layer(judge: Judge, rules: InvoicingRules) -> None:
    exempt = vat(rules, "performer_to_organizer", a_buyer())
    line = replace(
        a_line("3", "33.333", period=JULY),
        item_description="En deux phases",
        buyer_accounting_reference="CC-12",
        adjustments=(Adjustment(eur("9.99"), "Remise", False), Adjustment(eur("2"), "Déplacement", True)),
    )
    draft = replace(
        a_draft([line, a_line("1", "450", id="2", vat=AT_6), a_line("1", "300", id="3", vat=exempt)]),
        adjustments=(
            Adjustment(eur("10"), "Fidélité", False, AT_21),
            Adjustment(eur("5"), "Port", True, AT_6),
        ),
        paid_amount=eur("100"),
        rounding_amount=eur("0.02"),
        note="Merci.",
        buyer_accounting_reference="Compte 61",
        purchase_order_reference="PO-2026-17",
        sales_order_reference="O2026-000007",
        payment_terms="10 jours",
        tax_point_date=date(2026, 7, 30),
    )
    xml = serialize(issued(draft))
    assert judge.findings(xml) == []
    assert text(xml, "ProjectReference/ID") == "Atelier Web"
    assert text(xml, "AccountingCost") == "Compte 61"
    assert text(xml, "PaymentMeans/PaymentMeansCode") == "58"
    assert text(xml, "PaymentMeans/PaymentID") == "+++100/0000/04276+++"
    assert text(xml, "AccountingSupplierParty/Party/EndpointID") == "0896755397"


def test_our_own_order_number_is_no_purchase_order_of_the_buyer(judge: Judge) -> None:
    xml = serialize(issued(replace(a_draft(), sales_order_reference="O2026-000007")))
    assert judge.findings(xml) == []
    assert text(xml, "OrderReference/ID") == "NA"
    assert text(xml, "OrderReference/SalesOrderID") == "O2026-000007"


def test_a_credit_note_passes_every_layer(judge: Judge) -> None:
    invoice = issued(a_draft([a_line("12.5", "65.255", period=JULY), a_line("1", "450", id="2", vat=AT_6)]))
    note = credit_note(invoice, id=UUID(int=2), lines=invoice.lines[:1], credited_before=eur("0"))
    xml = serialize(issue(note, number="C2026-000001", today=date(2026, 8, 3)))
    assert judge.findings(xml) == []
    assert text(xml, "CreditNoteTypeCode") == "381"
    assert text(xml, "BillingReference/InvoiceDocumentReference/ID") == "F2026-000042"


def test_a_private_buyer_gets_a_document_of_the_core_norm(judge: Judge) -> None:
    private = replace(a_buyer(), vat_identifier="", endpoint=None, legal_registration=None)
    invoice = issued(a_draft(buyer=private))
    assert (customization(invoice), kind(invoice)) == (CORE, "core")
    assert judge.findings(serialize(invoice), "core") == []
    assert (customization(issued(a_draft())), kind(issued(a_draft()))) == (PEPPOL, "invoice")


def test_the_same_invoice_gives_the_same_bytes() -> None:
    assert serialize(issued(a_draft())) == serialize(issued(a_draft()))


def test_a_draft_has_no_document() -> None:
    with pytest.raises(InvoiceNotIssued):
        serialize(a_draft())


def test_text_of_people_is_data_and_never_markup(judge: Judge) -> None:
    hostile = 'A & B <script> ]]> "q" \x00\x0b\ud800 é'
    xml = serialize(issued(a_draft([a_line(name=hostile)])))
    assert judge.findings(xml) == []
    assert text(xml, "InvoiceLine/Item/Name") == 'A & B <script> ]]> "q"  é'


def test_no_element_is_empty() -> None:
    root = etree.fromstring(serialize(issued(replace(a_draft(), project_reference="  ", note="\x00"))))
    assert [node.tag for node in root.iter() if not len(node) and not (node.text or "").strip()] == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.tuples(
            st.decimals("-999", "9999", places=3, allow_nan=False),
            st.decimals("0", "9999", places=4, allow_nan=False),
            st.sampled_from([AT_21, AT_6]),
        ),
        min_size=1,
        max_size=50,
    )
)
def test_no_combination_of_lines_makes_a_document_the_rules_reject(
    judge: Judge, parts: list[tuple[Decimal, Decimal, VatTreatment]]
) -> None:
    lines = [
        replace(a_line(id=str(index), vat=one), invoiced_quantity=quantity, item_net_price=price)
        for index, (quantity, price, one) in enumerate(parts, start=1)
    ]
    assert judge.findings(serialize(issued(a_draft(lines)))) == []

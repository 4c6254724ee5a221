import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pikepdf
import pytest

from commons.money import Money
from commons.period import DateRange
from invoicing.documents import formats
from invoicing.documents.pdf import payment_qr, print_invoice
from invoicing.documents.ubl import serialize
from invoicing.documents.words import word
from invoicing.domain.errors import InvoiceNotIssued
from invoicing.domain.invoice import Adjustment, Invoice, issue
from invoicing.domain.samples import AT_21, a_draft, a_line

TODAY = date(2026, 7, 31)


def issued(draft: Invoice) -> Invoice:
    return issue(draft, number="F2026-000042", today=TODAY)


def printed(invoice: Invoice) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(print_invoice(invoice, serialize(invoice), payment_mentions=["Merci."])))


@pytest.mark.parametrize("language", formats.LANGUAGES)
def test_a_printed_invoice_is_archivable_and_carries_its_electronic_document(language: str) -> None:
    invoice = issued(a_draft(language=language))
    pdf = printed(invoice)
    metadata = pdf.open_metadata()
    assert metadata["pdfaid:part"] == "3"
    assert metadata["pdfaid:conformance"] == "B"
    assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
    assert str(pdf.Root.Lang) == language
    assert str(pdf.Root.AF[0].AFRelationship) == "/Alternative"
    assert pdf.attachments["invoice.xml"].get_file().read_bytes() == serialize(invoice)
    assert pdf.docinfo["/Title"] == f"{word('invoice', language)} F2026-000042"


def test_the_same_invoice_prints_to_the_same_bytes() -> None:
    invoice = issued(a_draft())
    assert print_invoice(invoice, b"<a/>") == print_invoice(invoice, b"<a/>")


def test_threads_print_side_by_side() -> None:
    invoices = [issued(a_draft([a_line(str(quantity))])) for quantity in range(1, 9)]
    alone = [print_invoice(invoice, b"<a/>") for invoice in invoices]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(lambda invoice: print_invoice(invoice, b"<a/>"), invoices)) == alone


def test_a_long_invoice_goes_on_over_pages() -> None:
    lines = [a_line("1", "10", id=str(index), name="Une longue description " * 4) for index in range(100)]
    draft = replace(a_draft(lines), adjustments=(Adjustment(Money.of("1", "EUR"), "Remise", False, AT_21),))
    assert len(printed(issued(draft)).pages) >= 4


def test_text_of_people_is_no_markup_of_the_page() -> None:
    hostile = '#panic("x") $ * _ `[ ]` \\ <a> @b "'
    draft = replace(a_draft([a_line(name=hostile)]), note=hostile)
    assert len(printed(issued(draft)).pages) == 1


def test_a_draft_is_not_printed() -> None:
    with pytest.raises(InvoiceNotIssued):
        print_invoice(a_draft(), b"")


def test_only_an_amount_in_euro_gets_a_code_to_scan() -> None:
    payment = a_draft().payment
    assert payment is not None
    assert payment_qr(payment, Money.of("1210", "EUR"), "Coopérative Exemple SC")
    assert payment_qr(payment, Money.zero("EUR"), "Coopérative Exemple SC") is None
    assert payment_qr(payment, Money.of("1210", "SEK"), "Coopérative Exemple SC") is None
    assert payment_qr(payment, Money.of("1210", "EUR"), "C" * 200)


@pytest.mark.parametrize(
    ("language", "amount"),
    [
        ("fr", "1\u202f234\u202f567,80\u00a0€"),
        ("nl", "€\u00a01.234.567,80"),
        ("en", "€1,234,567.80"),
        ("de", "1.234.567,80\u00a0€"),
    ],
)
def test_amounts_are_written_as_in_the_language(language: str, amount: str) -> None:
    assert formats.money(Money.of("1234567.80", "EUR"), language) == amount


def test_days_and_quantities_are_written_as_in_the_language() -> None:
    july = DateRange(date(2026, 7, 1), date(2026, 8, 1))
    plain = [formats.days(july, language).replace("\u00a0", " ") for language in formats.LANGUAGES]
    assert plain == ["1er – 31 juillet 2026", "1 – 31 juli 2026", "1 – 31 July 2026", "1. – 31. Juli 2026"]
    across = DateRange(date(2026, 7, 31), date(2026, 8, 2))
    assert formats.days(across, "nl").replace("\u00a0", " ") == "31 juli 2026 – 1 augustus 2026"
    assert formats.quantity(Decimal("1.50"), "HUR", "fr") == "1,5\u00a0heure"
    assert formats.quantity(Decimal("1.50"), "HUR", "en") == "1.5\u00a0hours"
    assert formats.quantity(Decimal("-1234.5"), "XYZ", "de") == "−1.234,5\u00a0XYZ"
    assert formats.rate(Decimal("0.055"), "fr") == "5,5\u00a0%"
    assert formats.iban("BE71096123456769") == "BE71\u00a00961\u00a02345\u00a06769"
    assert formats.language_of("pl") == "en"

from datetime import date
from decimal import Decimal

import orjson
from hypothesis import given
from hypothesis import strategies as st

from commons.money import Money
from commons.period import DateRange
from invoicing.archive import keep_invoice, read_invoice
from invoicing.domain.invoice import Adjustment, InvoiceLine, issue
from invoicing.domain.party import Contact
from invoicing.domain.samples import AT_6, AT_21, a_draft, a_german_buyer, a_seller
from invoicing.domain.vat import EXEMPT, VatTreatment

texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40)
numbers = st.decimals("0.0001", "1000000", places=4).map(lambda number: number.normalize())
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
treatments = st.sampled_from(
    [AT_21, AT_6, VatTreatment("performer", EXEMPT, Decimal(0), "Exonéré – art. 44")]
)
adjustments = st.builds(
    Adjustment,
    amount=st.integers(1, 10_000).map(lambda minor: Money(minor, "EUR")),
    reason=texts,
    is_charge=st.booleans(),
)
lines = st.builds(
    InvoiceLine,
    id=st.uuids().map(str),
    item_name=texts,
    invoiced_quantity=numbers,
    unit=st.sampled_from(["DAY", "HUR", "C62"]),
    item_net_price=numbers,
    currency=st.just("EUR"),
    vat=treatments,
    item_description=texts,
    period=st.none() | days.map(lambda day: DateRange.inclusive(day, day)),
    adjustments=st.lists(adjustments, max_size=3).map(tuple),
)


@given(
    lines=st.lists(lines, min_size=1, max_size=8, unique_by=lambda line: line.id),
    today=days,
    is_foreign=st.booleans(),
    language=st.sampled_from(["fr", "nl", "de", "en"]),
)
def test_an_invoice_is_read_exactly_as_it_was_kept(
    lines: list[InvoiceLine], today: date, is_foreign: bool, language: str
) -> None:
    draft = a_draft(lines, buyer=a_german_buyer() if is_foreign else None, language=language)
    invoice = issue(draft, number="F2026-000001", today=today)
    assert read_invoice(orjson.loads(orjson.dumps(keep_invoice(invoice)))) == invoice


def test_a_seller_with_a_contact_is_kept_whole() -> None:
    assert isinstance(a_seller().contact, Contact)
    draft = a_draft()
    assert read_invoice(keep_invoice(draft)).seller == draft.seller

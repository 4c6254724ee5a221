from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.money import Money
from invoicing.domain.allocation import OpenInvoice, Outcome, allocate, reference_of
from invoicing.domain.errors import SeriesExhausted
from invoicing.domain.numbering import compact_reference, shown_reference

INVOICE = UUID(int=1)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.mark.parametrize(
    ("received", "due", "outcome", "to_invoice", "to_suspense"),
    [
        ("1210", "1210", Outcome.FULL, "1210", "0"),
        ("200", "1210", Outcome.PARTIAL, "200", "0"),
        ("1310", "1210", Outcome.OVER, "1210", "100"),
        ("1210", "0", Outcome.SETTLED, "0", "1210"),
        ("1210", "-10", Outcome.SETTLED, "0", "1210"),
        ("1210", None, Outcome.UNKNOWN, "0", "1210"),
        ("-50", "1210", Outcome.NOT_A_RECEIPT, "0", "0"),
        ("0", "1210", Outcome.NOT_A_RECEIPT, "0", "0"),
    ],
)
def test_a_bank_line_goes_to_its_invoice_and_the_rest_to_suspense(
    received: str, due: str | None, outcome: Outcome, to_invoice: str, to_suspense: str
) -> None:
    invoice = OpenInvoice(INVOICE, eur(due)) if due is not None else None
    found = allocate(eur(received), invoice)
    assert (found.outcome, found.to_invoice, found.to_suspense) == (
        outcome,
        eur(to_invoice),
        eur(to_suspense),
    )


@given(received=st.integers(1, 10**9), due=st.integers(-(10**9), 10**9))
def test_no_cent_received_is_lost_and_none_is_booked_above_the_debt(received: int, due: int) -> None:
    found = allocate(Money(received, "EUR"), OpenInvoice(INVOICE, Money(due, "EUR")))
    assert found.to_invoice + found.to_suspense == Money(received, "EUR")
    assert found.to_invoice <= max(Money(due, "EUR"), eur("0"))


FORM = "be_structured_communication"
RF = "iso_11649"
CREDITOR_REFERENCE = compact_reference(RF, 2, 42)
DIGITS = compact_reference(FORM, 1, 42)


@pytest.mark.parametrize(
    ("structured", "unstructured"),
    [
        (DIGITS, ""),
        (shown_reference(FORM, 1, 42), ""),
        ("", f"facture {shown_reference(FORM, 1, 42)} merci"),
        ("", f"***{DIGITS[:3]}/{DIGITS[3:7]}/{DIGITS[7:]}***"),
        ("", DIGITS),
        ("RF18539007547034", f"{DIGITS} {DIGITS}"),
    ],
)
def test_a_communication_is_read_however_the_payer_wrote_it(structured: str, unstructured: str) -> None:
    assert reference_of(structured, unstructured) == DIGITS


@pytest.mark.parametrize(
    ("structured", "unstructured"),
    [
        (CREDITOR_REFERENCE, ""),
        (shown_reference(RF, 2, 42), ""),
        ("", f"számla {shown_reference(RF, 2, 42)} köszönöm"),
        ("", f"ref:{CREDITOR_REFERENCE.lower()}."),
    ],
)
def test_a_creditor_reference_is_read_however_the_payer_wrote_it(structured: str, unstructured: str) -> None:
    assert reference_of(structured, unstructured) == CREDITOR_REFERENCE


@pytest.mark.parametrize(
    "unstructured",
    [
        "",
        "merci",
        "100000004277",
        f"1{DIGITS}",
        f"{DIGITS} {compact_reference(FORM, 1, 43)}",
        f"{CREDITOR_REFERENCE} {compact_reference(RF, 2, 43)}",
        f"{CREDITOR_REFERENCE}1",
        "RF18539007547034",
    ],
)
def test_nothing_is_guessed_from_a_wrong_or_ambiguous_text(unstructured: str) -> None:
    assert reference_of("", unstructured) == ""


def test_the_check_digits_are_the_remainder_by_97_and_97_for_none() -> None:
    assert shown_reference(FORM, 0, 1) == "+++000/0000/00101+++"
    assert shown_reference(FORM, 0, 97) == "+++000/0000/09797+++"


def test_invoices_and_shares_never_share_a_communication() -> None:
    assert shown_reference(FORM, 1, 42) != shown_reference(FORM, 2, 42)


@pytest.mark.parametrize("counter", [0, 10**9])
def test_a_counter_beyond_nine_digits_is_refused(counter: int) -> None:
    with pytest.raises(SeriesExhausted):
        shown_reference(FORM, 1, counter)

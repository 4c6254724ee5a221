from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.money import Money
from invoicing.domain.errors import (
    BuyerReferenceMissing,
    CreditExceedsInvoice,
    DueDateBeforeIssueDate,
    DueDateMissing,
    InvoiceHasNoLines,
    InvoiceNotDraft,
    InvoiceNotIssued,
    InvoiceRefusal,
    IssueDateBeforeLastOfSeries,
    LegalMentionMissing,
    LineNumberedTwice,
    NegativeUnitPrice,
    PrecedingInvoiceMissing,
    TooManyLines,
    TotalsDoNotAdd,
    VatNotExact,
)
from invoicing.domain.invoice import (
    CREDIT_NOTE,
    LINES_MAX,
    PROVISIONAL_NUMBER,
    Adjustment,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Settlement,
    check_arithmetic,
    credit_note,
    issue,
    percent,
    provisional,
    status,
    totals,
    vat_breakdown,
)
from invoicing.domain.party import Identifier
from invoicing.domain.samples import AT_6, AT_21, SOME_ID, a_draft, a_german_buyer, a_line
from invoicing.domain.vat import EXEMPT, REVERSE_CHARGE, VatTreatment

TODAY = date(2026, 7, 31)
EXEMPT_44 = VatTreatment("performer_to_organizer", EXEMPT, Decimal(0), "art. 44, § 2, 8°")


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def lines_of(*prices: str, quantity: str = "1", vat: VatTreatment = AT_21) -> list[InvoiceLine]:
    return [a_line(quantity, price, id=str(index), vat=vat) for index, price in enumerate(prices, start=1)]


def test_vat_is_computed_on_the_sum_of_a_rate_and_not_line_by_line() -> None:
    [subtotal] = vat_breakdown(a_draft(lines_of("0.03", "0.03", "0.03")))
    assert subtotal.tax_amount == eur("0.02")


def test_a_line_is_rounded_half_away_from_zero_before_it_is_summed() -> None:
    assert a_line("0.5", "0.01").line_net_amount == eur("0.01")
    assert a_line("-0.5", "0.01").line_net_amount == eur("-0.01")
    assert totals(a_draft(lines_of("0.01", "0.01", quantity="0.5"))).sum_of_line_net_amounts == eur("0.02")


# The numbers of public bug reports against another program, each as a sentence that must be true here.


def test_253625_no_extra_cent_is_pushed_into_an_exempt_line() -> None:
    draft = a_draft(lines_of("33.335", "33.335", "33.335", vat=EXEMPT_44))
    [subtotal] = vat_breakdown(draft)
    assert subtotal.taxable_amount == totals(draft).sum_of_line_net_amounts == eur("100.02")
    assert subtotal.tax_amount == eur("0.00")


def test_258909_a_discount_on_a_fractional_price_is_subtracted_after_rounding_the_line() -> None:
    discounted = replace(a_line("3", "33.333"), adjustments=(Adjustment(eur("9.99"), "Remise", False),))
    assert discounted.line_net_amount == eur("90.01")
    draft = a_draft([discounted, a_line("1", "10", id="2", vat=EXEMPT_44)])
    assert [subtotal.taxable_amount for subtotal in vat_breakdown(draft)] == [eur("90.01"), eur("10.00")]


def test_272524_vat_is_not_the_sum_of_the_vat_of_lines() -> None:
    draft = a_draft(lines_of("10.02", "10.02", "10.02"))
    assert totals(draft).total_vat == eur("6.31")
    assert sum((eur("10.02").times(Decimal("0.21")) for _ in range(3)), eur("0")) == eur("6.30")


def test_251155_the_sum_of_lines_is_the_sum_of_rounded_lines() -> None:
    assert totals(a_draft(lines_of("0.005", "0.005", "0.005"))).sum_of_line_net_amounts == eur("0.03")


def test_259070_and_259576_the_amount_due_counts_the_rounding_amount_once() -> None:
    draft = replace(a_draft(lines_of("82.63")), rounding_amount=eur("0.02"), paid_amount=eur("50"))
    sums = totals(draft)
    assert sums.total_with_vat == eur("99.98")
    assert sums.amount_due == eur("50.00")


def test_258360_an_allowance_of_the_document_lowers_its_own_rate() -> None:
    draft = replace(
        a_draft([a_line("1", "100"), a_line("1", "100", id="2", vat=AT_6)]),
        adjustments=(
            Adjustment(eur("2"), "Escompte", False, AT_21),
            Adjustment(eur("1"), "Port", True, AT_6),
        ),
    )
    sums = totals(draft)
    assert [one.taxable_amount for one in vat_breakdown(draft)] == [eur("98"), eur("101")]
    assert sums.total_without_vat == eur("199")
    assert sums.total_with_vat == eur("199") + eur("20.58") + eur("6.06")


def test_256608_two_natures_at_the_same_rate_are_one_subtotal() -> None:
    software = replace(AT_21, nature="copyright_software_advertising", rate=Decimal("0.210"))
    [subtotal] = vat_breakdown(a_draft([a_line(), a_line(id="2", vat=software)]))
    assert subtotal.taxable_amount == eur("2000")


def test_241717_rounding_the_amount_due_makes_no_tax_subtotal() -> None:
    plain = a_draft()
    assert vat_breakdown(replace(plain, rounding_amount=eur("0.01"))) == vat_breakdown(plain)


def test_two_reasons_for_no_vat_are_both_said_in_one_subtotal() -> None:
    other = replace(EXEMPT_44, exemption_reason="art. 44, § 3, 3°")
    [subtotal] = vat_breakdown(a_draft([a_line(vat=EXEMPT_44), a_line(id="2", vat=other)]))
    assert subtotal.exemption_reason == "art. 44, § 2, 8°; art. 44, § 3, 3°"


quantities = st.decimals("-9999", "9999", places=3, allow_nan=False)
prices = st.decimals("0", "99999", places=4, allow_nan=False)
some_lines = st.lists(
    st.tuples(quantities, prices, st.sampled_from([AT_21, AT_6, EXEMPT_44])), min_size=1, max_size=50
)


def draft_of(parts: list[tuple[Decimal, Decimal, VatTreatment]]) -> Invoice:
    return a_draft(
        [
            replace(a_line(id=str(index), vat=vat), invoiced_quantity=quantity, item_net_price=price)
            for index, (quantity, price, vat) in enumerate(parts, start=1)
        ]
    )


@given(parts=some_lines)
def test_our_arithmetic_finds_nothing_in_what_it_made(
    parts: list[tuple[Decimal, Decimal, VatTreatment]],
) -> None:
    invoice = issue(draft_of(parts), number="1", today=TODAY)
    sums = totals(invoice)
    assert sums.total_with_vat == sums.total_without_vat + sums.total_vat
    assert sums.amount_due == sums.total_with_vat
    assert len(vat_breakdown(invoice)) == len({(vat.category_code, vat.rate) for _, _, vat in parts})


@given(parts=some_lines, shift=st.sampled_from([-1, 1]))
def test_one_cent_of_vat_too_much_or_too_little_is_found(
    parts: list[tuple[Decimal, Decimal, VatTreatment]], shift: int
) -> None:
    draft = draft_of(parts)
    first, *rest = vat_breakdown(draft)
    wrong = replace(first, tax_amount=first.tax_amount + Money(shift, "EUR"))
    with pytest.raises(VatNotExact):
        check_arithmetic([wrong, *rest], totals(draft))
    sums = totals(draft)
    with pytest.raises(TotalsDoNotAdd):
        check_arithmetic([first, *rest], replace(sums, amount_due=sums.amount_due + Money(shift, "EUR")))


def test_an_issued_invoice_has_a_number_a_date_and_a_due_date() -> None:
    invoice = issue(a_draft(), number="F2026-000001", today=TODAY)
    assert (invoice.number, invoice.issue_date, invoice.payment_due_date) == (
        "F2026-000001",
        TODAY,
        date(2026, 8, 10),
    )
    with pytest.raises(InvoiceNotDraft):
        issue(invoice, number="F2026-000002", today=TODAY)


def test_a_provisional_document_shows_what_would_be_issued_and_uses_no_number() -> None:
    draft = a_draft()
    assert provisional(draft, TODAY).number == PROVISIONAL_NUMBER
    assert draft.is_draft


def test_dates_never_go_back_inside_a_series() -> None:
    assert issue(a_draft(), number="2", today=TODAY, last_issue_date=TODAY)
    with pytest.raises(IssueDateBeforeLastOfSeries):
        issue(a_draft(), number="2", today=TODAY, last_issue_date=date(2026, 8, 1))


no_seller_register = replace(a_draft().seller, legal_registration=None)
no_seller_form = replace(a_draft().seller, additional_legal_information="")


@pytest.mark.parametrize(
    ("draft", "refusal"),
    [
        (replace(a_draft(), lines=()), InvoiceHasNoLines),
        (a_draft([a_line(id=str(i)) for i in range(LINES_MAX + 1)]), TooManyLines),
        (a_draft([a_line(), a_line()]), LineNumberedTwice),
        (a_draft([a_line("1", "-1")]), NegativeUnitPrice),
        (replace(a_draft(), payment_term=None), DueDateMissing),
        (replace(a_draft(), payment_due_date=date(2026, 7, 30)), DueDateBeforeIssueDate),
        (replace(a_draft(), buyer_reference=""), BuyerReferenceMissing),
        (replace(a_draft(), type_code=CREDIT_NOTE), PrecedingInvoiceMissing),
        (replace(a_draft(), seller=no_seller_register), LegalMentionMissing),
        (replace(a_draft(), seller=no_seller_form), LegalMentionMissing),
        (a_draft([a_line(vat=replace(EXEMPT_44, exemption_reason=""))]), LegalMentionMissing),
        (
            a_draft(
                [a_line(vat=VatTreatment("service", REVERSE_CHARGE, Decimal(0), "Reverse charge"))],
                buyer=replace(a_german_buyer(), vat_identifier=""),
            ),
            LegalMentionMissing,
        ),
    ],
)
def test_what_the_law_asks_and_the_official_rules_let_pass_is_refused(
    draft: Invoice, refusal: type[InvoiceRefusal]
) -> None:
    with pytest.raises(refusal):
        issue(draft, number="1", today=TODAY)


def test_payment_terms_in_words_replace_a_due_date() -> None:
    in_words = replace(a_draft(), payment_term=None, payment_terms="À la livraison")
    assert issue(in_words, number="1", today=TODAY).payment_due_date is None


def settlement(paid: str = "0", credited: str = "0", written_off: str = "0") -> Settlement:
    return Settlement(eur(paid), eur(credited), eur(written_off))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (settlement(), InvoiceStatus.ISSUED),
        (settlement(paid="0.01"), InvoiceStatus.PARTLY_PAID),
        (settlement(credited="1209.99"), InvoiceStatus.ISSUED),
        (settlement(paid="1210"), InvoiceStatus.PAID),
        (settlement(paid="1300"), InvoiceStatus.PAID),
        (settlement(paid="210", credited="1000"), InvoiceStatus.PAID),
        (settlement(credited="1210"), InvoiceStatus.CREDITED),
        (settlement(paid="210", written_off="1000"), InvoiceStatus.WRITTEN_OFF),
    ],
)
def test_the_state_follows_from_what_was_paid_credited_and_written_off(
    facts: Settlement, state: InvoiceStatus
) -> None:
    assert status(eur("1210"), facts) is state


def test_without_a_total_it_is_a_draft() -> None:
    assert status(None, None) is InvoiceStatus.DRAFT


def test_a_credit_note_names_its_invoice_and_needs_no_due_date() -> None:
    invoice = issue(a_draft(), number="F2026-000001", today=TODAY)
    note = credit_note(invoice, id=UUID(int=2), lines=invoice.lines, credited_before=eur("0"))
    issued = issue(note, number="C2026-000001", today=date(2026, 8, 3))
    assert issued.preceding_invoice is not None
    assert issued.preceding_invoice.number == "F2026-000001"
    assert issued.payment_due_date is None
    assert issued.is_credit_note


def test_credit_notes_never_take_back_more_than_was_invoiced() -> None:
    invoice = issue(a_draft(), number="F2026-000001", today=TODAY)
    with pytest.raises(CreditExceedsInvoice):
        credit_note(invoice, id=SOME_ID, lines=invoice.lines, credited_before=eur("0.01"))
    with pytest.raises(InvoiceNotIssued):
        credit_note(a_draft(), id=SOME_ID, lines=invoice.lines, credited_before=eur("0"))


@pytest.mark.parametrize(("rate", "text"), [("0.21", "21"), ("0.055", "5.5"), ("0", "0"), ("1", "100")])
def test_a_rate_is_written_as_a_percentage_without_idle_zeros(rate: str, text: str) -> None:
    assert percent(Decimal(rate)) == text


def test_a_party_without_a_vat_number_is_not_taxable() -> None:
    assert not replace(a_german_buyer(), vat_identifier="", endpoint=Identifier("1", "9930")).is_taxable

"""A certificate says of a year what the payslips say: its boxes leave the net that was paid, in every country."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.test_every_engine import CODES, each_country, ground

from commons.country import load_country
from commons.money import Money, total
from payroll.domain.engines import Engine, engine_of
from payroll.domain.errors import CertificateLineWithoutBox, CertificateTooLarge, CertificateUnknown
from payroll.domain.sheet import Kind, Line, Payslip
from payroll.domain.wage import Wage
from payroll.domain.yearly_certificate import (
    PAYSLIPS_MAX,
    CertificateForm,
    CertifiedWork,
    certificate_form,
    certify,
)

# What is left of the boxes of a country when everything that was kept back is taken off: the net wages.
NET = {
    "at": "210 -230 -260",
    "be": "2060 -2074 -2075",
    "de": "3 -4 -5 -6 -23a -25 -26 -27",
    "es": "pay -deductible -withholding",
    "fr": "1AJ -8HV -csg_taxed",
    "hu": "wage -tax_advance -contribution",
    "it": "1 2 -21 -22 -27",
    "nl": "wage -withholding",
    "se": "011 -001",
}
# The boxes that are the income taxed, and the steps in which the engine found it.
TAXED = {
    "at": ("245", "wage_tax.base"),
    "be": ("2060 2076", "taxable -taxable.commuting"),
    "fr": ("1AJ", "taxable"),
    "it": ("1 2", "taxable"),
}
WHOLE_UNITS = {"hu": 2, "se": 2}  # how many boxes lose something to their rounding, less than a unit each


@cache
def form(code: str, year: int = 2026) -> CertificateForm:
    return certificate_form(ground(code).engine.law, year)


def certified(code: str, works: list[CertifiedWork]) -> dict[str, Money]:
    return {box.code: box.amount for box in certify(works, form(code), ground(code).engine.law.currency)}


def added_up(words: str, amounts: dict[str, Money], currency: str) -> Money:
    """`1AJ -8HV`: the first less the second."""
    found = [amounts.get(word.removeprefix("-"), Money.zero(currency)) for word in words.split()]
    turned = [
        -each if word.startswith("-") else each for word, each in zip(words.split(), found, strict=True)
    ]
    return total(turned, currency)


def sums(payslips: list[Payslip], currency: str) -> dict[str, Money]:
    """Every line of the payslips, summed by its code."""
    codes = {line.code for payslip in payslips for line in payslip.lines}
    return {code: total([payslip.amount(code) for payslip in payslips], currency) for code in codes}


@each_country
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_the_boxes_of_a_year_leave_the_net_of_its_payslips(code: str, data: st.DataObject) -> None:
    engine = ground(code).engine
    currency = engine.law.currency
    wages = [
        replace(wage, expense_reimbursement=1_200)
        for wage in data.draw(st.lists(ground(code).wages, min_size=1, max_size=4))
    ]
    works = [CertifiedWork(wage.regime, engine.payslip(wage)) for wage in wages]
    boxes = certified(code, works)
    assert set(boxes) == {box.code for box in form(code).boxes}
    payslips = [
        work.payslip
        for work in works
        if not {line.code for line in work.payslip.lines} & form(code).left_out_with
    ]
    lines = sums(payslips, currency)
    net = total([payslip.net_wage for payslip in payslips], currency)
    unit = 10**net.exponent
    # The employer's part of complementary health insurance is income in France, and paid to nobody.
    insured = lines.get("health_insurance.employer", Money.zero(currency))
    of_others = total(
        [
            line.amount
            for payslip in payslips
            for line in payslip.lines
            if line.kind in (Kind.EARNING, Kind.DEDUCTION) and line.code in form(code).elsewhere
        ],
        currency,
    )
    left = added_up(NET[code], boxes, currency) - insured + of_others
    assert abs((left - net).minor) <= WHOLE_UNITS.get(code, 0) * unit
    if code in TAXED:
        said, found = TAXED[code]
        assert added_up(said, boxes, currency) == added_up(found, lines, currency)


@each_country
def test_every_box_has_words_and_every_line_it_names_exists(code: str) -> None:
    law = ground(code).engine.law
    for box in form(code).boxes:
        assert set(law.country.languages) | {"en"} <= set(law.certificate_words(box.code)), box.code
        assert {term.code for term in box.terms} <= law.line_codes()
    assert form(code).elsewhere | form(code).left_out_with <= law.line_codes()
    regimes = set(law.rule("contract.price", date(2026, 12, 31)).fields)
    assert {term.regime for box in form(code).boxes for term in box.terms} <= regimes | {None}


@pytest.mark.parametrize("code", CODES)
def test_only_a_form_that_was_read_at_the_authority_says_that_its_shape_is_verified(code: str) -> None:
    text = form(code).rule.source.text
    assert form(code).is_shape_verified == (
        "shape unverified" not in text and "it has no fixed form" not in text
    )


def belgian(gross: int = 300_000) -> tuple[Engine, Payslip]:
    engine = engine_of(load_country("be"))
    wage = Wage(gross=gross, day=date(2026, 9, 30), regime="white_collar", situation=engine.situation_type())
    return engine, engine.payslip(wage)


def line(code: str, kind: Kind, amount: str, made_of: tuple[str, ...] = ()) -> Line:
    return Line(
        code=code,
        kind=kind,
        label={"en": code},
        base=None,
        rate=None,
        amount=Money.of(amount, "EUR"),
        period="payment",
        rounding="none",
        source=None,
        made_of=made_of,
    )


def test_a_correction_that_two_payslips_take_up_counts_once_and_another_of_the_same_amounts_again() -> None:
    _, payslip = belgian()
    code = "correction.2026-07-31"
    changed = (
        line(f"{code}/gross", Kind.STEP, "-100.00"),
        line(f"{code}/employer.base", Kind.STEP, "-25.00"),
    )

    def taking_up(amount: str) -> CertifiedWork:
        settled = line(code, Kind.SETTLEMENT, amount, made_of=(f"{code}/gross",))
        return CertifiedWork("white_collar", replace(payslip, lines=(*payslip.lines, *changed, settled)))

    plain = certified("be", [CertifiedWork("white_collar", payslip)] * 3)["2060"]
    parts = certified("be", [taking_up("-60.00"), taking_up("-30.00"), taking_up("-10.00")])["2060"]
    assert parts == plain - Money.of("100.00", "EUR")
    twice = certified("be", [taking_up("-100.00"), taking_up("-60.00"), taking_up("-40.00")])["2060"]
    assert twice == plain - Money.of("200.00", "EUR")


def test_a_correction_counts_in_the_box_of_the_line_it_corrects_and_what_it_pays_out_in_none() -> None:
    _, payslip = belgian()
    later = replace(
        payslip,
        lines=(
            *payslip.lines,
            line("correction.2026-07-31/gross", Kind.STEP, "100.00"),
            line("correction.2026-07-31/onss.worker", Kind.STEP, "-13.07"),
            line("correction.2026-07-31/withholding", Kind.STEP, "-40.00"),
            line("correction.2026-07-31", Kind.SETTLEMENT, "46.93"),
        ),
    )
    before = certified("be", [CertifiedWork("white_collar", payslip)])
    after = certified("be", [CertifiedWork("white_collar", later)])
    changed = {code: after[code] - before[code] for code in after if after[code] != before[code]}
    assert changed == {"2060": Money.of("86.93", "EUR"), "2074": Money.of("40.00", "EUR")}


def test_a_line_of_the_pay_without_a_box_is_refused_and_not_dropped() -> None:
    _, payslip = belgian()
    more = replace(payslip, lines=(*payslip.lines, line("bonus.of_the_house", Kind.EARNING, "5.00")))
    with pytest.raises(CertificateLineWithoutBox) as refused:
        certified("be", [CertifiedWork("white_collar", more)])
    assert refused.value.facts == {"line": "bonus.of_the_house", "format": "fiche_281_10"}


def test_a_contract_counts_in_the_box_of_its_regime() -> None:
    engine = engine_of(load_country("it"))
    works = [
        CertifiedWork(
            regime,
            engine.payslip(Wage(gross, date(2026, 9, 30), regime, situation=engine.situation_type())),
        )
        for regime, gross in (("open_ended", 200_000), ("fixed_term", 100_000))
    ]
    boxes = certified("it", works)
    assert boxes["1"] == works[0].payslip.amount("taxable")
    assert boxes["2"] == works[1].payslip.amount("taxable")
    assert boxes["inps_base"] == Money.of("3000.00", "EUR")


def test_what_the_employer_has_taxed_in_the_workers_place_is_not_certified() -> None:
    engine = engine_of(load_country("de"))
    wages = [
        Wage(gross, date(2026, 9, 30), "employee", situation=engine.situation_type())
        for gross in (30_000, 300_000)
    ]
    mini, ordinary = [CertifiedWork(wage.regime, engine.payslip(wage)) for wage in wages]
    assert mini.payslip.amount("levy.flat_tax").minor > 0
    assert certified("de", [mini, ordinary]) == certified("de", [ordinary])


def test_a_year_without_a_form_and_a_worker_with_too_many_payslips_are_refused() -> None:
    engine, payslip = belgian()
    with pytest.raises(CertificateUnknown):
        certificate_form(engine.law, 2020)
    with pytest.raises(CertificateTooLarge):
        certified("be", [CertifiedWork("white_collar", payslip)] * (PAYSLIPS_MAX + 1))


@pytest.mark.parametrize(
    ("code", "period_end", "due_date", "year"),
    [
        ("de", date(2026, 12, 31), date(2027, 1, 12), 2026),  # the year of the period
        ("at", date(2026, 12, 31), date(2027, 1, 12), 2026),
        ("be", date(2026, 12, 31), date(2027, 1, 12), 2027),  # the year of the payment
        ("be", date(2026, 11, 30), date(2026, 12, 9), 2026),
        ("fr", date(2026, 12, 31), date(2027, 1, 9), 2027),
        ("it", date(2026, 12, 31), date(2027, 1, 12), 2026),  # by the twelfth of January
        ("it", date(2026, 12, 31), date(2027, 1, 13), 2027),
        ("it", date(2027, 1, 5), date(2027, 1, 12), 2027),  # work of the new year that is paid at once
        ("hu", date(2026, 12, 31), date(2027, 1, 10), 2026),  # by the tenth
        ("hu", date(2026, 12, 31), date(2027, 1, 12), 2027),
    ],
)
def test_a_wage_counts_in_one_year_by_its_period_or_by_its_payment(
    code: str, period_end: date, due_date: date, year: int
) -> None:
    counted = [each for each in range(2025, 2029) if form(code, each).span(each).counts(period_end, due_date)]
    assert counted == [year]

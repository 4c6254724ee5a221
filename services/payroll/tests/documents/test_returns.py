"""What is true of every periodic return: it says of every payslip everything, once, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from uuid import UUID

import pytest
from tests.documents.a_return import DAY, a_return, declare
from tests.documents.read_returns import READERS

from commons.country import country_codes, load_country
from commons.money import Money
from payroll.documents.return_text import UNVERIFIED, fit, latin1, padded
from payroll.documents.returns import FORMATS, write_return
from payroll.domain.errors import (
    PaidOutsidePeriod,
    PayslipReturnedTwice,
    ReturnFieldUnfit,
    ReturnFormatUnknown,
    ReturnLineWithoutPlace,
    ReturnTextEmpty,
)
from payroll.domain.integers import Rounding
from payroll.domain.law import PayrollLaw
from payroll.domain.periodic_return import ELSEWHERE, Place, form_of, whole_units
from payroll.domain.sheet import Kind

RETURNS = [
    (code, parameter)
    for code in country_codes()
    if "payroll" in load_country(code).sections
    for parameter in ("return", "return_social")
    if parameter in load_country(code).section("payroll").parameters
]
each_return = pytest.mark.parametrize(("code", "parameter"), RETURNS)


@each_return
def test_the_document_says_what_the_payslips_say(code: str, parameter: str) -> None:
    declared = a_return(code, parameter)
    form = declared.form
    wanted: Counter[tuple[str | None, Place]] = Counter()
    for work in declared.works:
        for line in work.figures:
            place = form.places.get(f"{line.code}@{work.regime}", form.places.get(line.code))
            if place is None:
                assert line.kind in (Kind.STEP, Kind.SETTLEMENT), line.code
            elif place.block != ELSEWHERE:
                amount = -line.amount.minor if line.kind is Kind.DEDUCTION else line.amount.minor
                wanted[work.worker.national_number, place] += amount
                wanted[None, place] += amount
    said: Counter[tuple[str | None, Place]] = Counter()
    for who, place, minor in READERS[form.format](write_return(declared.wages, form)):
        said[who, place] += minor
    # Where a document says a place of each person, it is compared there, else over all.
    of_persons = {place for who, place in said if who is not None}
    is_whole = form.rounding is not Rounding.HALF_UP_CENT and form.format != "loonaangifte"
    expected = {
        (who, place): 100 * whole_units(Money(minor, "EUR"), form.rounding) if is_whole else minor
        for (who, place), minor in wanted.items()
        if (who is not None) == (place in of_persons)
    }
    assert {key: minor for key, minor in said.items() if minor} == {
        key: minor for key, minor in expected.items() if minor
    }
    assert expected, "something was declared"


@each_return
def test_every_line_of_the_country_has_its_place(code: str, parameter: str) -> None:
    law = PayrollLaw(load_country(code))
    places = {line.split("@")[0] for line in form_of(law, DAY, parameter).places}
    assert places <= law.line_codes()
    counted = {
        line.code
        for work in a_return(code, parameter).works
        for line in work.figures
        if line.kind in (Kind.EARNING, Kind.DEDUCTION, Kind.CHARGE)
    }
    assert counted <= places


@each_return
def test_the_same_payslips_in_any_order_give_the_same_bytes(code: str, parameter: str) -> None:
    declared = a_return(code, parameter)
    turned = declare(code, declared.works[::-1], declared.form, declared.wages.currency)
    assert write_return(turned, declared.form) == write_return(declared.wages, declared.form)


@each_return
def test_the_first_lines_say_that_the_shape_is_not_verified(code: str, parameter: str) -> None:
    declared = a_return(code, parameter, workers=1)
    for file in write_return(declared.wages, declared.form):
        assert not file.content or UNVERIFIED.encode() in b"".join(file.content.splitlines()[:2])


@each_return
def test_a_period_without_pay_is_declared_too(code: str, parameter: str) -> None:
    declared = a_return(code, parameter, workers=0)
    files = write_return(declared.wages, declared.form)
    assert not [found for found in READERS[declared.form.format](files) if found[2]]


def test_every_format_can_be_read_back() -> None:
    assert set(READERS) == set(FORMATS)


def test_a_payslip_is_declared_once_and_in_the_period_of_its_payment() -> None:
    declared = a_return("se")
    with pytest.raises(PayslipReturnedTwice):
        declare("se", [*declared.works, declared.works[0]], declared.form, "SEK")
    late = replace(
        declared.works[0],
        payslip_id=UUID(int=77),
        payslip=replace(declared.works[0].payslip, day=date(2026, 10, 1)),
    )
    with pytest.raises(PaidOutsidePeriod):
        declare("se", [late], declared.form, "SEK")


def test_a_line_that_the_data_does_not_place_stops_the_return() -> None:
    declared = a_return("se")
    places = {line: place for line, place in declared.form.places.items() if line != "employer.contributions"}
    with pytest.raises(ReturnLineWithoutPlace):
        write_return(declared.wages, replace(declared.form, places=MappingProxyType(places)))


def test_a_format_that_nobody_writes_is_refused() -> None:
    declared = a_return("se")
    rule = replace(declared.form.rule, fields={**declared.form.rule.fields, "format": "papyrus"})
    with pytest.raises(ReturnFormatUnknown):
        write_return(declared.wages, replace(declared.form, rule=rule))


def test_a_text_fits_its_field_without_signs_that_break_it() -> None:
    assert fit("  Anna\u0000\n Maria ", 20) == "Anna Maria"
    assert fit("Anna Maria", 5) == "Anna"
    assert latin1("Łódź Ő – Zoë", 20) == "ódz O Zoë"
    for empty in ("", "\u0007 \n"):
        with pytest.raises(ReturnTextEmpty):
            fit(empty, 10)


def test_a_number_fits_its_field_or_is_refused() -> None:
    assert padded(1234, 11, "amount") == "00000001234"
    for unfit in (-1, 10**11):
        with pytest.raises(ReturnFieldUnfit):
            padded(unfit, 11, "amount")


def test_units_are_cut_towards_nothing_or_rounded_half_up() -> None:
    def units(cents: int, rounding: Rounding) -> int:
        return whole_units(Money(cents, "SEK"), rounding)

    assert [units(cents, Rounding.DOWN_UNIT) for cents in (199, 200, -199)] == [1, 2, -1]
    assert [units(cents, Rounding.HALF_UP_UNIT) for cents in (149, 150, -149, -150)] == [1, 2, -1, -2]


def test_every_country_with_payroll_has_a_return() -> None:
    countries = {code for code in country_codes() if "payroll" in load_country(code).sections}
    assert {code for code, _ in RETURNS} == countries

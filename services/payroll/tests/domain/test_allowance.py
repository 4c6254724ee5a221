"""The allowance for amateur arts keeps to its days of the year, its days in a row, its amount of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
import yaml

from commons.country import countries_folder, load_country
from commons.money import Money
from commons.period import DateRange
from commons.refusal import Refusal
from payroll.domain.allowance import AllowanceDay, AllowanceLimits
from payroll.domain.belgium.situation import BelgianSituation, Status
from payroll.domain.condition import check_condition
from payroll.domain.contract import ContractKind, Terms, minimum_wage
from payroll.domain.errors import AllowanceDayTaken, AllowanceNotByTheDay, RegimeConditionNotMet
from payroll.domain.law import PayrollLaw

LAW = PayrollLaw(load_country("be"))
NAMES = UUID("01990000-0000-7000-8000-000000000000")
FIRST = uuid5(NAMES, "first")


def cases() -> list[dict[str, Any]]:
    path = countries_folder() / "be" / "cases" / "allowance-limits.yaml"
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]
    return found


def terms_of(first_day: date, amount: str = "70.00", *, days: int = 1, **changes: Any) -> Terms:
    last_day = first_day + timedelta(days=days - 1)
    terms = Terms(ContractKind.DAYS, Status.AMATEUR_ARTS, first_day, last_day, Money.of(amount, "EUR"), days)
    return replace(terms, **changes)


def limits_on(day: date) -> AllowanceLimits:
    found = AllowanceLimits.find(Status.AMATEUR_ARTS, LAW, day)
    assert found is not None
    return found


def days_taken(taken: Mapping[str, list[date]]) -> list[AllowanceDay]:
    return [
        AllowanceDay(day, uuid5(NAMES, principal.removesuffix("_again")))
        for principal, (first, last) in taken.items()
        for day in DateRange.inclusive(first, last).days()
    ]


def refusal_of(limits: AllowanceLimits, terms: Terms, taken: Mapping[str, list[date]]) -> Refusal | None:
    try:
        limits.check_terms(terms)
        limits.check_days(terms, FIRST, days_taken(taken))
    except Refusal as refusal:
        return refusal
    return None


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["id"]))
def test_a_worked_case_is_allowed_or_refused_with_its_facts(case: dict[str, Any]) -> None:
    given, expected = case["given"], dict(case["expected"])
    terms, limits = terms_of(case["day"], given["amount"]), limits_on(case["day"])
    refusal = refusal_of(limits, terms, given["taken"])
    assert (None if refusal is None else refusal.code) == expected.pop("refused", None)
    if refusal is not None:
        assert {name: str(refusal.facts[name]) for name in expected} == expected
        assert str(refusal.facts["source"]).startswith(("Indemnité des arts en amateur", "securex.be"))


def test_which_days_it_is_for_must_be_known() -> None:
    with pytest.raises(AllowanceNotByTheDay):
        limits_on(date(2026, 7, 1)).check_terms(terms_of(date(2026, 7, 1), days=3, last_day=date(2026, 7, 5)))
    with pytest.raises(AllowanceNotByTheDay):
        limits_on(date(2026, 7, 1)).check_terms(terms_of(date(2026, 7, 1), kind=ContractKind.LUMP_SUM))


def test_one_principal_pays_one_allowance_for_a_day() -> None:
    day = date(2026, 7, 1)
    with pytest.raises(AllowanceDayTaken):
        limits_on(day).check_days(terms_of(day), FIRST, [AllowanceDay(day, FIRST)])


def test_the_least_is_so_much_a_day_and_is_said_to_rest_on_one_source() -> None:
    least = minimum_wage(terms_of(date(2026, 7, 1), days=3), LAW)
    assert least is not None
    assert least.amount == Money.of("135.00", "EUR")
    assert least.source.read == "inferred"


def test_the_figures_of_a_year_without_a_source_are_named_invented() -> None:
    read = {year: limits_on(date(year, 7, 1)).of_amount.source.read for year in (2024, 2025, 2026)}
    assert read == {2024: "secondary", 2025: "secondary", 2026: "invented"}


def test_a_wage_has_none_of_these_limits() -> None:
    assert AllowanceLimits.find(Status.ARTIST_1BIS, LAW, date(2026, 7, 1)) is None


def test_article_1bis_is_for_who_holds_the_certificate() -> None:
    terms = terms_of(date(2026, 7, 1), "150.00", regime=Status.ARTIST_1BIS)
    with pytest.raises(RegimeConditionNotMet) as refused:
        check_condition(terms, BelgianSituation(), LAW)
    assert refused.value.facts["fact"] == "has_arts_work_certificate"
    check_condition(terms, BelgianSituation(has_arts_work_certificate=True), LAW)
    check_condition(terms_of(date(2026, 7, 1), regime=Status.ARTIST), BelgianSituation(), LAW)

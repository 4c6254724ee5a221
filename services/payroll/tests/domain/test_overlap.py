"""Contracts of one worker on the same days have together no more hours a day than the law allows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from commons.country import load_country
from commons.money import Money
from payroll.domain.contract import ContractKind, Terms
from payroll.domain.errors import ContractsOverlap
from payroll.domain.law import PayrollLaw
from payroll.domain.overlap import check_overlap

LAW = PayrollLaw(load_country("be"))  # 11 hours a day, 7.6 hours in a full-time day
MONTH = Terms(
    ContractKind.MONTH, "white_collar", date(2026, 7, 1), date(2026, 7, 31), Money.of("3000.00", "EUR")
)


def hours(first: int, last: int, days: int, hours: str) -> Terms:
    return Terms(
        ContractKind.HOURS,
        "white_collar",
        date(2026, 7, first),
        date(2026, 7, last),
        Money.of("25.00", "EUR"),
        days,
        Decimal(hours),
    )


def test_two_full_months_at_once_are_too_much() -> None:
    with pytest.raises(ContractsOverlap) as refused:
        check_overlap(MONTH, [MONTH], LAW)
    assert refused.value.facts == {"day": date(2026, 7, 1), "hours_max": 11}


@pytest.mark.parametrize(("evening", "is_allowed"), [("3.4", True), ("3.5", False)])
def test_an_evening_beside_a_full_day_may_fill_the_legal_hours_and_no_more(
    evening: str, is_allowed: bool
) -> None:
    monday = hours(6, 6, 1, evening)
    if is_allowed:
        check_overlap(monday, [MONTH], LAW)
    else:
        with pytest.raises(ContractsOverlap):
            check_overlap(monday, [MONTH], LAW)


def test_hours_of_a_week_are_spread_over_its_weekdays() -> None:
    check_overlap(hours(6, 10, 5, "17"), [MONTH], LAW)
    with pytest.raises(ContractsOverlap):
        check_overlap(hours(6, 10, 5, "17.1"), [MONTH], LAW)


def test_a_weekend_beside_a_month_is_free() -> None:
    check_overlap(hours(11, 12, 2, "22"), [MONTH], LAW)


def test_contracts_one_after_the_other_are_free() -> None:
    check_overlap(hours(1, 10, 8, "88"), [hours(11, 31, 15, "165")], LAW)

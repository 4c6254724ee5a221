"""What a return says of the time somebody worked, in every country."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from commons.country import country_codes, load_country
from commons.money import Money
from payroll.domain.contract import ContractKind, Terms, regimes
from payroll.domain.law import PayrollLaw
from payroll.domain.return_filing import WorkedTime, worked_time

CODES = [code for code in country_codes() if "payroll" in load_country(code).sections]
JULY = date(2026, 7, 1), date(2026, 7, 31)
AUGUST = date(2026, 8, 1), date(2026, 8, 31)


def terms(
    law: PayrollLaw,
    kind: ContractKind,
    span: tuple[date, date] = JULY,
    *,
    days: int = 0,
    hours: Decimal = Decimal(0),
) -> Terms:
    return Terms(kind, regimes(law, span[0])[0], *span, Money.of("3000.00", law.currency), days, hours)


@pytest.mark.parametrize(
    ("code", "july", "august"),
    [
        # 23 and 21 weekdays: no Saturday is a day of work, and a public holiday of the week is paid.
        ("be", (2_300, 17_480), (2_100, 15_960)),
        ("at", (2_300, 18_400), (2_100, 16_800)),
        ("de", (2_300, 18_400), (2_100, 16_800)),
        ("hu", (2_300, 18_400), (2_100, 16_800)),
        ("nl", (2_300, 18_400), (2_100, 16_800)),
        ("se", (2_300, 18_400), (2_100, 16_800)),
        ("fr", (2_300, 15_167), (2_100, 15_167)),
        # A month of pay by the month has so many days, whatever the month.
        ("es", (3_000, 15_217), (3_000, 15_217)),
        ("it", (2_600, 17_333), (2_600, 17_333)),
    ],
)
def test_a_month_has_the_days_and_hours_of_the_full_time_week(
    code: str, july: tuple[int, int], august: tuple[int, int]
) -> None:
    law = PayrollLaw(load_country(code))
    assert worked_time(terms(law, ContractKind.MONTH, JULY), law) == WorkedTime(*july)
    assert worked_time(terms(law, ContractKind.MONTH, AUGUST), law) == WorkedTime(*august)


def test_every_country_with_payroll_is_tried() -> None:
    assert set(CODES) == {"at", "be", "de", "es", "fr", "hu", "it", "nl", "se"}


@pytest.mark.parametrize("code", CODES)
def test_what_was_agreed_by_the_day_or_the_hour_is_declared_as_agreed(code: str) -> None:
    law = PayrollLaw(load_country(code))
    assert worked_time(terms(law, ContractKind.DAYS, days=9), law).days_hundredths == 900
    assert worked_time(terms(law, ContractKind.LUMP_SUM, days=9), law).days_hundredths == 900
    by_hour = worked_time(terms(law, ContractKind.HOURS, days=2, hours=Decimal("15.25")), law)
    assert by_hour.hours_hundredths == 1_525


@pytest.mark.parametrize("code", CODES)
def test_a_year_of_months_has_about_the_days_and_hours_of_a_full_time_year(code: str) -> None:
    law = PayrollLaw(load_country(code))
    year = law.rule("contract.full_time", JULY[0])
    of_year = worked_time(terms(law, ContractKind.MONTH, (date(2026, 1, 1), date(2026, 12, 31))), law)
    hours = 100 * year.count("hours_per_year")
    assert abs(of_year.hours_hundredths - hours) * 100 <= hours, "a percent: no year has 52 weeks exactly"

"""Dutch figures against the official tables, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.countries.figures import Case, Figures, assert_case, cases_of, vectors_of

from commons.country import load_country
from payroll.domain.earlier import Counted
from payroll.domain.integers import column, mul_rate
from payroll.domain.law import PayrollLaw
from payroll.domain.netherlands.engine import Netherlands
from payroll.domain.netherlands.situation import DutchSituation, Regime
from payroll.domain.netherlands.wage_tax import special_reward_rate, special_reward_tax
from payroll.domain.wage import Wage, WorkTime

LAW = PayrollLaw(load_country("nl"))
ENGINE = Netherlands(LAW)
JANUARY = date(2026, 1, 31)
WITH_CREDIT = DutchSituation(has_wage_tax_credit=True)
PERIODS = {
    "month": WorkTime(1, 12),
    "quarter": WorkTime(1, 12),
    "four_weeks": WorkTime(1, 13),
    "week": WorkTime(1, 52),
    "day": WorkTime(1, 260),
}


def _cents(amount: object) -> int:
    return int(Decimal(str(amount)) * 100)


def _is_yes(value: object) -> bool:
    return str(value).lower() == "true"


def _loonheffing_month(given: Figures, day: date) -> Figures:
    situation = DutchSituation(has_wage_tax_credit=_is_yes(given["loonheffingskorting"]))
    time = PERIODS[given["period"]]
    wage = Wage(_cents(given["wage"]), day, Regime.TEMPORARY, situation, time=time)
    payslip = ENGINE.payslip(wage)
    return {"tax": -payslip.amount("withholding").amount, "ark": payslip.amount("tax.labor_credit").amount}


def _reward_rate(given: Figures, day: date) -> int:
    rule = LAW.rule("withholding.special_rewards", day)
    return special_reward_rate(_cents(given["year_wage"]), _is_yes(given["loonheffingskorting"]), rule)


def _special_reward_rate(given: Figures, day: date) -> Figures:
    return {"rate": Decimal(_reward_rate(given, day)) / 10_000}


def _special_reward_tax(given: Figures, day: date) -> Figures:
    tax = special_reward_tax(column(_cents(given["reward"])), _reward_rate(given, day))
    return {"tax": Decimal(int(tax[0])) / 100}


def _employer_premiums_month(given: Figures, day: date) -> Figures:
    classes = {"awf": {"low": "permanent", "high": "temporary"}, "aof": {"low": "small", "high": "rate"}}
    rates = {
        name: LAW.rule(f"employer.{name}", day).rate(words[given[name]]) for name, words in classes.items()
    }
    rates["whk"] = int(Decimal(given["whk"]) * 10_000)
    rates["zvw"] = LAW.rule("employer.zvw", day).rate("rate")
    base = column(_cents(given["table_wage"]))
    return {name: Decimal(int(mul_rate(base, rate)[0])) / 100 for name, rate in rates.items()}


COMPUTE = {
    "loonheffing_month": _loonheffing_month,
    "special_reward_rate": _special_reward_rate,
    "special_reward_tax": _special_reward_tax,
    "employer_premiums_month": _employer_premiums_month,
}


@pytest.mark.parametrize("case", cases_of("nl"), ids=lambda case: case.id)
def test_a_kept_case_comes_out_to_the_cent(case: Case) -> None:
    assert_case(case, COMPUTE)


@pytest.mark.parametrize("case", vectors_of("nl", JANUARY), ids=lambda case: case.id)
def test_a_vector_comes_out_to_the_cent(case: Case) -> None:
    assert_case(case, COMPUTE)


def test_a_month_of_3500_comes_out_as_published() -> None:
    payslip = ENGINE.payslip(Wage(350_000, JANUARY, Regime.PERMANENT, WITH_CREDIT))
    assert payslip.net_payable.amount == Decimal("2907.92")
    premiums = {
        code: payslip.amount(f"employer.{code}").amount for code in ("awf", "childcare", "whk", "zvw")
    }
    assert premiums == {
        "awf": Decimal("95.90"),
        "childcare": Decimal("17.50"),
        "whk": Decimal("53.20"),
        "zvw": Decimal("213.50"),
    }


def test_without_a_request_there_is_no_credit_and_without_a_name_the_highest_rate() -> None:
    asked = ENGINE.payslip(Wage(200_000, JANUARY, Regime.TEMPORARY, WITH_CREDIT))
    silent = ENGINE.payslip(Wage(200_000, JANUARY, Regime.TEMPORARY, DutchSituation()))
    unknown = ENGINE.payslip(Wage(200_000, JANUARY, Regime.TEMPORARY, DutchSituation(is_anonymous=True)))
    assert unknown.net_payable < silent.net_payable < asked.net_payable
    assert unknown.amount("withholding.anonymous").amount == Decimal("-1040.00")


def test_the_ceiling_of_premiums_is_cumulated_over_the_year() -> None:
    rich = Wage(1_000_000, JANUARY, Regime.TEMPORARY, WITH_CREDIT)
    first = ENGINE.payslip(rich)
    assert first.amount("employer.base").amount == Decimal("6617.41")
    earlier = ENGINE.earlier([Counted(JANUARY, ENGINE.counts(first, rich))], date(2026, 2, 28))
    poor = Wage(100_000, date(2026, 2, 28), Regime.TEMPORARY, WITH_CREDIT, earlier=earlier)
    # 1 000 of February, and 3 382.59 that January had above its ceiling.
    assert ENGINE.payslip(poor).amount("employer.base").amount == Decimal("4382.59")


def test_three_days_are_taxed_as_three_days_of_a_year_of_260() -> None:
    three_days = Wage(60_000, JANUARY, Regime.TEMPORARY, DutchSituation(), time=WorkTime(3, 260))
    # 52 000 a year, cut to 51 948: 13 900 + 37.56 % of 13 065 = 18 807; three days of it.
    assert ENGINE.payslip(three_days).amount("withholding").amount == -Decimal("217.00")


def test_the_minimum_wage_rises_in_july() -> None:
    hourly = [LAW.rule("minimum_wage.hourly", day).amount("amount") for day in (JANUARY, date(2026, 7, 1))]
    assert hourly == [1_471, 1_499]

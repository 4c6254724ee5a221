"""Spanish figures against the tax agency's control case, the decree and published examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.countries.figures import Case, Figures, assert_case, cases_of, vectors_of

from commons.country import load_country
from payroll.domain.earlier import Counted
from payroll.domain.integers import column, mul_rate
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Sheet
from payroll.domain.spain.engine import Spain, rules_of
from payroll.domain.spain.situation import ORDINARY, Disability, Family, Regime, SpanishSituation
from payroll.domain.spain.social import worker_rate
from payroll.domain.spain.withholding import (
    annual_deduction,
    other_expenses,
    quota_of,
    rate_of_withholding,
    scale,
    work_reduction,
)
from payroll.domain.wage import Columns, Wage

LAW = PayrollLaw(load_country("es"))
ENGINE = Spain(LAW)
JANUARY = date(2026, 1, 31)
FAMILIES = {"1": Family.SINGLE_PARENT, "2": Family.DEPENDENT_SPOUSE, "3": Family.OTHER}
CONTRACTS = {"indefinite": Regime.PERMANENT, "shorter_than_one_year": Regime.TEMPORARY}
DISABILITIES = {
    "none": Disability.NONE,
    "33_to_65": Disability.FROM_33_TO_65,
    "65_or_mobility": Disability.OVER_65_OR_MOBILITY,
}


def _cents(amount: object) -> int:
    return int((Decimal(str(amount)) * 100).to_integral_value())


def _euros(cents: object) -> Decimal:
    return Decimal(int(cents)) / 100  # type: ignore[call-overload] # a number of numpy


def _withholding(given: Figures, day: date) -> Figures:
    regime = CONTRACTS[given["contract"]]
    situation = SpanishSituation(
        family=FAMILIES[str(given["situation"])], children=int(given["children"]), has_sole_custody=True
    )
    pay, sheet = column(_cents(given["retrib"])), Sheet(LAW, day)
    batch = ENGINE.batch([Wage(0, day, regime, situation)])
    expected = int(mul_rate(pay, worker_rate(batch, sheet))[0])
    cotiz = column(_cents(given["cotiz"]) if "cotiz" in given else expected)
    found = quota_of(pay, cotiz, batch.situation, rules_of(sheet))
    nothing = column(0)
    rate = rate_of_withholding(
        pay,
        found.quota,
        nothing,
        nothing,
        batch.situation.has_mortgage_relief,
        rules_of(sheet),
        minimum=LAW.rule("withholding.minimum", day).rate(regime),
    )
    return {
        "base": _euros(found.base[0]),
        "cuota": _euros(found.quota[0]),
        "tipo": Decimal(int(rate[0])) / 100,
    }


def _reduccion_trabajo(given: Figures, day: date) -> Figures:
    reduction = work_reduction(column(_cents(given["rn"])), LAW.rule("withholding.reduction", day))
    return {"reduccion": _euros(reduction[0])}


def _da61_annual_deduction(given: Figures, day: date) -> Figures:
    rule = LAW.rule("withholding.annual_deduction", day)
    return {"deduction": _euros(annual_deduction(column(_cents(given["gross"])), rule)[0])}


def _escala(given: Figures, day: date) -> Figures:
    return {"cuota": _euros(scale(column(_cents(given["base"])), LAW.rule("withholding.scale", day))[0])}


def _employee_social_annual(given: Figures, day: date) -> Figures:
    sheet = Sheet(LAW, day)
    batch = ENGINE.batch([Wage(0, day, Regime.PERMANENT, ORDINARY)])
    ceiling = 12 * LAW.rule("contributions.base", day).amount("greatest")
    capped = min(_cents(given["gross_year"]), ceiling)
    return {"capped_part": _euros(mul_rate(capped, worker_rate(batch, sheet)))}


def _otros_gastos(given: Figures, day: date) -> Figures:
    situation = Columns([SpanishSituation(disability=DISABILITIES[given["disability"]])])
    plenty = column(10_000_000)
    return {"gastos": _euros(other_expenses(plenty, situation, LAW.rule("withholding.expenses", day))[0])}


COMPUTE = {
    "withholding": _withholding,
    "reduccion_trabajo": _reduccion_trabajo,
    "da61_annual_deduction": _da61_annual_deduction,
    "escala": _escala,
    "employee_social_annual": _employee_social_annual,
    "otros_gastos": _otros_gastos,
}


@pytest.mark.parametrize("case", cases_of("es"), ids=lambda case: case.id)
def test_a_kept_case_comes_out_as_published(case: Case) -> None:
    assert_case(case, COMPUTE)


@pytest.mark.parametrize("case", vectors_of("es", JANUARY), ids=lambda case: case.id)
def test_a_vector_comes_out_as_published(case: Case) -> None:
    assert_case(case, COMPUTE)


def test_a_short_contract_withholds_two_per_cent_from_the_first_euro() -> None:
    payslip = ENGINE.payslip(Wage(150_000, JANUARY, Regime.TEMPORARY, ORDINARY))
    assert payslip.amount("withholding").amount == -Decimal("30.00")
    assert payslip.amount("common.worker").amount == -Decimal("70.50")
    assert payslip.amount("unemployment.employer").amount == Decimal("100.50")


def test_the_rate_is_computed_again_at_each_engagement_of_the_year_over_the_pay_that_is_left() -> None:
    payments: list[Counted] = []
    rates, withheld = [], 0
    for month in (1, 4, 7, 10):
        day = date(2026, month, 28)
        wage = Wage(600_000, day, Regime.TEMPORARY, ORDINARY, earlier=ENGINE.earlier(payments, day))
        payslip = ENGINE.payslip(wage)
        line = next(line for line in payslip.lines if line.code == "withholding")
        assert line.rate is not None
        rates.append(line.rate)
        withheld -= line.amount.minor
        payments.append(Counted(day, ENGINE.counts(payslip, wage)))
    assert rates[0] == Decimal("0.02")
    assert rates == sorted(rates)
    pay, sheet = column(2_400_000), Sheet(LAW, JANUARY)
    batch = ENGINE.batch([Wage(0, JANUARY, Regime.TEMPORARY, ORDINARY)])
    quota = quota_of(pay, mul_rate(pay, worker_rate(batch, sheet)), batch.situation, rules_of(sheet)).quota
    # All four together come to the quota of the year, but for the cut of the rate and its ceiling.
    assert withheld <= int(quota[0])
    assert int(quota[0]) - withheld < 2_400_000 // 10_000 or rates[-1] == Decimal("0.47")


def test_an_expected_pay_of_the_year_spreads_the_tax_over_it() -> None:
    expected = SpanishSituation(expected_year_euros=30_000)
    payslip = ENGINE.payslip(Wage(250_000, JANUARY, Regime.PERMANENT, expected))
    assert payslip.amount("withholding").amount == -Decimal("410.50")


def test_pay_above_the_greatest_base_owes_the_solidarity_contribution_in_its_bands() -> None:
    payslip = ENGINE.payslip(Wage(800_000, JANUARY, Regime.PERMANENT, ORDINARY))
    assert payslip.amount("contributions.base").amount == Decimal("5101.20")
    # 0.19 % of 510.12, 0.21 % of 2 040.48, 0.24 % of 348.20, and the employer's rates.
    assert payslip.amount("solidarity.worker").amount == -Decimal("6.09")
    assert payslip.amount("solidarity.employer").amount == Decimal("30.37")


def test_what_the_special_system_of_artists_asks_is_said_to_be_missing() -> None:
    payslip = ENGINE.payslip(Wage(200_000, JANUARY, Regime.ARTIST, ORDINARY))
    assert [remark.code for remark in payslip.remarks] == ["contributions.artist"]

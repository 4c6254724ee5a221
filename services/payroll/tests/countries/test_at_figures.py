"""Austrian figures against published net wages, the effective tariff table and rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.countries.figures import Case, Figures, assert_case, cases_of, vectors_of

from commons.country import load_country
from payroll.domain.austria.engine import Austria
from payroll.domain.austria.situation import ORDINARY, AustrianEarlier, AustrianSituation, Land, Regime
from payroll.domain.austria.social import unemployment_rate
from payroll.domain.austria.wage_tax import special_payment_tax, wage_tax
from payroll.domain.earlier import Counted
from payroll.domain.integers import RATE_UNIT, column
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Sheet
from payroll.domain.wage import Wage, WorkTime

LAW = PayrollLaw(load_country("at"))
ENGINE = Austria(LAW)
JANUARY = date(2026, 1, 31)
NOT_VIENNA = AustrianSituation(land=Land.LOWER_AUSTRIA)
LANDS = {
    "NOe": Land.LOWER_AUSTRIA,
    "Bgld": Land.BURGENLAND,
    "OOe": Land.UPPER_AUSTRIA,
    "Sbg": Land.SALZBURG,
    "Tirol": Land.TYROL,
    "Vbg": Land.VORARLBERG,
    "Stmk": Land.STYRIA,
    "Ktn": Land.CARINTHIA,
    "Wien": Land.VIENNA,
}


def _cents(amount: object) -> int:
    return int(Decimal(str(amount)) * 100)


def _day(given: Figures, day: date) -> date:
    return day.replace(year=int(given.get("year", day.year)))


def _net_month(given: Figures, day: date) -> Figures:
    wage = Wage(_cents(given["gross_month"]), _day(given, day), Regime.EMPLOYEE, NOT_VIENNA)
    return {"net": ENGINE.payslip(wage).net_payable.amount}


def _lohnsteuer_month(given: Figures, day: date) -> Figures:
    day = _day(given, day)
    batch = ENGINE.batch([Wage(0, day, Regime.EMPLOYEE, ORDINARY)])
    tax = wage_tax(column(_cents(given["base_month"])), batch, Sheet(LAW, day))
    return {"tax": Decimal(int(tax[0])) / 100}


def _av_employee_rate(given: Figures, day: date) -> Figures:
    rate = unemployment_rate(column(_cents(given["gross_month"])), LAW.rule("sv.unemployment", day))
    return {"rate": Decimal(int(rate[0])) / RATE_UNIT}


def _dz_rate(given: Figures, day: date) -> Figures:
    rule = LAW.rule("employer.chamber_surcharge", _day(given, day))
    return {"percent": rule.decimal(LANDS[given["land"]]) * 100}


COMPUTE = {
    "net_month": _net_month,
    "lohnsteuer_month": _lohnsteuer_month,
    "av_employee_rate": _av_employee_rate,
    "dz_rate": _dz_rate,
}


@pytest.mark.parametrize("case", cases_of("at"), ids=lambda case: case.id)
def test_a_kept_case_comes_out_as_published(case: Case) -> None:
    assert_case(case, COMPUTE)


@pytest.mark.parametrize("case", vectors_of("at", JANUARY), ids=lambda case: case.id)
def test_a_vector_comes_out_as_published(case: Case) -> None:
    assert_case(case, COMPUTE)


def test_a_month_of_3500_in_vienna_comes_out_whole() -> None:
    second_month = AustrianEarlier(has_earlier_month=True)
    payslip = ENGINE.payslip(Wage(350_000, JANUARY, Regime.EMPLOYEE, ORDINARY, earlier=second_month))
    amounts = {line.code: line.amount.amount for line in payslip.lines}
    assert amounts["sv.worker"] == -Decimal("641.20")
    assert amounts["wage_tax"] == -Decimal("404.09")
    assert payslip.net_payable.amount == Decimal("2454.71")
    assert amounts["sv.employer"] == Decimal("743.05")
    assert payslip.labor_cost.amount == Decimal("4543.70")


def test_marginal_pay_owes_no_contribution_of_the_worker_and_one_cent_more_owes_all() -> None:
    marginal = ENGINE.payslip(Wage(55_110, JANUARY, Regime.EMPLOYEE, ORDINARY))
    ordinary = ENGINE.payslip(Wage(55_111, JANUARY, Regime.EMPLOYEE, ORDINARY))
    assert marginal.amount("sv.worker").is_zero
    assert [remark.code for remark in marginal.remarks] == ["sv.marginal"]
    assert ordinary.amount("sv.worker").amount == -Decimal("84.71")
    assert ordinary.net_wage < marginal.net_wage


def test_two_payments_of_a_month_owe_what_one_owes_and_leave_no_debt() -> None:
    days = WorkTime(5, 260)
    first_wage = Wage(50_000, JANUARY, Regime.EMPLOYEE, ORDINARY, time=days)
    first = ENGINE.payslip(first_wage)
    earlier = ENGINE.earlier([Counted(JANUARY, ENGINE.counts(first, first_wage))], JANUARY)
    second = ENGINE.payslip(Wage(50_000, JANUARY, Regime.EMPLOYEE, ORDINARY, time=days, earlier=earlier))
    whole = ENGINE.payslip(Wage(100_000, JANUARY, Regime.EMPLOYEE, ORDINARY))
    assert first.amount("sv.worker").is_zero
    assert second.amount("sv.worker") == whole.amount("sv.worker")
    tiny = ENGINE.payslip(Wage(5_200, JANUARY, Regime.EMPLOYEE, ORDINARY, earlier=earlier))
    assert not tiny.net_wage.is_negative


def test_the_severance_fund_begins_with_the_second_month() -> None:
    first = ENGINE.payslip(Wage(350_000, JANUARY, Regime.EMPLOYEE, ORDINARY))
    assert first.amount("employer.severance_fund").is_zero
    assert ENGINE.earlier([Counted(JANUARY, {})], date(2026, 2, 28)).has_earlier_month


def test_a_13th_payment_is_taxed_by_its_own_steps() -> None:
    tax = special_payment_tax(column(62_000, 300_000), LAW.rule("wage_tax.special_payments", JANUARY))
    assert tax.tolist() == [0, 14_280]

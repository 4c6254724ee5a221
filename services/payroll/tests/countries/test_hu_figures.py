"""Hungarian figures against published examples, to the forint."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.countries.figures import Case, Figures, assert_case, cases_of, vectors_of

from commons.country import load_country
from payroll.domain.earlier import Counted
from payroll.domain.hungary.engine import Hungary
from payroll.domain.hungary.reliefs import family_allowance
from payroll.domain.hungary.situation import HungarianSituation, MothersRelief, Regime
from payroll.domain.integers import column, mul_rate
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Wage, WorkTime

LAW = PayrollLaw(load_country("hu"))
ENGINE = Hungary(LAW)
MAY = date(2026, 5, 31)


def _payslip(gross: int, situation: HungarianSituation, day: date = MAY) -> Payslip:
    return ENGINE.payslip(Wage(gross * 100, day, Regime.EMPLOYEE, situation))


def _payslip_month(given: Figures, day: date) -> Figures:
    is_exempt = str(given.get("szja_exempt")).lower() == "true"
    relief = MothersRelief.UNDER_30 if is_exempt else MothersRelief.NONE
    payslip = _payslip(int(given["gross"]), HungarianSituation(relief), day)
    # A published example names the tax that its reliefs save, rounded to the thousand, and not the reliefs.
    saved = min(Decimal(given.get("tax_allowance", 0)), -payslip.amount("szja").amount)
    return {
        "szja": -payslip.amount("szja").amount,
        "tb": -payslip.amount("tb").amount,
        "net": payslip.net_payable.amount + saved,
        "szocho": payslip.amount("szocho").amount,
        "cost": payslip.labor_cost.amount,
    }


def _family_allowance(given: Figures, day: date) -> Figures:
    children = int(given["children"])
    base = int(family_allowance(column(children), column(0), LAW.rule("szja.family", day))[0])
    rate = LAW.rule("szja.rate", day).rate("rate")
    return {
        "base_per_child": Decimal(base) / children / 100,
        "tax_per_child": Decimal(int(mul_rate(base, rate))) / children / 100,
        "tax_total": Decimal(int(mul_rate(base, rate))) / 100,
    }


def _allowance(given: Figures, day: date) -> Figures:
    rule = LAW.rule({"personal": "szja.personal", "first_marriage": "szja.marriage"}[given["allowance"]], day)
    base = rule.amount("base")
    return {
        "base": Decimal(base) / 100,
        "tax": Decimal(int(mul_rate(base, LAW.rule("szja.rate", day).rate("rate")))) / 100,
    }


def _constant(_given: Figures, day: date) -> Figures:
    rule = LAW.rule("minimum_wage.monthly", day)
    names = {"month": "amount", "week": "week", "day": "day", "hour": "hour"}
    return {name: Decimal(rule.amount(field)) / 100 for name, field in names.items()}


COMPUTE = {
    "payslip_month": _payslip_month,
    "family_allowance": _family_allowance,
    "allowance": _allowance,
    "constant": _constant,
}


@pytest.mark.parametrize("case", cases_of("hu"), ids=lambda case: case.id)
def test_a_kept_case_comes_out_to_the_forint(case: Case) -> None:
    assert_case(case, COMPUTE)


@pytest.mark.parametrize("case", vectors_of("hu", MAY), ids=lambda case: case.id)
def test_a_vector_comes_out_to_the_forint(case: Case) -> None:
    assert_case(case, COMPUTE)


def test_the_family_allowance_that_finds_no_tax_takes_off_the_contribution() -> None:
    payslip = _payslip(400_000, HungarianSituation(children=3))
    assert payslip.amount("szja").is_zero
    # 1 320 000 of allowance, 400 000 used: 15 % of 920 000 is more than the whole contribution.
    assert payslip.amount("tb.family").amount == Decimal(74_000)
    assert payslip.net_payable == payslip.gross_wage


def test_mothers_come_before_youth_and_the_family_last() -> None:
    payslip = _payslip(500_000, HungarianSituation(MothersRelief.UNDER_30, is_under_25=True, children=1))
    assert [line.code for line in payslip.lines if line.code.startswith("szja")] == ["szja.mothers", "szja"]
    assert payslip.amount("tb.family").amount == Decimal(20_001)


def test_what_is_above_the_cap_of_youth_is_taxed() -> None:
    payslip = _payslip(800_000, HungarianSituation(is_under_25=True))
    assert payslip.amount("szja").amount == -Decimal("12635")  # 15 % of 84 235, a half going up


def test_a_month_of_a_very_small_wage_counts_the_floor_of_contributions_and_leaves_no_debt() -> None:
    small = _payslip(90_000, HungarianSituation())
    assert small.amount("tb").amount == -Decimal(17_915)
    assert small.amount("szocho").amount == Decimal(12_589)
    assert not _payslip(10_000, HungarianSituation()).net_payable.is_negative


def test_two_payments_of_a_month_use_its_allowances_once() -> None:
    situation = HungarianSituation(has_personal_allowance=True, children=1)
    whole = _payslip(500_000, situation)
    halves = WorkTime(10, 260)
    first_wage = Wage(25_000_000, MAY, Regime.EMPLOYEE, situation, time=halves)
    first = ENGINE.payslip(first_wage)
    earlier = ENGINE.earlier([Counted(MAY, ENGINE.counts(first, first_wage))], MAY)
    second = ENGINE.payslip(Wage(25_000_000, MAY, Regime.EMPLOYEE, situation, time=halves, earlier=earlier))
    assert first.amount("szja") + second.amount("szja") == whole.amount("szja")

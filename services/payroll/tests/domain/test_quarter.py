"""What closing a Belgian quarter changes, without touching a payslip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.a_wage import a_wage

from commons.country import load_country
from commons.money import Money
from payroll.domain.belgium.engine import Belgium
from payroll.domain.belgium.quarter import QuarterWorked, regularize
from payroll.domain.belgium.situation import ORDINARY, Status
from payroll.domain.law import PayrollLaw

ENGINE = Belgium(PayrollLaw(load_country("be")))
LAST_DAY = date(2026, 9, 30)


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def a_quarter(*grosses: int) -> QuarterWorked:
    payslips = [ENGINE.payslip(a_wage(gross=gross, day=LAST_DAY)) for gross in grosses]
    return QuarterWorked(
        last_day=LAST_DAY,
        regime=Status.WHITE_COLLAR,
        situation=ORDINARY,
        gross=sum(grosses),
        base=sum(grosses),
        special_contribution=-sum(p.amount("special_contribution").minor for p in payslips),
        employer_contributions=sum(p.amount("employer.base").minor for p in payslips),
        mu_millionths=1_000_000,
    )


def test_equal_months_leave_no_special_contribution_to_settle() -> None:
    closing = regularize(ENGINE, a_quarter(300_000, 300_000, 300_000))
    assert abs(closing.amount("special_contribution.quarter").minor) <= 2


def test_uneven_months_get_back_what_the_advances_took_too_much() -> None:
    closing = regularize(ENGINE, a_quarter(50_000, 50_000, 390_000))
    assert closing.amount("special_contribution.quarter") > eur("0.00")
    assert closing.gross_wage == eur("0.00")


def test_the_structural_reduction_comes_off_the_employers_contributions() -> None:
    closing = regularize(ENGINE, a_quarter(223_361, 223_361, 223_361))
    assert closing.amount("employer.structural_reduction") == eur("-1184.14")
    assert closing.labor_cost == eur("-1184.14")


def test_a_reduction_never_exceeds_what_the_employer_owes() -> None:
    quarter = replace(a_quarter(223_361, 223_361, 223_361), employer_contributions=100_000)
    assert regularize(ENGINE, quarter).amount("employer.structural_reduction") == eur("-1000.00")


def test_the_artists_reduction_is_granted_up_to_its_cap() -> None:
    quarter = replace(a_quarter(300_000, 300_000, 300_000), has_artists_reduction=True)
    assert regularize(ENGINE, quarter).amount("employer.artists_reduction") == eur("-517.00")


def test_the_artists_reduction_needs_three_minimum_incomes() -> None:
    quarter = replace(a_quarter(200_000, 200_000, 200_000), has_artists_reduction=True)
    assert regularize(ENGINE, quarter).amount("employer.artists_reduction") == eur("0.00")

"""Italian figures against the law's own break points, the tax agency's example and another calculator."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from tests.countries.figures import Case, Figures, assert_case, cases_of, vectors_of

from commons.country import load_country
from payroll.domain.earlier import Counted
from payroll.domain.integers import Cents, column, mul_rate
from payroll.domain.italy.engine import Italy, rules_of
from payroll.domain.italy.income_tax import (
    Items,
    exact_scale_tax,
    free_sum,
    free_sum_rate,
    items_of,
    surtax,
    surtax_credit,
)
from payroll.domain.italy.situation import (
    YEAR_MILLIONTHS,
    ItalianSituation,
    Municipality,
    Regime,
    Region,
)
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Sheet
from payroll.domain.wage import Wage, WorkTime

LAW = PayrollLaw(load_country("it"))
ENGINE = Italy(LAW)
JANUARY = date(2026, 1, 31)
REGIONS = {"Lazio": Region.LAZIO, "Lombardia": Region.LOMBARDIA}


def _cents(amount: object) -> int:
    return int((Decimal(str(amount)) * 100).to_integral_value(ROUND_HALF_UP))


def _euros(amount: Cents) -> Decimal:
    return Decimal(int(amount[0])) / 100


def _share(given: Figures) -> Cents:
    return column(int(given.get("days", 365)) * YEAR_MILLIONTHS // 365)


def _items(given: Figures, income: object, day: date) -> Items:
    # A fraction of a cent counts at the limits of the law: 20 000.0035 is above 20 000.
    exact = Decimal(str(income)) * 100
    cents = column(int(exact) + (exact != int(exact)))
    return items_of(cents, cents, _share(given), rules_of(Sheet(LAW, day)), is_fixed_term=False)


def _irpef_items_annual(given: Figures, day: date) -> Figures:
    items = _items(given, given["taxable"], day)
    # That calculator does not round its tax: half a cent is half a cent there.
    exact = exact_scale_tax(column(_cents(given["taxable"])), LAW.rule("irpef.scale", day))
    return {
        "irpef": Decimal(int(exact[0])) / 100_000_000,
        "det": _euros(items.work_credit),
        "somma": _euros(items.free_sum),
        "ulteriore": _euros(items.further_credit),
        "ti": _euros(items.bonus),
    }


def _detrazione_lavoro(given: Figures, day: date) -> Figures:
    return {"det": _euros(_items(given, given["reddito"], day).work_credit)}


def _ulteriore_detrazione(given: Figures, day: date) -> Figures:
    return {"ulteriore": _euros(_items(given, given["reddito"], day).further_credit)}


def _addizionali_annual(given: Figures, day: date) -> Figures:
    income = column(_cents(given["taxable"]))
    regional = LAW.rule(f"surtax.regional.{REGIONS.get(given['region'], given['region'].lower())}", day)
    municipal = LAW.rule(f"surtax.municipal.{given['municipality']}", day)
    return {"regional": _euros(surtax(income, regional)), "municipal": _euros(surtax(income, municipal))}


def _irpef_net_annual(given: Figures, day: date) -> Figures:
    gross = _cents(given["ral"])
    social = int(mul_rate(gross, int(Decimal(given["inps_rate"]) * 1_000_000)))
    taxable = Decimal(gross - social) / 100
    surtaxes = _addizionali_annual({"taxable": taxable, "region": "Lombardia", "municipality": "F205"}, day)
    return {
        "social": Decimal(social) / 100,
        "irpef_net": _euros(_items(given, taxable, day).net_tax),
        "addizionali_lombardia_milano": surtaxes["regional"] + surtaxes["municipal"],
    }


def _somma_non_imponibile(given: Figures, day: date) -> Figures:
    income, rule = column(_cents(given["employment_income"])), LAW.rule("irpef.wedge", day)
    return {
        "rate": Decimal(int(free_sum_rate(income, _share(given), rule)[0])) / 1_000_000,
        "somma": _euros(free_sum(income, income, _share(given), rule)),
    }


COMPUTE = {
    "irpef_items_annual": _irpef_items_annual,
    "detrazione_lavoro": _detrazione_lavoro,
    "ulteriore_detrazione": _ulteriore_detrazione,
    "addizionali_annual": _addizionali_annual,
    "irpef_net_annual": _irpef_net_annual,
    "somma_non_imponibile": _somma_non_imponibile,
}


@pytest.mark.parametrize("case", cases_of("it"), ids=lambda case: case.id)
def test_a_kept_case_comes_out_as_published(case: Case) -> None:
    assert_case(case, COMPUTE)


@pytest.mark.parametrize("case", vectors_of("it", JANUARY), ids=lambda case: case.id)
def test_a_vector_comes_out_as_published(case: Case) -> None:
    assert_case(case, COMPUTE)


def test_twelve_equal_months_withhold_the_tax_of_the_year() -> None:
    payments: list[Counted] = []
    withheld = 0
    for month in range(1, 13):
        day = date(2026, month, 28)
        wage = Wage(
            250_000, day, Regime.OPEN_ENDED, ItalianSituation(), earlier=ENGINE.earlier(payments, day)
        )
        payslip = ENGINE.payslip(wage)
        withheld -= payslip.amount("irpef").minor
        payments.append(Counted(day, ENGINE.counts(payslip, wage)))
    # RAL 30 000: taxable 27 243, net tax 3 221.60.
    assert abs(withheld - 322_160) <= 2


def test_two_short_contracts_of_a_year_are_settled_on_what_both_earned() -> None:
    situation, term = ItalianSituation(municipality=Municipality.ROMA, region=Region.LAZIO), WorkTime(26, 312)
    first_wage = Wage(200_000, date(2026, 2, 28), Regime.FIXED_TERM, situation, time=term)
    first = ENGINE.payslip(first_wage)
    assert first.amount("irpef").is_zero, "the credit is at least 1 380 whatever the days"
    assert first.amount("surtax.regional").is_zero, "who owes no tax owes no surtax"
    earlier = ENGINE.earlier(
        [Counted(date(2026, 2, 28), ENGINE.counts(first, first_wage))], date(2026, 6, 30)
    )
    second = ENGINE.payslip(
        Wage(1_200_000, date(2026, 6, 30), Regime.FIXED_TERM, situation, time=term, earlier=earlier)
    )
    # 14 000 less 9.19 %, and 73.15 above the threshold of June, are 12 640.25: 23 % less the least credit.
    assert second.amount("irpef").amount == -Decimal("1527.26")
    assert second.amount("surtax.regional").amount == -Decimal("218.68")


def test_the_tax_free_sum_is_paid_out_and_is_neither_wage_nor_cost() -> None:
    payslip = ENGINE.payslip(Wage(140_000, JANUARY, Regime.OPEN_ENDED, ItalianSituation()))
    assert not payslip.amount("free_sum").is_zero
    assert payslip.net_payable - payslip.net_wage == payslip.amount("free_sum") + payslip.amount("bonus")
    waived = ENGINE.payslip(Wage(140_000, JANUARY, Regime.OPEN_ENDED, ItalianSituation(waives_bonus=True)))
    assert waived.net_payable == waived.net_wage


def test_severance_pay_accrues_with_each_payment() -> None:
    payslip = ENGINE.payslip(Wage(300_000, JANUARY, Regime.OPEN_ENDED, ItalianSituation()))
    assert payslip.amount("severance").amount == Decimal("207.22")  # 222.22 less 15.00


def test_lazio_gives_sixty_euros_back_in_its_range_of_incomes() -> None:
    rule = LAW.rule("surtax.regional.lazio", JANUARY)
    assert surtax_credit(column(2_800_000, 2_800_001, 3_500_000, 3_500_001), rule).tolist() == [
        0,
        6_000,
        6_000,
        0,
    ]


def test_a_municipality_that_is_not_in_the_data_is_named_on_the_payslip() -> None:
    payslip = ENGINE.payslip(Wage(300_000, JANUARY, Regime.FIXED_TERM, ItalianSituation()))
    assert [remark.code for remark in payslip.remarks] == ["surtax.municipal"]

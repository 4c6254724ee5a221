"""Swedish figures against the official tables, every cell of them, and published rates, to the krona."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from tests.countries.figures import Case, Figures, assert_case, cases_of, vectors_of

from commons.country import countries_folder, load_country
from payroll.domain.earlier import Counted
from payroll.domain.errors import TaxTableUnknown
from payroll.domain.integers import column
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Sheet
from payroll.domain.sweden.engine import Sweden, month_fee
from payroll.domain.sweden.formula import yearly_tax
from payroll.domain.sweden.situation import Regime, SwedishSituation, TaxBasis, TaxColumn
from payroll.domain.wage import Wage

LAW = PayrollLaw(load_country("se"))
ENGINE = Sweden(LAW)
MAY = date(2026, 5, 31)
BY_TABLE = SwedishSituation(tax_basis=TaxBasis.TABLE)


def _wage(kronor: int, situation: SwedishSituation = BY_TABLE, **more: object) -> Wage:
    return Wage(kronor * 100, MAY, Regime.EMPLOYEE, situation, **more)  # type: ignore[arg-type] # builder


def _withholding_table(given: Figures, day: date) -> Figures:
    situation = SwedishSituation(
        TaxBasis.TABLE, int(given["table"]), TaxColumn(given["income_type"]), age_at_year_start=40
    )
    assert list(TaxColumn).index(situation.tax_column) + 1 == int(given["column"])
    payslip = ENGINE.payslip(Wage(int(given["monthly_pay"]) * 100, day, Regime.EMPLOYEE, situation))
    return {"tax": -payslip.amount("withholding").amount}


def _employer_contribution(given: Figures, _day: date) -> Figures:
    sheet = Sheet(LAW, date.fromisoformat(f"{given['month']}-28"))
    fee = month_fee(column(int(given["base_month"]) * 100), column(int(given["age_at_year_start"])), sheet)
    return {"fee": Decimal(int(fee[0])) / 100}


COMPUTE = {"withholding_table": _withholding_table, "employer_contribution": _employer_contribution}


@pytest.mark.parametrize("case", cases_of("se"), ids=lambda case: case.id)
def test_a_kept_case_comes_out_to_the_krona(case: Case) -> None:
    assert_case(case, COMPUTE)


@pytest.mark.parametrize("case", vectors_of("se", date(2026, 1, 31)), ids=lambda case: case.id)
def test_a_vector_comes_out_to_the_krona(case: Case) -> None:
    assert_case(case, COMPUTE)


def test_the_formula_gives_every_cell_of_columns_1_5_and_6() -> None:
    with (countries_folder() / "se" / "tax-tables-2026.csv").open() as file:
        rows = [{name: int(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert len(rows) == 6_734
    rule = LAW.rule("withholding.formula", MAY)
    pay, table = column(*(row["to"] for row in rows)), column(*(row["table"] for row in rows))
    for name, has_credit, has_fee in (("c1", True, True), ("c5", False, True), ("c6", False, False)):
        computed = yearly_tax(
            pay,
            table,
            has_job_credit=np.full(len(rows), has_credit),
            has_pension_fee=np.full(len(rows), has_fee),
            rule=rule,
        ).of_month
        assert computed.tolist() == [row[name] for row in rows], name


def test_a_published_month_comes_out_whole() -> None:
    payslip = ENGINE.payslip(_wage(35_000))
    assert payslip.net_payable.amount == Decimal(28_078)
    assert payslip.labor_cost.amount == Decimal(45_997)


def test_above_the_tables_the_formula_stands_in_and_the_payslip_says_so() -> None:
    at_the_end, above = ENGINE.payslip(_wage(80_000)), ENGINE.payslip(_wage(90_000))
    assert [remark.code for remark in above.remarks] == ["withholding.above_tables"]
    assert not at_the_end.remarks
    rise = at_the_end.amount("withholding") - above.amount("withholding")
    assert Decimal(5_000) < rise.amount < Decimal(6_000)


def test_two_payments_of_a_month_are_taxed_as_one() -> None:
    whole, first_wage = ENGINE.payslip(_wage(30_000)), _wage(12_000)
    first = ENGINE.payslip(first_wage)
    earlier = ENGINE.earlier([Counted(MAY, ENGINE.counts(first, first_wage))], MAY)
    second = ENGINE.payslip(_wage(18_000, earlier=earlier))
    assert first.net_payable + second.net_payable == whole.net_payable
    assert first.labor_cost + second.labor_cost == whole.labor_cost


def test_without_a_tax_decision_it_is_side_income() -> None:
    assert ENGINE.payslip(_wage(10_001, SwedishSituation())).amount("withholding.side").amount == -Decimal(
        3_000
    )


def test_the_relief_for_the_young_begins_in_april_and_ends_at_its_ceiling() -> None:
    young = column(20)
    assert month_fee(column(3_000_000), young, Sheet(LAW, date(2026, 3, 31)))[0] == 942_600
    april = month_fee(column(3_000_000), young, Sheet(LAW, date(2026, 4, 1)))[0]
    assert april == 677_300  # 20.81 % of 25 000 and 31.42 % of 5 000, cut to the krona


def test_a_table_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TaxTableUnknown):
        ENGINE.payslip(_wage(30_000, SwedishSituation(TaxBasis.TABLE, tax_table=28)))

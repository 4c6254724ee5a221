"""German figures: the ministry's own answers, its flow chart run step by step, published contributions."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.countries.figures import Case, Figures, assert_case, cases_of, vectors_of
from tests.countries.flow_chart import FlowChart

from commons.country import load_country
from payroll.domain.earlier import Counted
from payroll.domain.germany.engine import Germany, rules_of
from payroll.domain.germany.situation import Church, GermanSituation, Regime, TaxClass
from payroll.domain.germany.tariff import tariff
from payroll.domain.germany.wage_tax import TaxFacts, WageTax, special_payment_tax, wage_tax
from payroll.domain.integers import column
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Sheet
from payroll.domain.wage import Wage

LAW = PayrollLaw(load_country("de"))
ENGINE = Germany(LAW)
JANUARY = date(2026, 1, 31)
PERIODS = {1: (1, 1), 2: (1, 12), 3: (7, 360), 4: (1, 360)}
RANDOM_CASES = 2_000
NOT_ONE_OFF = ("BKS", "SOLZS", "STS", "VFRBS1", "VFRBS2", "WVFRBO", "WVFRBM")


def _number(given: Figures, name: str, otherwise: str = "0") -> Decimal:
    return Decimal(str(given.get(name, otherwise)))


def _facts(rows: Sequence[Figures]) -> TaxFacts:
    def whole(name: str, scale: int = 1, otherwise: str = "0") -> Any:
        return column(*(int(_number(row, name, otherwise) * scale) for row in rows))

    def care_rate(row: Figures) -> int:
        base = 23_000 if _number(row, "PVS") == 1 else 18_000
        return base + (6_000 if _number(row, "PVZ") == 1 else -2_500 * int(_number(row, "PVA")))

    per = [PERIODS[int(_number(row, "LZZ", "1"))] for row in rows]
    allowance = [
        int(_number(row, "LZZFREIB")) * times // parts for row, (parts, times) in zip(rows, per, strict=True)
    ]
    return TaxFacts(
        tax_class=whole("STKL"),
        child_allowance_halves=whole("ZKF", 2),
        factor=whole("f", 1_000_000, "1"),
        fund_supplement=whole("KVZ", 10_000),
        care_rate=column(*map(care_rate, rows)),
        allowance=column(*allowance),
        is_private=whole("PKV") > 0,
        private_premium=whole("PKPV") - whole("PKPVAGZ"),
        has_pension=whole("KRV") == 0,
        has_unemployment=whole("ALV") == 0,
    )


def _computed(rows: Sequence[Figures]) -> WageTax:
    per = [PERIODS[int(_number(row, "LZZ", "1"))] for row in rows]
    return wage_tax(
        column(*(int(_number(row, "RE4")) for row in rows)),
        column(*(parts for parts, _ in per)),
        column(*(times for _, times in per)),
        _facts(rows),
        rules_of(Sheet(LAW, JANUARY)),
    )


def _lohnsteuer_pap(given: Figures, _day: date) -> Figures:
    found = _computed([given])
    has_church = int(_number(given, "R")) > 0
    return {
        "LSTLZZ": int(found.tax[0]),
        "SOLZLZZ": int(found.solidarity[0]),
        "BK": int(found.church_base[0]) if has_church else 0,
        "VFRB": int(found.costs[0]),
        "WVFRB": max(0, int(found.taxable[0]) - LAW.rule("wage_tax.tariff", JANUARY).amount("free")),
        "WVFRBO": 0,
        **dict.fromkeys(NOT_ONE_OFF, 0),
    }


def _tarif_32a(given: Figures, day: date) -> Figures:
    return {"est": int(tariff(column(int(given["zve"])), LAW.rule("wage_tax.tariff", day))[0])}


def _social_contributions(given: Figures, day: date) -> Figures:
    def is_yes(name: str) -> bool:
        return str(given[name]).lower() == "true"

    situation = GermanSituation(
        fund_supplement=Decimal(str(given["zusatzbeitrag"])),
        is_childless=is_yes("kinderlos"),
        works_in_saxony=is_yes("sachsen"),
    )
    gross = int(Decimal(str(given["gross_month"])) * 100)
    payslip = ENGINE.payslip(Wage(gross, day, Regime.EMPLOYEE, situation))
    names = {"kv": "health", "pv": "care", "rv": "pension", "av": "unemployment"}
    found = {f"{name}_an": -payslip.amount(f"{code}.worker").amount for name, code in names.items()}
    return found | {f"{name}_ag": payslip.amount(f"{code}.employer").amount for name, code in names.items()}


COMPUTE = {
    "lohnsteuer_pap": _lohnsteuer_pap,
    "tarif_32a": _tarif_32a,
    "social_contributions": _social_contributions,
}


@pytest.mark.parametrize("case", cases_of("de"), ids=lambda case: case.id)
def test_a_kept_case_comes_out_exactly(case: Case) -> None:
    assert_case(case, COMPUTE)


@pytest.mark.parametrize("case", vectors_of("de", JANUARY), ids=lambda case: case.id)
def test_a_vector_comes_out_exactly(case: Case) -> None:
    assert_case(case, COMPUTE)


def _chart() -> Path:
    root = Path(__file__).resolve().parents[4]
    folder = Path(os.environ.get("PARTAGE_VECTORS", "../shared/vectors"))
    return (folder if folder.is_absolute() else root / folder) / "payroll" / "de-pap-2026.xml"


def _random_case(draw: random.Random) -> dict[str, int | Decimal]:
    tax_class, period = draw.randint(1, 6), draw.choice([1, 2, 2, 2, 3, 4])
    most = {1: 40_000_000, 2: 3_500_000, 3: 800_000, 4: 120_000}[period]
    return {
        "LZZ": period,
        "RE4": int(most * draw.random() ** 2),
        "STKL": tax_class,
        "ZKF": Decimal(draw.choice([0, 0, 1, 2, 3])) / 2 if tax_class < 5 else Decimal(0),
        "KVZ": Decimal(draw.choice(["0", "1.7", "2.45", "2.9", "4.39"])),
        "PVZ": (childless := draw.randint(0, 1)),
        "PVA": 0 if childless else draw.randint(0, 4),
        "PVS": draw.randint(0, 1),
        "KRV": draw.choice([0, 0, 0, 1]),
        "ALV": draw.choice([0, 0, 0, 1]),
        "PKV": (private := draw.choice([0, 0, 0, 1])),
        "PKPV": draw.randint(10_000, 90_000) if private else 0,
        "PKPVAGZ": draw.randint(0, 45_000) if private else 0,
        "R": draw.randint(0, 1),
        "LZZFREIB": draw.choice([0, 0, draw.randint(0, 50_000)]),
    }


@pytest.mark.skipif(not _chart().is_file(), reason="not run: the official flow chart is not there")
def test_thousands_of_random_wages_are_taxed_as_the_official_flow_chart_taxes_them() -> None:
    chart, draw = FlowChart(_chart()), random.Random(2026)  # noqa: S311 (a seed, no secret)
    rows = [_random_case(draw) for _ in range(RANDOM_CASES)]
    found = _computed(rows)
    for at, row in enumerate(rows):
        official = chart.run(**row)
        ours = {"LSTLZZ": int(found.tax[at]), "SOLZLZZ": int(found.solidarity[at])}
        ours["BK"] = int(found.church_base[at]) if row["R"] else 0
        assert ours == {name: official[name] for name in ours}, row


@pytest.mark.skipif(not _chart().is_file(), reason="not run: the official flow chart is not there")
def test_one_off_payments_are_taxed_as_the_official_flow_chart_taxes_them() -> None:
    chart, draw = FlowChart(_chart()), random.Random(7)  # noqa: S311 (a seed, no secret)
    for _ in range(100):
        row: dict[str, int | Decimal] = {
            "LZZ": 1,
            "RE4": (year_pay := draw.randint(500_000, 12_000_000)),
            "JRE4": year_pay,
            "SONSTB": (payment := draw.randint(10_000, 1_000_000)),
            "STKL": draw.randint(1, 6),
            "KVZ": Decimal("2.9"),
        }
        ours = special_payment_tax(
            column(payment), column(year_pay), _facts([row]), rules_of(Sheet(LAW, JANUARY))
        )
        assert int(ours[0]) == chart.run(**row)["STS"], row


def test_a_month_of_3500_in_class_i_comes_out_as_published() -> None:
    situation = GermanSituation(tax_class=TaxClass.I)
    payslip = ENGINE.payslip(Wage(350_000, JANUARY, Regime.EMPLOYEE, situation))
    amounts = {line.code: abs(line.amount.amount) for line in payslip.lines}
    assert amounts["health.worker"] == Decimal("306.25")
    assert amounts["care.worker"] == Decimal("84.00")
    assert amounts["pension.worker"] == Decimal("325.50")
    assert amounts["unemployment.worker"] == Decimal("45.50")
    assert amounts["wage_tax"] == Decimal("405.50")
    assert payslip.net_payable.amount == Decimal("2333.25")
    employer = sum(amount for code, amount in amounts.items() if code.endswith(".employer"))
    assert employer == Decimal("740.25")


def test_a_mini_job_costs_the_worker_the_pension_alone_and_one_cent_more_is_cheaper_for_the_employer() -> (
    None
):
    mini = ENGINE.payslip(Wage(60_300, JANUARY, Regime.EMPLOYEE, GermanSituation()))
    midi = ENGINE.payslip(Wage(60_301, JANUARY, Regime.EMPLOYEE, GermanSituation(tax_class=TaxClass.I)))
    assert {line.code for line in mini.lines if line.kind == "deduction"} <= {"pension.worker", "wage_tax"}
    assert mini.amount("pension.worker").amount == -Decimal("21.71")
    assert midi.labor_cost < mini.labor_cost
    exempt = GermanSituation(is_exempt_from_pension=True)
    assert ENGINE.payslip(Wage(60_300, JANUARY, Regime.EMPLOYEE, exempt)).net_wage.minor == 60_300


def test_the_midi_job_ends_where_ordinary_shares_begin() -> None:
    situation = GermanSituation(tax_class=TaxClass.I)
    below = ENGINE.payslip(Wage(200_000, JANUARY, Regime.EMPLOYEE, situation))
    above = ENGINE.payslip(Wage(200_001, JANUARY, Regime.EMPLOYEE, situation))
    for branch in ("health", "care", "pension", "unemployment"):
        difference = below.amount(f"{branch}.worker") - above.amount(f"{branch}.worker")
        assert abs(difference.minor) <= 1, branch


def test_without_tax_data_the_sixth_class_holds() -> None:
    unknown = ENGINE.payslip(Wage(300_000, JANUARY, Regime.EMPLOYEE, GermanSituation()))
    known = ENGINE.payslip(Wage(300_000, JANUARY, Regime.EMPLOYEE, GermanSituation(tax_class=TaxClass.I)))
    assert unknown.net_payable < known.net_payable


def test_church_tax_is_a_share_of_the_wage_tax_cut_to_the_cent() -> None:
    situation = GermanSituation(tax_class=TaxClass.I, church=Church.NINE_PERCENT)
    payslip = ENGINE.payslip(Wage(350_000, JANUARY, Regime.EMPLOYEE, situation))
    assert payslip.amount("wage_tax.church").amount == -Decimal("36.49")


def test_a_short_term_employment_owes_no_contributions_and_says_so() -> None:
    payslip = ENGINE.payslip(Wage(150_000, JANUARY, Regime.SHORT_TERM, GermanSituation()))
    assert not [line for line in payslip.lines if line.code.endswith((".worker", ".employer"))]
    assert [remark.code for remark in payslip.remarks] == ["social.short_term"]


def test_two_payments_of_a_month_owe_together_what_one_owes() -> None:
    situation = GermanSituation(tax_class=TaxClass.I)
    first_wage = Wage(150_000, JANUARY, Regime.EMPLOYEE, situation)
    first = ENGINE.payslip(first_wage)
    earlier = ENGINE.earlier([Counted(JANUARY, ENGINE.counts(first, first_wage))], JANUARY)
    second = ENGINE.payslip(Wage(200_000, JANUARY, Regime.EMPLOYEE, situation, earlier=earlier))
    whole = ENGINE.payslip(Wage(350_000, JANUARY, Regime.EMPLOYEE, situation))

    def shares(payslip: Any, side: str) -> int:
        return sum(line.amount.minor for line in payslip.lines if line.code.endswith(side))

    for side in (".worker", ".employer"):
        assert shares(first, side) + shares(second, side) == shares(whole, side)


def test_taxes_are_computed_for_thousands_in_one_call() -> None:
    grosses = np.arange(50_000, 900_000, 250, dtype=np.int64)
    wages = [Wage(int(gross), JANUARY, Regime.EMPLOYEE, GermanSituation()) for gross in grosses[:40]]
    together = ENGINE.compute(ENGINE.batch(wages)).net_wage.tolist()
    assert together == [ENGINE.payslip(wage).net_wage.minor for wage in wages]

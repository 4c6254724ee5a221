"""French figures against worked examples and two other engines, line by line, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from tests.countries.figures import Case, Figures, assert_case, cases_of, vectors_of

from commons.country import load_country
from commons.money import Money
from payroll.domain.earlier import Counted
from payroll.domain.france.cesa import settle_year
from payroll.domain.france.engine import France
from payroll.domain.france.reduction import COEFFICIENT_UNIT, coefficient
from payroll.domain.france.situation import ORDINARY, Establishment, FrenchSituation, Regime, TaxRate
from payroll.domain.france.tax_at_source import neutral_rate
from payroll.domain.integers import column, div, mul_rate
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Wage, WorkTime

LAW = PayrollLaw(load_country("fr"))
ENGINE = France(LAW)
MARCH = date(2026, 3, 31)

STANDARD = {
    "vieillesse_plafonnee_salarie": "old_age_capped.worker",
    "vieillesse_deplafonnee_salarie": "old_age.worker",
    "vieillesse_plafonnee_employeur": "old_age_capped.employer",
    "vieillesse_deplafonnee_employeur": "old_age.employer",
    "maladie_employeur": "health.employer",
    "csa_employeur": "autonomy.employer",
    "allocations_familiales": "family.employer",
    "atmp": "accidents.employer",
    "fnal": "housing_fund.employer",
    "chomage": "unemployment.employer",
    "ags": "wage_guarantee.employer",
    "retraite_compl_salarie": "supplementary_pension.worker",
    "retraite_compl_employeur": "supplementary_pension.employer",
    "ceg_salarie": "balance.worker",
    "ceg_employeur": "balance.employer",
    "cet_salarie": "technical_balance.worker",
    "cet_employeur": "technical_balance.employer",
    "apec_salarie": "executive_employment.worker",
    "apec_employeur": "executive_employment.employer",
    "dialogue_social": "social_dialogue.employer",
    "formation": "training.employer",
    "taxe_apprentissage": "apprenticeship.employer",
    "peec": "building_effort.employer",
    "prevoyance_cadre_employeur": "executive_insurance.employer",
    "csg_base": "csg.base",
    "csg_deductible": "csg.deductible",
    "csg_non_deductible": "csg.taxed",
    "crds": "csg.debt",
    "rgdu": "reduction",
    "net_imposable": "taxable",
    "net_avant_impot": "net_before_tax",
}
# How another engine names the same lines; there contributions are negative and reductions positive.
EARLIER = {
    "vieillesse_plafonnee_salarie": "old_age_capped.worker",
    "vieillesse_deplafonnee_salarie": "old_age.worker",
    "vieillesse_plafonnee_employeur": "old_age_capped.employer",
    "vieillesse_deplafonnee_employeur": "old_age.employer",
    "mmid_employeur": "health.employer",
    "contribution_solidarite_autonomie": "autonomy.employer",
    "famille": "family.employer",
    "accident_du_travail": "accidents.employer",
    "fnal": "housing_fund.employer",
    "chomage_employeur": "unemployment.employer",
    "ags": "wage_guarantee.employer",
    "agirc_arrco_salarie": "supplementary_pension.worker",
    "agirc_arrco_employeur": "supplementary_pension.employer",
    "contribution_equilibre_general_salarie": "balance.worker",
    "contribution_equilibre_general_employeur": "balance.employer",
    "contribution_equilibre_technique_salarie": "technical_balance.worker",
    "contribution_equilibre_technique_employeur": "technical_balance.employer",
    "apec_salarie": "executive_employment.worker",
    "apec_employeur": "executive_employment.employer",
    "financement_organisations_syndicales": "social_dialogue.employer",
    "prevoyance_obligatoire_cadre": "executive_insurance.employer",
    "csg_deductible_salaire": "csg.deductible",
    "csg_imposable_salaire": "csg.taxed",
    "crds_salaire": "csg.debt",
    "allegement_general": "reduction",
    "allegement_cotisation_maladie": "reduction.health",
    "allegement_cotisation_allocations_familiales": "reduction.family",
    "salaire_imposable": "taxable",
}
WORKERS = ("old_age_capped", "old_age", "supplementary_pension", "balance", "technical_balance")
# Where that engine is wrong: executives' insurance is left out of the base of CSG; AGS is 0.25 % since July 2024.
WRONG_FOR_EXECUTIVES = {
    "csg_deductible_salaire",
    "csg_imposable_salaire",
    "crds_salaire",
    "salaire_net",
    "salaire_imposable",
}


def _is_yes(value: object) -> bool:
    return str(value).lower() == "true"


def _payslip(given: Figures, day: date) -> Payslip:
    establishment = Establishment(
        workforce=int(given["workforce"]),
        accident_rate=int(given["atmp_1e6"]),
        mobility_rate=int(given.get("mobility_levy", 0)),
        health_insurance=int(given.get("health_insurance", 0)),
    )
    regime = Regime.CADRE if _is_yes(given["cadre"]) else Regime.EMPLOYEE
    return France(LAW, establishment).payslip(Wage(int(given["gross"]), day, regime, ORDINARY))


def _payslip_standard(given: Figures, day: date) -> Figures:
    payslip = _payslip(given, day)
    found: dict[str, int] = {name: abs(payslip.amount(code).minor) for name, code in STANDARD.items()}
    charges = sum(line.amount.minor for line in payslip.lines if line.kind == "charge")
    rates = [line.rate for line in payslip.lines if line.code == "reduction" and line.rate is not None]
    return found | {
        "cotisations_employeur": charges + found["rgdu"],
        "cout_total": payslip.labor_cost.minor,
        "rgdu_coef_1e4": int(rates[0] * COEFFICIENT_UNIT) if rates else 0,
    }


def _payslip_openfisca_only(given: Figures, day: date) -> Figures:
    payslip = _payslip(given, day)
    reductions = {"reduction", "reduction.health", "reduction.family", "taxable"}
    found = {
        name: abs(payslip.amount(code).minor) * (1 if code in reductions else -1)
        for name, code in EARLIER.items()
    }
    workers = sum(payslip.amount(f"{name}.worker").minor for name in (*WORKERS, "executive_employment"))
    return found | {"cotisations_salariales": workers, "salaire_net": payslip.amount("net_before_tax").minor}


def _pas_default_rate(given: Figures, day: date) -> Figures:
    assert given["territory"] == "metropole"
    base = column(int(given["net_taxable"]))
    rate = neutral_rate(base, LAW.rule("tax_at_source.neutral", day))
    return {"rate_1e3": int(rate[0]) // 1_000, "withholding": int(mul_rate(base, rate)[0])}


def _pas_amount(given: Figures, _day: date) -> Figures:
    return {"withholding": int(div(int(given["product_1e4"]), 100))}


def _rgdu(given: Figures, day: date, pay: int, hours: int) -> Figures:
    establishment = Establishment(50 if _is_yes(given["workforce_ge_50"]) else 10, 0, 0, 0)
    hour = int(given.get("smic_hourly", LAW.rule("reduction.minimum_wage", day).amount("hour")))
    months = 12 if "annual_pay" in given else 1
    rule = LAW.rule("reduction.formula", day)
    found = coefficient(column(pay * 12), column(hour * hours * months), rule, establishment)
    return {
        "coefficient_1e4": int(found[0]),
        "reduction": int(div(pay * found, COEFFICIENT_UNIT)[0]),
    }


def _rgdu_month(given: Figures, day: date) -> Figures:
    return _rgdu(given, day, int(given["monthly_pay"]), 1_820)


def _rgdu_annual(given: Figures, day: date) -> Figures:
    return _rgdu(given, day, int(given["annual_pay"]), int(given["hours"]))


COMPUTE = {
    "payslip_standard": _payslip_standard,
    "payslip_openfisca_only": _payslip_openfisca_only,
    "pas_default_rate": _pas_default_rate,
    "pas_amount": _pas_amount,
    "rgdu_month": _rgdu_month,
    "rgdu_coefficient_month": _rgdu_month,
    "rgdu_annual": _rgdu_annual,
}


def _judged(case: Case) -> Case:
    if case.kind != "payslip_openfisca_only":
        return case
    wrong = set(WRONG_FOR_EXECUTIVES) if _is_yes(case.given["cadre"]) else set()
    wrong |= {"ags"} if case.day >= date(2024, 7, 1) else set()
    expected = {name: value for name, value in case.expected.items() if name not in wrong}
    return Case(case.id, case.kind, case.day, case.given, expected, Decimal(1))


@pytest.mark.parametrize("case", cases_of("fr"), ids=lambda case: case.id)
def test_a_kept_case_comes_out_line_by_line(case: Case) -> None:
    assert_case(_judged(case), COMPUTE)


@pytest.mark.parametrize("case", vectors_of("fr", MARCH), ids=lambda case: case.id)
def test_a_vector_comes_out_line_by_line(case: Case) -> None:
    assert_case(_judged(case), COMPUTE)


def test_the_reduction_of_a_year_is_that_of_its_pay_whatever_the_months_were() -> None:
    payments: list[Counted] = []
    total = 0
    for month, gross in enumerate((300_000, 0, 190_000, 520_000, 182_303), start=1):
        if gross == 0:
            continue
        day = date(2026, month, 28)
        wage = Wage(gross, day, Regime.EMPLOYEE, ORDINARY, earlier=ENGINE.earlier(payments, day))
        payslip = ENGINE.payslip(wage)
        total += payslip.amount("reduction").minor
        payments.append(Counted(day, ENGINE.counts(payslip, wage)))
    pay = 300_000 + 190_000 + 520_000 + 182_303
    rule, establishment = LAW.rule("reduction.formula", MARCH), Establishment.on(LAW, MARCH)
    whole = coefficient(column(12 * pay), column(4 * 1_202 * 1_820), rule, establishment)
    assert -total == int(div(pay * whole, COEFFICIENT_UNIT)[0])


def test_a_short_contract_cuts_the_base_of_the_neutral_rate_once_and_says_so() -> None:
    day, short = date(2026, 6, 30), FrenchSituation(is_short_contract=True)
    cut, whole = (
        ENGINE.payslip(Wage(260_000, day, Regime.EMPLOYEE, situation)) for situation in (short, ORDINARY)
    )
    base = next(line.base for line in cut.lines if line.code == "tax_at_source.neutral")
    assert base == cut.amount("taxable") - Money.of("822.00", "EUR")
    assert cut.net_payable > whole.net_payable
    assert [remark.code for remark in cut.remarks] == ["tax_at_source.short_contract"]


def test_the_rate_that_the_tax_office_sent_is_applied_as_it_is() -> None:
    personal = FrenchSituation(TaxRate.PERSONAL, Decimal("0.081"))
    payslip = ENGINE.payslip(Wage(300_000, MARCH, Regime.EMPLOYEE, personal))
    taxed = payslip.amount("tax_at_source.personal").minor
    assert taxed == -int(mul_rate(payslip.amount("taxable").minor, 81_000))


def test_half_a_month_has_half_a_ceiling_and_half_a_minimum_wage() -> None:
    half = ENGINE.payslip(Wage(280_000, MARCH, Regime.EMPLOYEE, ORDINARY, time=WorkTime(1, 24)))
    assert half.amount("old_age_capped.worker").minor == -int(mul_rate(200_250, 69_000))
    assert half.amount("reduction").is_zero  # 2 800 is more than three halves of a minimum wage


def test_the_coefficient_at_a_tie_is_decided_by_exact_decimals() -> None:
    rule, establishment = LAW.rule("reduction.formula", MARCH), Establishment.on(LAW, MARCH)
    pays = np.arange(182_303, 546_910, 37, dtype=np.int64)
    found = coefficient(12 * pays, np.full_like(pays, 1_202 * 1_820), rule, establishment)
    assert np.all(np.diff(found) <= 0)
    assert int(found[0]) == 4_021


def test_a_year_of_a_cesa_pays_what_the_activity_earned_and_carries_a_loss() -> None:
    def euros(text: str) -> Money:
        return Money.of(text, "EUR")

    good = settle_year(
        turnover=euros("48000.00"),
        direct_costs=euros("6000.00"),
        contribution=euros("5280.00"),
        advanced=euros("30000.00"),
    )
    assert (good.due, good.carried) == (euros("6720.00"), euros("0.00"))
    poor = settle_year(
        turnover=euros("20000.00"),
        direct_costs=euros("1000.00"),
        contribution=euros("2200.00"),
        advanced=euros("18000.00"),
    )
    assert (poor.due, poor.carried) == (euros("0.00"), euros("-1200.00"))

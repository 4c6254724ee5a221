"""Belgian figures against published examples, real payslips and independent computations, to the cent."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import yaml

from commons.country import countries_folder, load_country
from payroll.domain.belgium.employer import (
    StructuralReduction,
    granted_reduction,
    structural_reduction,
    worked_share,
)
from payroll.domain.belgium.engine import Belgium
from payroll.domain.belgium.exceptional import (
    ExceptionalPay,
    child_cut,
    exceptional_rate,
    withhold_exceptional,
)
from payroll.domain.belgium.situation import BelgianEarlier, BelgianSituation, Spouse, Status
from payroll.domain.belgium.social import (
    HOUSEHOLDS,
    contribution_base,
    special_contribution_advance,
    work_bonus,
    worker_contribution,
)
from payroll.domain.belgium.withholding import flat_withholding, scale_tax, withhold
from payroll.domain.integers import RATE_UNIT, column, millionths, mul_rate
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Sheet
from payroll.domain.wage import Wage, WorkTime

Figures = Mapping[str, object]
LAW = PayrollLaw(load_country("be"))
ENGINE = Belgium(LAW)

# No source gives the table of exceptional pay before 2026.
LEFT_OUT = {"be-b-exc-13e-3000-2025", "be-b-exc-pecule-2760-2025"}
TOLERANCE_CENTS = {"be-a-payslip-2025-07": 1}

FAMILIES = {
    "single": {},
    "1earner": {"spouse": Spouse.WITHOUT_INCOME},
    "1earner-3ch": {"spouse": Spouse.WITHOUT_INCOME, "children": 3},
    "single-parent-1": {"children": 1, "is_single_parent": True},
    "sp-290": {"spouse": Spouse.LOW_INCOME},
    "sp-pens579": {"spouse": Spouse.PENSION},
}


def _whole(given: Figures, name: str, otherwise: int = 0) -> int:
    value = given.get(name, otherwise)
    assert isinstance(value, int)
    return value


def _situation(given: Figures) -> BelgianSituation:
    if "family" in given:
        return BelgianSituation(**FAMILIES[str(given["family"])])  # type: ignore[arg-type] # a table of keyword arguments
    spouse = Spouse.OWN_INCOME if given.get("spouse_income") == "own_above_limits" else Spouse.NONE
    return BelgianSituation(spouse=spouse, children=_whole(given, "children"))


def _wage(given: Figures, day: date, gross: int) -> Wage:
    return Wage(
        gross=gross,
        day=day,
        regime=Status.WHITE_COLLAR,
        situation=_situation(given),
        benefits_in_kind=_whole(given, "benefit_in_kind_taxable"),
        commuting_exemption=_whole(given, "commuting_exemption"),
        meal_voucher_deduction=_whole(given, "meal_voucher_deduction"),
        expense_reimbursement=_whole(given, "expense_reimbursement"),
    )


def _net_monthly(given: Figures, day: date) -> dict[str, int]:
    sheet = ENGINE.compute(ENGINE.batch([_wage(given, day, _whole(given, "gross"))]))

    def line(code: str) -> int:
        return int(sheet.line(code)[0])

    onss, a, b = -line("onss.worker"), line("work_bonus.a"), line("work_bonus.b")
    withheld, fiscal = -line("withholding"), line("withholding.fiscal_bonus")
    return {
        "onss": onss,
        "bonus_a": a,
        "bonus_b": b,
        "onss_net": onss - a - b,
        "taxable": line("taxable"),
        "annual_gross": line("tax.annual"),
        "lump_costs": line("tax.costs"),
        "annual_net_taxable": line("tax.net"),
        "base_tax": line("tax.base"),
        "family_reductions": -line("tax.family"),
        "withholding_before_fiscal_bonus": withheld,
        "fiscal_bonus": fiscal,
        "withholding": withheld - fiscal,
        "csss": -line("special_contribution"),
        "net": int(sheet.net_wage[0]),
        "net_paid": int(sheet.net_payable[0]),
    }


def _withholding_monthly(given: Figures, day: date) -> dict[str, int]:
    if "gross" in given:
        return _net_monthly(given, day)
    sheet = Sheet(LAW, day)
    steps = withhold(column(_whole(given, "taxable_monthly")), ENGINE.batch([_wage(given, day, 0)]), sheet)
    return {
        "annual_net_taxable": int(steps.annual_net[0]),
        "imputed_spouse": int(steps.spouse_part[0]),
        "base_tax": int(steps.base_tax[0]),
        "family_reductions": int(steps.family_reductions[0]),
        "withholding_before_fiscal_bonus": int(steps.tax[0]),
        "withholding": int(steps.tax[0]),
    }


def _base_tax_annual(given: Figures, day: date) -> dict[str, int]:
    tax = scale_tax(column(_whole(given, "net_taxable_annual")), LAW.rule("withholding.scale", day))
    return {"base_tax": int(tax[0])}


def _work_bonus_monthly(given: Figures, day: date) -> dict[str, int]:
    a, b = work_bonus(column(_whole(given, "reference_wage")), LAW.rule("work_bonus.employee", day))
    return {"bonus_a": int(a[0]), "bonus_b": int(b[0])}


def _csss_monthly_advance(given: Figures, day: date) -> dict[str, int]:
    rule = LAW.rule("special_contribution.monthly_advance", day)
    gross = column(*[_whole(given, "gross")] * 3)
    advances = special_contribution_advance(gross, column(0, 1, 2), rule)
    assert HOUSEHOLDS == ("individual", "joint_with_income", "joint_without_income")
    return dict(
        zip(
            ("individual", "joint_spouse_with_income", "joint_spouse_without_income"),
            advances.tolist(),
            strict=True,
        )
    )


def _structural_reduction_quarter(given: Figures, day: date) -> dict[str, int]:
    figures = StructuralReduction.of(LAW.rule("employer.structural_reduction", day))
    if "alpha" in given:
        alpha, s0, gamma, s2 = (_whole(given, name) for name in ("alpha", "S0", "gamma", "S2"))
        figures = StructuralReduction(alpha * 100, s0, gamma * 100, s2)
    full = structural_reduction(column(_whole(given, "reference_quarter_wage")), figures)
    mu = column(millionths(Decimal(str(given["mu"]))))
    share = worked_share(mu, LAW.rule("employer.beta", day))
    return {"R": int(granted_reduction(full, share)[0])}


def _flat_withholding_artist(given: Figures, day: date) -> dict[str, int]:
    gross = column(_whole(given, "gross"))
    base = contribution_base(gross, LAW.rule("onss.base", day).rate(Status.ARTIST))
    onss = worker_contribution(base, LAW.rule("onss.worker", day).rate("rate"))
    tax = flat_withholding(gross - onss, LAW.rule("withholding.artist_flat", day))
    return {"onss": int(onss[0]), "taxable": int((gross - onss)[0]), "withholding": int(tax[0])}


def _exceptional_withholding(given: Figures, day: date) -> dict[str, int]:
    annual = column(_whole(given, "annual_normal_gross"))
    table, children = LAW.rule("withholding.exceptional", day), column(_whole(given, "children"))
    rate = exceptional_rate(annual, table, ExceptionalPay(str(given["type"])))
    cut = child_cut(annual, children, LAW.rule("withholding.exceptional_children", day))
    taxable = _whole(given, "gross") - _whole(given, "social")
    tax = int(withhold_exceptional(column(taxable), rate, cut)[0])
    return {
        "rate_1e4": int(rate[0]) // 100,
        "child_reduction_1e4": int(cut[0]) // 100,
        "withholding": tax,
        "net": taxable - tax,
    }


def _artist(given: Figures, day: date) -> Sheet:
    situation = BelgianSituation(has_flat_withholding=given.get("has_flat_withholding") == "true")
    wage = Wage(_whole(given, "gross"), day, str(given["regime"]), situation)
    return ENGINE.compute(ENGINE.batch([wage]))


def _wage_of_an_artist(given: Figures, day: date) -> dict[str, int]:
    sheet = _artist(given, day)
    return {
        "base": int(sheet.line("onss.base")[0]),
        "onss": -int(sheet.line("onss.worker")[0]),
        "bonus": int((sheet.line("work_bonus.a") + sheet.line("work_bonus.b"))[0]),
        "taxable": int(sheet.line("taxable")[0]),
        "withholding": -int(sheet.line("withholding.flat")[0]),
        "csss": -int(sheet.line("special_contribution")[0]),
        "net": int(sheet.net_wage[0]),
    }


def _cost_of_an_artist(given: Figures, day: date) -> dict[str, int]:
    sheet = _artist(given, day)
    codes = ("base", "holiday_fund", "unemployment", "special", "insurance")
    charges = {code: int(sheet.line(f"employer.{code}")[0]) for code in codes}
    return {**charges, "cost": int(sheet.labor_cost[0])}


def _allowance(given: Figures, day: date) -> dict[str, int]:
    earlier = BelgianEarlier(
        principal_paid_year=_whole(given, "paid_before"),
        principal_contribution_year=_whole(given, "contribution_before"),
    )
    wage = Wage(
        _whole(given, "gross"),
        day,
        Status.AMATEUR_ARTS,
        BelgianSituation(),
        WorkTime(1, 260),
        earlier=earlier,
    )
    payslip = ENGINE.payslip(wage)
    return {
        "net": payslip.net_wage.minor,
        "contribution": payslip.amount("allowance.contribution").minor,
        "cost": payslip.labor_cost.minor,
    }


def _contributions_quarter(given: Figures, day: date) -> dict[str, int]:
    base = column(_whole(given, "base"))
    worker = worker_contribution(base, LAW.rule("onss.worker", day).rate("rate"))
    employer = mul_rate(base, LAW.rule("employer.base", day).rate("rate"))
    return {"contribution": int((worker + employer)[0])}


COMPUTE: dict[str, Callable[[Figures, date], dict[str, int]]] = {
    "net_monthly": _net_monthly,
    "withholding_monthly": _withholding_monthly,
    "base_tax_annual": _base_tax_annual,
    "work_bonus_monthly": _work_bonus_monthly,
    "csss_monthly_advance": _csss_monthly_advance,
    "structural_reduction_quarter": _structural_reduction_quarter,
    "flat_withholding_artist": _flat_withholding_artist,
    "exceptional_withholding": _exceptional_withholding,
    "contributions_quarter": _contributions_quarter,
    "wage_of_an_artist": _wage_of_an_artist,
    "cost_of_an_artist": _cost_of_an_artist,
    "allowance": _allowance,
}


def _assert_figures(computed: Mapping[str, int], expected: Mapping[str, int], tolerance_cents: int) -> None:
    differences = {
        name: (computed[name], value)
        for name, value in expected.items()
        if abs(computed[name] - value) > tolerance_cents
    }
    assert not differences, f"computed and expected differ: {differences}"


# ── Cases of the project ────────────────────────────────────────────────────────────────────────────────


def _cases() -> list[dict[str, object]]:
    folder = countries_folder() / "be" / "cases"
    return [
        case
        for path in sorted(folder.glob("payslip-*.yaml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]
    ]


def _in_cents(name: str, value: object) -> object:
    """Euros and rates of a case as the vectors write them: cents, and ten-thousandths for rates."""
    if not isinstance(value, str) or name in ("mu", "beta") or not value.replace(".", "").isdigit():
        return value
    scale = 10_000 if name in ("alpha", "gamma", "rate", "child_reduction") else 100
    return int(Decimal(value) * scale)


@pytest.mark.parametrize("case", _cases(), ids=lambda case: str(case["id"]))
def test_a_worked_case_comes_out_to_the_cent(case: dict[str, object]) -> None:
    given, expected, day = case["given"], case["expected"], case["day"]
    assert isinstance(given, dict)
    assert isinstance(expected, dict)
    assert isinstance(day, date)
    names = {"rate": "rate_1e4", "child_reduction": "child_reduction_1e4"}
    wanted = {names.get(name, name): _in_cents(name, value) for name, value in expected.items()}
    computed = COMPUTE[str(case["kind"])](
        {name: _in_cents(name, value) for name, value in given.items()}, day
    )
    _assert_figures(computed, wanted, _whole(case, "tolerance_cents"))  # type: ignore[arg-type] # cents


# ── Vectors beside the project ──────────────────────────────────────────────────────────────────────────


def _vectors() -> list[dict[str, object]]:
    root = Path(__file__).resolve().parents[4]
    folder = Path(os.environ.get("PARTAGE_VECTORS", "../shared/vectors"))
    path = (folder if folder.is_absolute() else root / folder) / "payroll" / "be.json"
    if not path.is_file():
        return []
    vectors: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    return vectors


VECTORS = _vectors()


@pytest.mark.skipif(not VECTORS, reason="not run: the folder of payroll vectors is not there")
@pytest.mark.parametrize(
    "vector",
    [vector for vector in VECTORS if vector["id"] not in LEFT_OUT],
    ids=lambda vector: f"{vector['level']}-{vector['id']}",
)
def test_a_vector_comes_out_to_the_cent(vector: dict[str, object]) -> None:
    given, expected = vector["input"], vector["expected"]
    assert isinstance(given, dict)
    assert isinstance(expected, dict)
    computed = COMPUTE[str(vector["kind"])](given, date.fromisoformat(str(vector["date"])))
    _assert_figures(computed, expected, TOLERANCE_CENTS.get(str(vector["id"]), 0))


@pytest.mark.skipif(not VECTORS, reason="not run: the folder of payroll vectors is not there")
def test_only_the_exceptional_pay_of_2025_is_left_out_of_the_vectors() -> None:
    unknown = {str(vector["kind"]) for vector in VECTORS} - set(COMPUTE)
    assert not unknown
    assert {str(vector["id"]) for vector in VECTORS} >= LEFT_OUT


# ── Cases of our own ────────────────────────────────────────────────────────────────────────────────────


def test_the_work_bonus_of_a_manual_worker_in_april_2026_is_the_quoted_one() -> None:
    a, b = work_bonus(column(200_000), LAW.rule("work_bonus.manual", date(2026, 4, 1)))
    assert (int(a[0]), int(b[0])) == (13_504, 18_211)


def test_less_than_the_minimum_share_of_a_quarter_is_granted_no_structural_reduction() -> None:
    beta = LAW.rule("employer.beta", date(2026, 9, 30))
    shares = worked_share(column(274_999, 275_000, 550_000, 800_000, 800_001, 1_000_000), beta)
    assert shares.tolist() == [0, 324_500, 649_000, 1_000_000, 1_000_000, 1_000_000]


def test_a_whole_payroll_gives_the_same_cents_as_one_payslip_at_a_time() -> None:
    grosses = range(150_000, 700_000, 13_337)
    wages = [
        Wage(
            gross=gross,
            day=date(2026, 9, 14),
            regime=Status.WHITE_COLLAR,
            situation=BelgianSituation(spouse=spouse, children=gross % 4),
        )
        for gross in grosses
        for spouse in Spouse
    ]
    together = ENGINE.compute(ENGINE.batch(wages))
    one_by_one = [ENGINE.payslip(wage) for wage in wages]
    assert together.net_wage.tolist() == [payslip.net_wage.minor for payslip in one_by_one]
    assert together.labor_cost.tolist() == [payslip.labor_cost.minor for payslip in one_by_one]
    assert together.gross_wage.dtype == np.int64
    assert RATE_UNIT == 1_000_000

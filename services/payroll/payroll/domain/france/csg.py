"""The generalised social contribution (CSG) and the one for the social debt (CRDS)."""

from __future__ import annotations

from payroll.domain.france.contributions import Pay
from payroll.domain.integers import Cents, div, mul_rate
from payroll.domain.law import Rule
from payroll.domain.sheet import Kind, Sheet


def csg_base(pay: Pay, employer_insurance: Cents, rule: Rule) -> Cents:
    """What CSG and CRDS count: pay, cut a little up to four ceilings, and the employer's insurance whole."""
    cut = div(pay.between(0, 4) * (1_000_000 - rule.rate("cut")), 1_000_000)
    return cut + pay.between(4, None) + employer_insurance


def write_csg(base: Cents, sheet: Sheet) -> Cents:
    """The three lines; gives the part that lowers no taxable income (non-deductible CSG and CRDS)."""
    rule = sheet.rule("csg")
    sheet.write("csg.base", Kind.STEP, base, rule=rule, period="month")
    taxed = []
    for name in ("deductible", "taxed", "debt"):
        amount = mul_rate(base, rule.rate(name))
        sheet.write(
            f"csg.{name}", Kind.DEDUCTION, -amount, base=base, rate=rule.rate(name), rule=rule, period="month"
        )
        taxed.append(amount)
    return taxed[1] + taxed[2]

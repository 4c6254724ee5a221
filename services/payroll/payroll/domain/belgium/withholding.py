"""Belgian withholding tax: the key formula of Annex III to the decree AR/CIR 92."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from payroll.domain.belgium.situation import Spouse
from payroll.domain.errors import FamilySituationUnknown
from payroll.domain.integers import Cents, Flags, at_least, at_most, div, mul_rate, pick, where
from payroll.domain.law import Rule
from payroll.domain.sheet import Kind, Sheet
from payroll.domain.wage import Batch


@dataclass(frozen=True, slots=True)
class Withholding:
    """The steps of one withholding, in cents; `tax` is for the payment, before the fiscal work bonus."""

    annual_gross: Cents
    costs: Cents
    annual_net: Cents
    spouse_part: Cents
    base_tax: Cents
    family_reductions: Cents
    tax: Cents


def withhold(taxable: Cents, batch: Batch, sheet: Sheet) -> Withholding:
    """The withholding tax of a payment, every step rounded to the cent and written down.

    The payment is brought to a year, taxed by the yearly scale with the family's reductions, brought back.
    """
    costs_rule = sheet.rule("withholding.costs")
    is_monthly = bool(np.all(batch.time_parts_per_year == 12 * batch.time_parts))
    annual_gross = sheet.write(
        "tax.annual",
        Kind.STEP,
        div(taxable * batch.time_parts_per_year, batch.time_parts),
        base=taxable,
        rule=None if is_monthly else sheet.rule("withholding.annualization"),
        period="year",
    )
    costs = sheet.write(
        "tax.costs",
        Kind.STEP,
        at_most(costs_rule.amount("max"), mul_rate(annual_gross, costs_rule.rate("rate"))),
        base=annual_gross,
        rate=costs_rule.rate("rate"),
        rule=costs_rule,
        period="year",
    )
    annual_net = sheet.write("tax.net", Kind.STEP, annual_gross - costs, period="year")
    spouse_part, base_tax = _base_tax(annual_net, batch, sheet)
    reductions = _family_reductions(base_tax, batch, sheet)
    tax = div((base_tax - reductions) * batch.time_parts, batch.time_parts_per_year)
    sheet.write(
        "withholding",
        Kind.DEDUCTION,
        -tax,
        base=base_tax - reductions,
        rule=sheet.rule("withholding.scale"),
        is_always_shown=True,
    )
    return Withholding(annual_gross, costs, annual_net, spouse_part, base_tax, reductions, tax)


def scale_tax(annual_net: Cents, rule: Rule) -> Cents:
    """The tax of the yearly scale, before anything is taken off."""
    return rule.scale("brackets").due(annual_net)


def fiscal_work_bonus(bonus_a: Cents, bonus_b: Cents, rule: Rule) -> Cents:
    """The part of the work bonus that comes off the tax: each product rounded to the cent."""
    return mul_rate(bonus_a, rule.rate("a")) + mul_rate(bonus_b, rule.rate("b"))


def flat_withholding(taxable: Cents, rule: Rule) -> Cents:
    """The flat tax of artists who work for many entertainment companies (Annex III no 80)."""
    return mul_rate(taxable, rule.rate("rate"))


def children_reduction(children: Cents, rule: Rule) -> Cents:
    """The yearly reduction for dependent children. Raises FamilySituationUnknown where it is not listed."""
    table = [0, *rule.amounts("reductions")]
    most = int(np.max(children))
    if most >= len(table) and not rule.has("each_further"):
        raise FamilySituationUnknown(children=most, parameter=rule.source.parameter, since=rule.source.since)
    further = rule.amount("each_further") if rule.has("each_further") else 0
    listed = np.minimum(children, len(table) - 1)
    return pick(table, listed) + (children - listed) * further


def _base_tax(annual_net: Cents, batch: Batch, sheet: Sheet) -> tuple[Cents, Cents]:
    scale, exempt = sheet.rule("withholding.scale"), sheet.rule("withholding.exempt_tax")
    base_tax = scale_tax(annual_net, scale) - exempt.amount("tax")
    spouse_part = np.zeros_like(annual_net)
    is_sole_earner = batch.situation.has("spouse", Spouse.WITHOUT_INCOME)
    if np.any(is_sole_earner):
        quotient = sheet.rule("withholding.marital_quotient")
        part = at_most(quotient.amount("max"), mul_rate(annual_net, quotient.rate("rate")))
        spouse_part = sheet.write(
            "tax.spouse",
            Kind.STEP,
            where(is_sole_earner, part, 0),
            base=annual_net,
            rate=quotient.rate("rate"),
            rule=quotient,
            period="year",
        )
        shared = scale_tax(part, scale) + scale_tax(annual_net - part, scale) - 2 * exempt.amount("tax")
        base_tax = where(is_sole_earner, shared, base_tax)
    base_tax = sheet.write(
        "tax.base", Kind.STEP, at_least(0, base_tax), base=annual_net, rule=scale, period="year"
    )
    return spouse_part, base_tax


def _family_reductions(base_tax: Cents, batch: Batch, sheet: Sheet) -> Cents:
    reductions = np.zeros_like(base_tax)
    rules: list[Rule] = []
    if np.any(batch.situation.children > 0):
        rules.append(sheet.rule("withholding.children"))
        reductions = reductions + children_reduction(batch.situation.children, rules[-1])
    for path, applies in _reductions_by_situation(batch):
        if np.any(applies):
            rules.append(sheet.rule(path))
            reductions = reductions + where(applies, rules[-1].amount("reduction"), 0)
    granted = np.minimum(reductions, base_tax)
    if rules:
        sheet.write("tax.family", Kind.STEP, -granted, base=base_tax, rule=rules[0], period="year")
    return granted


def _reductions_by_situation(batch: Batch) -> list[tuple[str, Flags]]:
    return [
        ("withholding.single_parent", batch.situation.is_single_parent),
        ("withholding.spouse_low_income", batch.situation.has("spouse", Spouse.LOW_INCOME)),
        ("withholding.spouse_pension", batch.situation.has("spouse", Spouse.PENSION)),
    ]

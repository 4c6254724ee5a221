"""The Spanish rate of withholding (RD 439/2007, articles 80 to 88), step by step; amounts are cents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from payroll.domain.integers import (
    RATE_UNIT,
    Cents,
    Flags,
    at_least,
    at_most,
    div,
    div_down,
    mul_rate,
    pick,
    where,
)
from payroll.domain.law import Rule
from payroll.domain.spain.situation import Age, Disability, Family
from payroll.domain.wage import Columns

POINTS: Final = 10_000  # a rate of withholding has two decimals of a per cent
HALF_SHARED: Final = 2


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters of the rate."""

    limits: Rule
    expenses: Rule
    reduction: Rule
    minimum: Rule
    scale: Rule
    rate: Rule


@dataclass(frozen=True, slots=True)
class Quota:
    """The base and the quota of the year, in cents."""

    base: Cents
    quota: Cents


def quota_of(pay: Cents, contributions: Cents, situation: Columns, rules: Rules) -> Quota:
    """The tax of a year on the expected pay, before anything was withheld (articles 82 to 85)."""
    net = at_least(0, pay - contributions)
    reduced = net - other_expenses(net, situation, rules.expenses) - work_reduction(net, rules.reduction)
    many = where(situation.children > HALF_SHARED, rules.reduction.amount("more_than_two_children"), 0)
    base = at_least(0, reduced - many)
    minimum = personal_minimum(situation, rules.minimum)
    quota = at_least(0, scale(base, rules.scale) - scale(minimum, rules.scale))
    limit = exempt_limit(situation, rules.limits)
    cap = mul_rate(at_least(0, pay - limit), rules.rate.rate("of_excess"))
    quota = where(pay <= rules.rate.amount("capped_to"), np.minimum(quota, cap), quota)
    return Quota(base, where(pay <= limit, 0, quota))


def rate_of_withholding(
    pay: Cents, quota: Cents, withheld: Cents, paid: Cents, has_mortgage: Flags, rules: Rules, *, minimum: int
) -> Cents:
    """The rate in ten-thousandths: the quota not yet withheld over the pay not yet paid, cut to two decimals.

    At first nothing was withheld or paid; at a new engagement of the year it is computed again (article 87).
    At least `minimum`, at most 47 %.
    """
    left = np.maximum(1, pay - paid)
    rate = div_down(at_least(0, quota - withheld) * POINTS, left)
    relieved = at_least(0, rate - rules.rate.rate("mortgage_relief") // 100)
    has_relief = has_mortgage & (pay < rules.rate.amount("mortgage_below"))
    rate = where(has_relief, relieved, rate)
    return at_most(rules.rate.rate("greatest") // 100, at_least(minimum // 100, rate))


def other_expenses(net: Cents, situation: Columns, rule: Rule) -> Cents:
    """The other deductible expenses (article 83.3.f): a lump sum, more for who moved or has a disability."""
    more = where(situation.moved_for_work, rule.amount("moved"), 0)
    more = more + where(situation.has("disability", Disability.FROM_33_TO_65), rule.amount("disability"), 0)
    heavy = situation.has("disability", Disability.OVER_65_OR_MOBILITY)
    whole: Cents = rule.amount("all") + more + where(heavy, rule.amount("heavy_disability"), 0)
    return np.minimum(net, whole)


def work_reduction(net: Cents, rule: Rule) -> Cents:
    """The reduction for income from work (article 20 of Ley 35/2006), on the net before other expenses."""
    first, second, third = (rule.amount(name) for name in ("whole_to", "first_to", "second_to"))
    whole, middle = rule.amount("whole"), rule.amount("middle")
    first_slope = whole - mul_rate(at_least(0, net - first), rule.rate("first_slope"))
    second_slope = middle - mul_rate(at_least(0, net - second), rule.rate("second_slope"))
    falling = where(net <= second, first_slope, where(net < third, at_least(0, second_slope), 0))
    return np.minimum(net, where(net <= first, whole, falling))


def personal_minimum(situation: Columns, rule: Rule) -> Cents:
    """The personal and family minimum (article 84)."""
    own = rule.amount("taxpayer") + where(
        situation.has("age", Age.OVER_65),
        rule.amount("over_65"),
        where(situation.has("age", Age.OVER_75), rule.amount("over_65") + rule.amount("over_75"), 0),
    )
    table = [0, *rule.amounts("children")]
    sums = [sum(table[: place + 1]) for place in range(len(table))]
    listed = np.minimum(situation.children, len(sums) - 1)
    children = pick(sums, listed) + (situation.children - listed) * table[-1]
    children = children + np.minimum(situation.children_under_3, situation.children) * rule.amount("under_3")
    children = where(situation.has_sole_custody, children, children // HALF_SHARED)
    parents = situation.ascendants * rule.amount("ascendant")
    parents = parents + np.minimum(situation.ascendants_over_75, situation.ascendants) * rule.amount(
        "over_75"
    )
    heavy = situation.has("disability", Disability.OVER_65_OR_MOBILITY)
    disability = where(
        heavy,
        rule.amount("heavy_disability"),
        where(situation.has("disability", Disability.FROM_33_TO_65), rule.amount("disability"), 0),
    )
    minimum: Cents = own + children + parents + disability
    return minimum


def scale(base: Cents, rule: Rule) -> Cents:
    """The tax of the scale (article 85), rounded to the cent."""
    return rule.scale("brackets").due(base)


def exempt_limit(situation: Columns, rule: Rule) -> Cents:
    """The pay up to which nothing is withheld (article 81), by situation and children."""
    children = np.minimum(situation.children, 2)
    tables = {family: rule.amounts(family) for family in Family}
    found = pick(tables[Family.OTHER], children)
    for family in (Family.SINGLE_PARENT, Family.DEPENDENT_SPOUSE):
        found = where(situation.has("family", family), pick(tables[family], children), found)
    return found


def annual_deduction(gross: Cents, rule: Rule) -> Cents:
    """The deduction of low wages in the annual return (DA 61 of Ley 35/2006); never part of withholding."""
    over = at_least(0, gross - rule.amount("whole_to"))
    left = at_least(0, rule.amount("amount") - mul_rate(over, rule.rate("slope")))
    return where(gross >= rule.amount("nothing_from"), 0, left)


def tax(gross: Cents, rate: Cents) -> Cents:
    """The tax of a payment, half up to the cent."""
    return div(gross * rate, POINTS)


def millionths_of(rate: Cents) -> Cents:
    """A rate of ten-thousandths as the payslip's millionths."""
    return rate * (RATE_UNIT // POINTS)

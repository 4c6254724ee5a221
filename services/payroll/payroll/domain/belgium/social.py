"""Belgian social contributions of the worker, the work bonus and the special contribution."""

from __future__ import annotations

import numpy as np

from payroll.domain.integers import (
    CENTS_MAX,
    RATE_UNIT,
    Cents,
    at_least,
    at_most,
    bracket_of,
    div,
    mul_rate,
    pick,
    where,
)
from payroll.domain.law import Rule, Scale
from payroll.domain.sheet import Kind, Sheet

HOUSEHOLDS = ("individual", "joint_with_income", "joint_without_income")


def contribution_base(gross: Cents, factor: int) -> Cents:
    """What contributions count: the gross, or 108 % of it for manual workers and artists (Loi 29/06/1981)."""
    return gross if factor == RATE_UNIT else mul_rate(gross, factor)


def write_contribution_base(code: str, pay: Cents, regime: str, sheet: Sheet) -> Cents:
    """What contributions count of some pay, with a line where that is not the pay. Raises ValueNotInForce."""
    rule = sheet.rule("onss.base")
    factor = rule.rate(regime)
    base = contribution_base(pay, factor)
    if factor != RATE_UNIT:
        sheet.write(code, Kind.STEP, base, base=pay, rate=factor, rule=rule)
    return base


def worker_contribution(base: Cents, rate: int) -> Cents:
    """The worker's own contribution, 13.07 % of the base (Loi 29/06/1981, art. 38 par. 2)."""
    return mul_rate(base, rate)


def work_bonus(reference_wage: Cents, rule: Rule) -> tuple[Cents, Cents]:
    """Parts A and B for a full month at a reference wage (Loi 20/12/1999).

    Each is flat up to a limit, then falls along a slope, and is nothing above a second limit; the result, not
    the product, is rounded.
    """
    return _work_bonus_part(reference_wage, rule, "a"), _work_bonus_part(reference_wage, rule, "b")


def prorated_work_bonus(
    gross_of_month: Cents, time_of_month_millionths: Cents, rule: Rule
) -> tuple[Cents, Cents]:
    """Parts A and B for a month worked in part: the bonus of the full-time wage, times the share worked.

    The rule is known, its formula was not found: this reading of it is assumed.
    """
    reference_wage = at_most(
        CENTS_MAX, div(gross_of_month * RATE_UNIT, at_least(1, time_of_month_millionths))
    )
    a, b = work_bonus(reference_wage, rule)
    return mul_rate(a, time_of_month_millionths), mul_rate(b, time_of_month_millionths)


def cut_work_bonus(a: Cents, b: Cents, at_most_both: Cents) -> tuple[Cents, Cents]:
    """Parts A and B that together stay within a limit: part B is cut first, then part A."""
    a = np.minimum(a, at_most_both)
    return a, np.minimum(b, at_most_both - a)


def special_contribution_advance(base: Cents, household: Cents, rule: Rule) -> Cents:
    """The monthly advance of the special contribution (Loi 30/03/1994), by household.

    `household` is an index into HOUSEHOLDS; `base` is the gross of the month, at 108 % where the law says so.
    """
    return _special_contribution(base, household, rule, months=1)


def special_contribution_quarter(base: Cents, household: Cents, rule: Rule) -> Cents:
    """The special contribution of a quarter: every limit and amount of the monthly scale three times."""
    return _special_contribution(base, household, rule, months=3)


def _work_bonus_part(reference_wage: Cents, rule: Rule, part: str) -> Cents:
    full, slope = rule.amount(f"{part}_max"), rule.rate(f"{part}_slope")
    over = at_least(0, reference_wage - rule.amount(f"{part}_flat_to"))
    falling = at_least(0, div(full * RATE_UNIT - over * slope, RATE_UNIT))
    return where(reference_wage > rule.amount(f"{part}_zero_above"), 0, falling)


def _special_contribution(base: Cents, household: Cents, rule: Rule, months: int) -> Cents:
    scales = [
        at_most(months * rule.amount(f"{name}_max"), _scale_with_minimum(base, rule.scale(name), months))
        for name in HOUSEHOLDS
    ]
    return where(household == 0, scales[0], where(household == 1, scales[1], scales[2]))


def _scale_with_minimum(base: Cents, scale: Scale, months: int) -> Cents:
    index = bracket_of(base, months * scale.overs)
    over = base - months * pick(scale.overs, index)
    amount = months * pick(scale.fixed, index) + mul_rate(over, pick(scale.rates, index))
    minimum: Cents = months * pick(scale.minimums, index)
    return at_least(minimum, amount)

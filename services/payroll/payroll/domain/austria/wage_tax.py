"""Austrian wage tax: the tariff of the year brought to the period, and the tax on special payments."""

from __future__ import annotations

from typing import Final

import numpy as np

from payroll.domain.integers import Cents, at_least, bracket_of, div, div_down, pick
from payroll.domain.law import Rule
from payroll.domain.sheet import Sheet
from payroll.domain.wage import Batch

HUNDREDTHS: Final = 100  # the tariff is exact in hundredths of a cent: its rates are whole per cents


def wage_tax(base: Cents, batch: Batch, sheet: Sheet) -> Cents:
    """The tax of a period: the tariff of twelve bases less the lump sum, less the credits, a twelfth of it.

    For a month worked in part the year is as many times the period as it has such periods.
    """
    rule = sheet.rule("wage_tax.tariff")
    parts, per_year = batch.time_parts, batch.time_parts_per_year
    year = at_least(0, div_down(base * per_year, parts) - rule.amount("lump_sum"))
    due = tariff(year, rule) - (rule.amount("transport_credit") + credits_of(batch, sheet)) * HUNDREDTHS
    return div(at_least(0, due) * parts, per_year * HUNDREDTHS)


def tariff(income: Cents, rule: Rule) -> Cents:
    """The tax of a year's income in hundredths of a cent, exact."""
    scale = rule.scale("brackets")
    index = bracket_of(income, scale.overs)
    over = income - pick(scale.overs, index)
    return pick(scale.fixed, index) * HUNDREDTHS + over * pick(scale.rates // 10_000, index)


def credits_of(batch: Batch, sheet: Sheet) -> Cents:
    """The yearly credits that were asked for, in cents."""
    situation = batch.situation
    total: Cents = np.zeros_like(situation.earner_children)
    if np.any(situation.earner_children > 0):
        rule = sheet.rule("wage_tax.single_earner")
        table = [0, *rule.amounts("credits")]
        listed = np.minimum(situation.earner_children, len(table) - 1)
        further = (situation.earner_children - listed) * rule.amount("each_further")
        total = total + pick(table, listed) + further
    if np.any(situation.family_bonus_minors + situation.family_bonus_adults > 0):
        rule = sheet.rule("wage_tax.family_bonus")
        of_month = situation.family_bonus_minors * rule.amount("minor")
        total = total + 12 * (of_month + situation.family_bonus_adults * rule.amount("adult"))
    if np.any(situation.commuter_km > 0):
        total = total + situation.commuter_km * sheet.rule("wage_tax.commuter_euro").amount("per_km")
    return total


def special_payment_tax(payment: Cents, rule: Rule) -> Cents:
    """The tax on a 13th or 14th payment within the sixth of the year, after contributions (par. 67 EStG)."""
    return rule.scale("brackets").due(payment)

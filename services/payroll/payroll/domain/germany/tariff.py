"""The German income-tax tariff (EStG, par. 32a) and that of classes V and VI, as the flow chart has them."""

from __future__ import annotations

import numpy as np

from payroll.domain.integers import RATE_UNIT, Cents, div_down, where
from payroll.domain.law import Rule


def tariff(income: Cents, rule: Rule) -> Cents:
    """The tax of a year's taxable income, both in whole euros (UPTAB26 of the flow chart).

    Two zones rise by a parabola in ten-thousandths of the income above the zone's start, two are straight.
    """
    free, end_1, end_2, end_3 = (_euros(rule, name) for name in ("free", "end_1", "end_2", "end_3"))
    y = np.clip(income - free, 0, end_1 - free)
    first = div_down((_hundredths(rule, "a_1") * y + _hundredths(rule, "b_1") * 10_000) * y, 10**10)
    z = np.clip(income - end_1, 0, end_2 - end_1)
    second = div_down(
        (_hundredths(rule, "a_2") * z + _hundredths(rule, "b_2") * 10_000) * z
        + _hundredths(rule, "c_2") * 10**8,
        10**10,
    )
    third = div_down(_hundredths(rule, "rate_3") * income - _hundredths(rule, "c_3"), 100)
    fourth = div_down(_hundredths(rule, "rate_4") * income - _hundredths(rule, "c_4"), 100)
    return where(
        income <= free,
        0,
        where(income <= end_1, first, where(income <= end_2, second, where(income <= end_3, third, fourth))),
    )


def tariff_of_class_5_6(income: Cents, rule: Rule, classes: Rule) -> Cents:
    """The tax of classes V and VI, in whole euros (MST5_6): at least 14 %, at the margin at most 45 %."""
    low, middle, high = (_euros(classes, name) for name in ("low", "middle", "high"))
    middle_rate, high_rate = _hundredths(classes, "middle_rate"), _hundredths(classes, "high_rate")
    within = np.minimum(income, middle)
    tax = _twice_the_difference(within, rule, classes)
    cap = _twice_the_difference(np.full_like(income, low), rule, classes)
    capped = div_down(cap * 100 + middle_rate * (within - low), 100)
    tax = where((income > low) & (income <= middle), np.minimum(tax, capped), tax)
    above = div_down(tax * 100 + middle_rate * (np.minimum(income, high) - middle), 100)
    top = div_down(above * 100 + high_rate * (income - high), 100)
    return where(income <= middle, tax, where(income <= high, above, top))


def _twice_the_difference(income: Cents, rule: Rule, classes: Rule) -> Cents:
    # UP5_6: twice the difference of the tax on five and on three quarters, at least 14 % of the income.
    difference = tariff(div_down(income * 5, 4), rule) - tariff(div_down(income * 3, 4), rule)
    least = div_down(income * _hundredths(classes, "least_rate"), 100)
    tax: Cents = np.maximum(least, 2 * difference)
    return tax


def _euros(rule: Rule, name: str) -> int:
    return rule.amount(name) // 100


def _hundredths(rule: Rule, name: str) -> int:
    hundredths, rest = divmod(rule.rate(name), RATE_UNIT // 100)
    assert rest == 0, "the tariff has two decimals"
    return hundredths

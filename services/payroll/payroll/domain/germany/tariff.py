"""The German income-tax tariff (EStG, par. 32a) and that of classes V and VI, as the flow chart has them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np

from payroll.domain.integers import RATE_UNIT, Cents, column, div_down, where, within
from payroll.domain.law import Rule


@dataclass(frozen=True, slots=True)
class Zones:
    """The tariff in whole euros: where its zones end, the factors of its parabolas, its straight rates.

    Factors and rates in hundredths, as the law writes them with two decimals.
    """

    free: int
    end_1: int
    end_2: int
    end_3: int
    a_1: int
    b_1: int
    a_2: int
    b_2: int
    c_2: int
    rate_3: int
    c_3: int
    rate_4: int
    c_4: int

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """The zones of a state of the law."""
        ends = {name: _euros(rule, name) for name in ("free", "end_1", "end_2", "end_3")}
        factors = ("a_1", "b_1", "a_2", "b_2", "c_2", "rate_3", "c_3", "rate_4", "c_4")
        return cls(**ends, **{name: _hundredths(rule, name) for name in factors})


@dataclass(frozen=True, slots=True)
class HighClasses:
    """The limits of classes V and VI in whole euros, and their least and marginal rates in hundredths."""

    low: int
    middle: int
    high: int
    least_rate: int
    middle_rate: int
    high_rate: int

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """The limits of a state of the law."""
        limits = {name: _euros(rule, name) for name in ("low", "middle", "high")}
        rates = ("least_rate", "middle_rate", "high_rate")
        return cls(**limits, **{name: _hundredths(rule, name) for name in rates})


def tariff(income: Cents, rule: Rule) -> Cents:
    """The tax of a year's taxable income, both in whole euros (UPTAB26 of the flow chart).

    Two zones rise by a parabola in ten-thousandths of the income above the zone's start, two are straight.
    """
    return _tariff(income, rule.made(Zones.of))


def tariff_of_class_5_6(income: Cents, rule: Rule, classes: Rule) -> Cents:
    """The tax of classes V and VI, in whole euros (MST5_6): at least 14 %, at the margin at most 45 %."""
    zones, limits = rule.made(Zones.of), classes.made(HighClasses.of)
    low, middle, high = limits.low, limits.middle, limits.high
    below = np.minimum(income, middle)
    tax = _twice_the_difference(below, zones, limits)
    capped = div_down(_tax_at_low(zones, limits) * 100 + limits.middle_rate * (below - low), 100)
    tax = where((income > low) & (income <= middle), np.minimum(tax, capped), tax)
    above = div_down(tax * 100 + limits.middle_rate * (np.minimum(income, high) - middle), 100)
    top = div_down(above * 100 + limits.high_rate * (income - high), 100)
    return where(income <= middle, tax, where(income <= high, above, top))


def _tariff(income: Cents, zones: Zones) -> Cents:
    y = within(0, income - zones.free, zones.end_1 - zones.free)
    first = (zones.a_1 * y + zones.b_1 * 10_000) * y // 10**10
    z = within(0, income - zones.end_1, zones.end_2 - zones.end_1)
    second = ((zones.a_2 * z + zones.b_2 * 10_000) * z + zones.c_2 * 10**8) // 10**10
    third = (zones.rate_3 * income - zones.c_3) // 100
    fourth = (zones.rate_4 * income - zones.c_4) // 100
    straight = where(income <= zones.end_3, third, fourth)
    # Up to the free amount the first parabola is nothing.
    return where(income <= zones.end_1, first, where(income <= zones.end_2, second, straight))


def _twice_the_difference(income: Cents, zones: Zones, limits: HighClasses) -> Cents:
    # UP5_6: twice the difference of the tax on five and on three quarters, at least 14 % of the income.
    on_five, on_three = _tariff(np.stack([income * 5 // 4, income * 3 // 4]), zones)
    least = income * limits.least_rate // 100
    tax: Cents = np.maximum(least, 2 * (on_five - on_three))
    return tax


@lru_cache(maxsize=32)  # one for each year of the law
def _tax_at_low(zones: Zones, limits: HighClasses) -> int:
    return int(_twice_the_difference(column(limits.low), zones, limits)[0])


def _euros(rule: Rule, name: str) -> int:
    return rule.amount(name) // 100


def _hundredths(rule: Rule, name: str) -> int:
    hundredths, rest = divmod(rule.rate(name), RATE_UNIT // 100)
    assert rest == 0, "the tariff has two decimals"
    return hundredths

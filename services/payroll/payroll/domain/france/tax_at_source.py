"""The French tax at source (PAS): the rate of the tax office, or the neutral grid."""

from __future__ import annotations

import numpy as np

from payroll.domain.integers import Cents, Flags, at_least, column, mul_rate, pick, where
from payroll.domain.law import Rule


def neutral_rate(base: Cents, rule: Rule) -> Cents:
    """The rate of the grid in millionths: a base equal to a limit already has the rate of its row."""
    limits, rates = rule.made(_grid)
    return pick(rates, np.searchsorted(limits[1:], base, side="right"))


def short_contract_base(taxable: Cents, is_short: Flags, rule: Rule) -> Cents:
    """The base of the neutral rate: of a short contract it is cut, once for each payment."""
    return where(is_short, at_least(0, taxable - rule.amount("cut")), taxable)


def tax(base: Cents, rate: Cents) -> Cents:
    """The tax, rounded to the cent."""
    return mul_rate(base, rate)


def _grid(rule: Rule) -> tuple[Cents, Cents]:
    rates = (int(rate) * 1_000 for rate in rule.text("per_mille").split())
    return column(*rule.amounts("from")), column(*rates)

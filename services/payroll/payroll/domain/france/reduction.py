"""The reduction of the employer's contributions, whose formula the law changed for 2026."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

import numpy as np

from payroll.domain.france.situation import Establishment
from payroll.domain.integers import Cents, at_least, at_most, div, where
from payroll.domain.law import Rule

COEFFICIENT_UNIT: Final = 10_000  # the coefficient has four decimals
TIE_GUARD: Final = 1e-6  # in units of the coefficient: nearer to a tie, decimals decide


def coefficient(pay: Cents, minimum_wage: Cents, rule: Rule, establishment: Establishment) -> Cents:
    """The coefficient in ten-thousandths, by the formula that the data names; both amounts of one span."""
    largest = rule.rate("t_large" if establishment.workforce >= 50 else "t_small")
    return FORMULAS[rule.text("formula")](pay, minimum_wage, largest, rule)


def _progressive(pay: Cents, minimum_wage: Cents, largest: int, rule: Rule) -> Cents:
    # RGDU: floor + T x (0.5 x (3 x minimum / pay - 1)) ^ 1.75; the power alone is not exact arithmetic.
    floor, top = rule.rate("floor"), rule.count("nothing_from_minimum_wages")
    ratio = np.maximum(0.0, 0.5 * (top * minimum_wage / np.maximum(1, pay) - 1.0))
    exact = (floor + largest * ratio**1.75) / 100
    rounded = np.floor(exact + 0.5).astype(np.int64)
    for row in np.nonzero(np.abs(exact + 0.5 - np.round(exact + 0.5)) < TIE_GUARD)[0]:
        at = int(row)
        rounded[at] = _with_decimals(_at(pay, at), _at(minimum_wage, at), largest, floor, top)
    rounded = at_most((floor + largest) // 100, rounded)
    return where(pay >= top * minimum_wage, 0, rounded)


def _linear(pay: Cents, minimum_wage: Cents, largest: int, rule: Rule) -> Cents:
    # Until 2025: (T / 0.6) x (1.6 x minimum / pay - 1), at most T. Exact: one fraction, rounded once.
    top = rule.rate("nothing_from_minimum_wages") // 100_000
    over = at_least(0, top * minimum_wage - 10 * pay)
    value = div(largest * over, np.maximum(1, pay) * 6 * 100)
    return at_most(largest // 100, value)


def _with_decimals(pay: int, minimum_wage: int, largest: int, floor: int, top: int) -> int:
    with localcontext() as context:
        context.prec = 40
        ratio = max(Decimal(0), (Decimal(top * minimum_wage) / max(1, pay) - 1) / 2)
        exact = (floor + largest * ratio ** Decimal("1.75")) / 100
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _at(values: Cents, row: int) -> int:
    return int(values[row if values.size > 1 else 0])


FORMULAS: Final[dict[str, Callable[[Cents, Cents, int, Rule], Cents]]] = {
    "progressive": _progressive,
    "linear": _linear,
}

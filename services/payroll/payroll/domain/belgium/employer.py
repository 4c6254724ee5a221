"""Belgian contributions of the employer and their reductions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from payroll.domain.integers import RATE_UNIT, Cents, at_least, at_most, div, mul_rate, where
from payroll.domain.law import Rule


@dataclass(frozen=True, slots=True)
class StructuralReduction:
    """The figures of the structural reduction: two slopes in millionths below two limits in cents."""

    alpha: int
    s0: int
    gamma: int
    s2: int

    @classmethod
    def of(cls, rule: Rule) -> StructuralReduction:
        """The figures on a day."""
        return cls(rule.rate("alpha"), rule.amount("s0"), rule.rate("gamma"), rule.amount("s2"))


def base_within_ceiling(base: Cents, base_of_quarter_before: Cents, ceiling: Rule | None) -> Cents:
    """The part of the base on which employer's contributions are due: what the quarter's ceiling leaves."""
    if ceiling is None:
        return base
    return np.minimum(base, at_least(0, ceiling.amount("amount") - base_of_quarter_before))


def structural_reduction(reference_quarter_wage: Cents, figures: StructuralReduction) -> Cents:
    """The reduction R of a full quarter, category 1: each component rounded to the cent."""
    return mul_rate(at_least(0, figures.s0 - reference_quarter_wage), figures.alpha) + mul_rate(
        at_least(0, figures.s2 - reference_quarter_wage), figures.gamma
    )


def worked_share(mu_millionths: Cents, rule: Rule) -> Cents:
    """mu times beta in millionths: the share of R that a quarter worked in part is granted.

    Nothing below the minimum share; a little more than the share up to 0.80; all of it above.
    """
    low, low_to = rule.rate("low"), rule.rate("low_to")
    beta = low + mul_rate(at_least(0, mu_millionths - low_to), rule.rate("slope"))
    share = at_most(RATE_UNIT, mul_rate(mu_millionths, beta))
    share = where(mu_millionths > rule.rate("full_over"), RATE_UNIT, share)
    return where(mu_millionths < rule.rate("minimum"), 0, share)


def granted_reduction(full: Cents, share_millionths: Cents) -> Cents:
    """P = R times mu times beta, rounded to the cent."""
    return div(full * share_millionths, RATE_UNIT)

"""French contributions: a table of lines, each of a part of the pay, at rates that are data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import numpy as np

from payroll.domain.france.situation import Establishment, Regime
from payroll.domain.integers import Cents, at_least, millionths, mul_rate, where
from payroll.domain.law import Rule
from payroll.domain.sheet import Kind, Sheet

CONTRIBUTIONS: Final = (
    "health",
    "old_age_capped",
    "old_age",
    "family",
    "autonomy",
    "accidents",
    "housing_fund",
    "unemployment",
    "wage_guarantee",
    "supplementary_pension",
    "balance",
    "technical_balance",
    "executive_employment",
    "executive_insurance",
    "social_dialogue",
    "training",
    "apprenticeship",
    "building_effort",
    "mobility",
)
SIDES: Final = {"worker": Kind.DEDUCTION, "employer": Kind.CHARGE}
EXECUTIVE: Final = frozenset({"executive_employment", "executive_insurance"})


@dataclass(frozen=True, slots=True)
class Pay:
    """The pay of a period and the ceiling of social security for it, in cents."""

    gross: Cents
    ceiling: Cents
    _parts: dict[tuple[int, int | None], Cents] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def between(self, low: int, high: int | None) -> Cents:
        """The part of the pay above `low` ceilings and up to `high` ceilings; computed once, asked often."""
        if (low, high) not in self._parts:
            top = self.gross if high is None else np.minimum(self.gross, high * self.ceiling)
            self._parts[low, high] = at_least(0, top - low * self.ceiling)
        return self._parts[low, high]


@dataclass(frozen=True, slots=True)
class Slice:
    """The rates of both sides, in millionths, on pay above `low` ceilings and up to `high` ceilings.

    A side that has no rate owes nothing of it. It holds for employers from a size of workforce on.
    """

    low: int
    high: int | None
    rates: Mapping[str, int]
    workforce_from: int


def write_contributions(pay: Pay, regime: str, establishment: Establishment, sheet: Sheet) -> None:
    """All lines of worker and employer."""
    for name in CONTRIBUTIONS:
        if name in EXECUTIVE and regime != Regime.CADRE:
            continue
        rule = sheet.rule(f"contributions.{name}")
        for side, kind in SIDES.items():
            amount = contribution(pay, rule, side, establishment, name)
            if amount is not None:
                signed = amount if kind is Kind.CHARGE else -amount
                sheet.write(f"{name}.{side}", kind, signed, base=pay.gross, rule=rule, period="month")


def contribution(pay: Pay, rule: Rule, side: str, establishment: Establishment, name: str) -> Cents | None:
    """One contribution of one side, each slice rounded to the cent; nothing where that side has none."""
    notified = {"accidents": establishment.accident_rate, "mobility": establishment.mobility_rate}
    if side == "employer" and name in notified:
        total = mul_rate(pay.gross, notified[name])
    else:
        slices = [each for each in _slices_for(establishment.workforce, rule) if side in each.rates]
        if not slices:
            return None
        amounts = [mul_rate(pay.between(each.low, each.high), each.rates[side]) for each in slices]
        total = sum(amounts[1:], start=amounts[0])
    # The technical balance contribution begins, on the whole pay, where pay passes the ceiling.
    return where(pay.gross > pay.ceiling, total, 0) if rule.has("only_above_ceiling") else total


def _slices_for(workforce: int, rule: Rule) -> Sequence[Slice]:
    # Of several sizes of employer the largest that the workforce reaches.
    slices = rule.made(_slices)
    reached = max((each.workforce_from for each in slices if each.workforce_from <= workforce), default=0)
    return [each for each in slices if each.workforce_from == reached]


def _slices(rule: Rule) -> tuple[Slice, ...]:
    return tuple(
        Slice(
            low=int(row["from"]),
            high=int(row["to"]) if "to" in row else None,
            rates={side: millionths(Decimal(row[side])) for side in SIDES if side in row},
            workforce_from=int(row.get("workforce_from", "0")),
        )
        for row in (rule.rows("slices") if rule.has("slices") else ())
    )

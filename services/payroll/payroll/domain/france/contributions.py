"""French contributions: a table of lines, each of a part of the pay, at rates that are data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from payroll.domain.france.situation import Establishment, Regime
from payroll.domain.integers import RATE_UNIT, Cents, at_least, mul_rate, where
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
EXECUTIVE: Final = frozenset({"executive_employment", "executive_insurance"})


@dataclass(frozen=True, slots=True)
class Pay:
    """The pay of a period and the ceiling of social security for it, in cents."""

    gross: Cents
    ceiling: Cents

    def between(self, low: int, high: int | None) -> Cents:
        """The part of the pay above `low` ceilings and up to `high` ceilings."""
        top = self.gross if high is None else np.minimum(self.gross, high * self.ceiling)
        return at_least(0, top - low * self.ceiling)


def write_contributions(pay: Pay, regime: str, establishment: Establishment, sheet: Sheet) -> None:
    """All lines of worker and employer."""
    for name in CONTRIBUTIONS:
        if name in EXECUTIVE and regime != Regime.CADRE:
            continue
        rule = sheet.rule(f"contributions.{name}")
        for side, kind in (("worker", Kind.DEDUCTION), ("employer", Kind.CHARGE)):
            amount = contribution(pay, rule, side, establishment, name)
            if amount is not None:
                signed = amount if kind is Kind.CHARGE else -amount
                sheet.write(f"{name}.{side}", kind, signed, base=pay.gross, rule=rule, period="month")


def contribution(pay: Pay, rule: Rule, side: str, establishment: Establishment, name: str) -> Cents | None:
    """One contribution of one side, each slice rounded to the cent; nothing where that side has none."""
    parts = [
        (pay.between(int(row["from"]), int(row["to"]) if "to" in row else None), _rate(row, side))
        for row in _slices(rule, establishment)
        if side in row
    ]
    notified = {"accidents": establishment.accident_rate, "mobility": establishment.mobility_rate}
    if side == "employer" and name in notified:
        parts = [(pay.gross, notified[name])]
    if not parts:
        return None
    total = sum((mul_rate(base, rate) for base, rate in parts), start=np.zeros_like(pay.gross))
    # The technical balance contribution begins, on the whole pay, where pay passes the ceiling.
    return where(pay.gross > pay.ceiling, total, 0) if rule.has("only_above_ceiling") else total


def _slices(rule: Rule, establishment: Establishment) -> Sequence[Mapping[str, str]]:
    # Of several sizes of employer the largest that the workforce reaches.
    rows = rule.rows("slices") if rule.has("slices") else ()
    if not any("workforce_from" in row for row in rows):
        return rows
    sizes = [int(row.get("workforce_from", "0")) for row in rows]
    reached = max((size for size in sizes if size <= establishment.workforce), default=0)
    return [row for row, size in zip(rows, sizes, strict=True) if size == reached]


def _rate(row: Mapping[str, str], side: str) -> int:
    whole, _, decimals = row[side].partition(".")
    return int(whole) * RATE_UNIT + int((decimals + "000000")[:6])

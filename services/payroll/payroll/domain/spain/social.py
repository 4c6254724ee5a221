"""Spanish contributions of worker and employer, between the least and the greatest base of a month."""

from __future__ import annotations

from typing import Final

import numpy as np

from payroll.domain.integers import RATE_UNIT, Cents, at_least, mul_rate
from payroll.domain.law import Rule
from payroll.domain.sheet import Kind, Sheet
from payroll.domain.wage import Batch

CONTINGENCIES: Final = ("common", "equity", "unemployment", "wage_guarantee", "training", "accidents")
SIDES: Final = (("worker", Kind.DEDUCTION), ("employer", Kind.CHARGE))


def base_of(gross: Cents, batch: Batch, limits: Rule) -> Cents:
    """What contributions count of a payment: the month's pay within its bases, less what was counted before.

    A part of a month has its part of the least base.
    """
    share = np.minimum(RATE_UNIT, batch.time_month_millionths + batch.earlier.time_month_millionths)
    least = mul_rate(limits.amount("least"), share)
    of_month = np.minimum(limits.amount("greatest"), at_least(0, gross + batch.earlier.gross_month))
    return at_least(0, np.maximum(of_month, least) - batch.earlier.base_month)


def write_contributions(base: Cents, batch: Batch, sheet: Sheet) -> None:
    """The lines of both sides; of very small pay no more is kept back than there is."""
    for name in CONTINGENCIES:
        rule = sheet.rule(f"contributions.{name}")
        for side, kind in SIDES:
            field = f"{side}_{batch.regime}" if rule.has(f"{side}_{batch.regime}") else side
            if not rule.has(field):
                continue
            amount = mul_rate(base, rule.rate(field))
            signed = amount if kind is Kind.CHARGE else -np.minimum(amount, sheet.net_wage)
            sheet.write(
                f"{name}.{side}", kind, signed, base=base, rate=rule.rate(field), rule=rule, period="month"
            )


def write_solidarity(gross: Cents, batch: Batch, sheet: Sheet) -> None:
    """The contribution on what a month's pay has above the greatest base, in three bands."""
    rule, before = sheet.rule("contributions.solidarity"), batch.earlier.gross_month
    for side, kind in SIDES:
        amount = solidarity(gross + before, rule, side) - solidarity(before, rule, side)
        signed = amount if kind is Kind.CHARGE else -np.minimum(amount, sheet.net_wage)
        sheet.write(f"solidarity.{side}", kind, signed, base=gross + before, rule=rule, period="month")


def solidarity(of_month: Cents, rule: Rule, side: str) -> Cents:
    """The whole contribution of a month's pay, rounded once."""
    total = np.zeros_like(of_month)
    rows = rule.brackets(side)
    ends = [row.over for row in rows[1:]] + [None]
    for row, end in zip(rows, ends, strict=True):
        top = of_month if end is None else np.minimum(of_month, end)
        total = total + at_least(0, top - row.over) * row.rate
    return (2 * total + RATE_UNIT) // (2 * RATE_UNIT)


def worker_rate(batch: Batch, sheet: Sheet) -> int:
    """All rates of the worker together, in millionths: what the pay of a year is expected to contribute."""
    total = 0
    for name in CONTINGENCIES:
        rule = sheet.rule(f"contributions.{name}")
        field = f"worker_{batch.regime}" if rule.has(f"worker_{batch.regime}") else "worker"
        total += rule.rate(field) if rule.has(field) else 0
    return total

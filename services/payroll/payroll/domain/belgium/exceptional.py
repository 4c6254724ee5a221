"""Belgian withholding on exceptional pay: holiday pay, year-end and other bonuses.

No line of a payslip pays any of these yet. `tests/countries/test_be_figures.py` uses it and tries the figures
of the law against the kept cases and the vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from commons.money import Money
from payroll.domain.integers import RATE_UNIT, bracket_of, column, millionths, mul_rate
from payroll.domain.law import PayrollLaw


class ExceptionalPay(StrEnum):
    """Which column of the table applies."""

    HOLIDAY = "holiday"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ExceptionalWithholding:
    """The rate of the table and the cut for children (both millionths), the tax and the net (both cents)."""

    rate: int
    child_cut: int
    withholding: int
    net: int


def withhold_exceptional(
    law: PayrollLaw,
    day: date,
    *,
    gross: int,
    worker_contribution: int,
    normal_annual_gross: int,
    pay: ExceptionalPay,
    children: int = 0,
) -> ExceptionalWithholding:
    """The tax on an exceptional payment, amounts in cents (Annex III nos 53 to 55).

    The rate goes by the normal annual gross without any deduction, and is applied once, to gross less the
    worker's contribution. Children exempt it or cut it. Raises ValueNotInForce.
    """
    table = law.rule("withholding.exceptional", day)
    rows = table.rows("brackets")
    index = int(bracket_of(column(normal_annual_gross), [_minor(row["over"], law) for row in rows])[0])
    rate = millionths(Decimal(rows[index][pay]))
    cut = _child_cut(law, day, normal_annual_gross, children)
    of = column(gross - worker_contribution)
    withholding = int(mul_rate(mul_rate(of, rate), RATE_UNIT - cut)[0])
    return ExceptionalWithholding(rate, cut, withholding, gross - worker_contribution - withholding)


def _child_cut(law: PayrollLaw, day: date, normal_annual_gross: int, children: int) -> int:
    if children == 0:
        return 0
    rule = law.rule("withholding.exceptional_children", day)
    exempt = rule.amounts("exempt_to")
    listed = min(children, len(exempt))
    exempt_to = exempt[listed - 1] + (children - listed) * rule.amount("exempt_each_further")
    if normal_annual_gross <= exempt_to:
        return RATE_UNIT
    cuts = rule.rows("cuts")
    row = cuts[min(children, len(cuts)) - 1]
    return millionths(Decimal(row["cut"])) if normal_annual_gross <= _minor(row["to"], law) else 0


def _minor(text: str, law: PayrollLaw) -> int:
    return Money.of(text, law.currency).minor

"""Belgian withholding on exceptional pay: holiday pay, year-end and other bonuses (Annex III nos 53 to 55).

A payslip pays the year-end premium; no line pays holiday pay yet.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import numpy as np

from commons.money import Money
from payroll.domain.integers import (
    RATE_UNIT,
    Cents,
    bracket_of,
    millionths,
    mul_rate,
    pick,
    where,
)
from payroll.domain.law import Rule


class ExceptionalPay(StrEnum):
    """Which column of the table applies."""

    HOLIDAY = "holiday"
    OTHER = "other"


def withhold_exceptional(taxable: Cents, rate: Cents, child_cut: Cents) -> Cents:
    """The tax, in cents: the rate is applied once, to gross less the worker's contribution, then cut."""
    return mul_rate(mul_rate(taxable, rate), RATE_UNIT - child_cut)


def exceptional_rate(normal_annual_gross: Cents, table: Rule, pay: ExceptionalPay) -> Cents:
    """The rate in millionths, by the normal annual gross without any deduction."""
    rows = table.rows("brackets")
    overs = [Money.of(row["over"], table.currency).minor for row in rows]
    rates = [millionths(Decimal(row[pay])) for row in rows]
    return pick(rates, bracket_of(normal_annual_gross, overs))


def child_cut(normal_annual_gross: Cents, children: Cents, rule: Rule) -> Cents:
    """What children take off the tax, in millionths: all of it up to a limit, some up to another."""
    exempt, cuts = rule.amounts("exempt_to"), rule.rows("cuts")
    listed = np.minimum(children, len(exempt))
    exempt_to = pick([-1, *exempt], listed) + (children - listed) * rule.amount("exempt_each_further")
    place = np.minimum(children, len(cuts))
    cut_to = pick([-1, *(Money.of(row["to"], rule.currency).minor for row in cuts)], place)
    cut = pick([0, *(millionths(Decimal(row["cut"])) for row in cuts)], place)
    some = where(normal_annual_gross <= cut_to, cut, 0)
    return where(normal_annual_gross <= exempt_to, RATE_UNIT, some)

"""The Hungarian payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from payroll.domain.earlier import Counted
from payroll.domain.hungary.reliefs import tax_base
from payroll.domain.hungary.situation import (
    NOTHING_EARLIER,
    HungarianEarlier,
    HungarianSituation,
    counts_of,
    earlier_of,
)
from payroll.domain.integers import RATE_UNIT, Cents, Rounding, at_least, mul_rate, to_multiple
from payroll.domain.law import PayrollLaw, Rule
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large

FORINT: Final = 100  # minor units; each levy is rounded to the whole forint, a half going up


@dataclass(frozen=True, slots=True)
class Hungary:
    """The Hungarian engine over one state of the law.

    The chain of a payment: income tax after the reliefs, social security contribution less what the family
    allowance could not take off the tax; then the social contribution tax of the employer.
    """

    law: PayrollLaw

    version = "hu-1"
    situation_type = HungarianSituation
    # Linear: a further hundredth of a forint can only cost what rounding to the forint moves, twice.
    net_drop_max_cents = 2 * FORINT
    cost_dip_cents = 0

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage. Raises WageTooLarge, ValueNotInForce."""
        return payslip_of(self.compute(self.batch([wage])), self.version)

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day as columns."""
        return Batch.of(wages, nothing_earlier=NOTHING_EARLIER)

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind."""
        return counts_of(payslip, wage)

    def earlier(self, payments: Sequence[Counted], day: date) -> HungarianEarlier:
        """The sums of the month that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """None: the cost of a Hungarian wage never falls as gross rises."""
        return ()

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """None: deductions rise evenly, but for the forint they round to."""
        return ()

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch. Raises WageTooLarge, ValueNotInForce."""
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        base, unused_allowance = tax_base(gross, batch, sheet)
        rule = sheet.rule("szja.rate")
        _write_levy(sheet, "szja", Kind.DEDUCTION, -np.minimum(gross, _levy(base, rule)), base, rule)
        self._contribution(gross, unused_allowance, batch, sheet)
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        self._employer(gross, batch, sheet)
        return sheet

    def _contribution(self, gross: Cents, unused_allowance: Cents, batch: Batch, sheet: Sheet) -> None:
        rule, floor = sheet.rule("tb.rate"), sheet.rule("tb.floor")
        earlier = batch.earlier
        base = at_least_the_floor(gross, earlier.contribution_base_month, batch, floor)
        sheet.write("tb.base", Kind.STEP, base, base=gross, rule=floor, period="month")
        # Of a wage below the floor no more can be kept back than what tax has left of it.
        contribution = np.minimum(_levy(base, rule), sheet.net_wage)
        _write_levy(sheet, "tb", Kind.DEDUCTION, -contribution, base, rule)
        relief = to_multiple(mul_rate(unused_allowance, sheet.rule("szja.rate").rate("rate")), FORINT)
        granted = np.minimum(contribution, at_least(0, relief - earlier.family_contribution_month))
        if np.any(unused_allowance > 0):
            sheet.write(
                "tb.family",
                Kind.DEDUCTION,
                granted,
                base=unused_allowance,
                rate=sheet.rule("szja.rate").rate("rate"),
                rule=sheet.rule("szja.family"),
                period="month",
                rounding=Rounding.HALF_UP_UNIT,
            )

    def _employer(self, gross: Cents, batch: Batch, sheet: Sheet) -> None:
        rule, floor = sheet.rule("szocho.rate"), sheet.rule("szocho.floor")
        base = at_least_the_floor(gross, batch.earlier.social_tax_base_month, batch, floor)
        sheet.write("szocho.base", Kind.STEP, base, base=gross, rule=floor, period="month")
        _write_levy(sheet, "szocho", Kind.CHARGE, _levy(base, rule), base, rule)


def at_least_the_floor(gross: Cents, counted_before: Cents, batch: Batch, floor: Rule) -> Cents:
    """The base of a levy that counts at least a floor a month, of which a part of a month has its part."""
    share = np.minimum(RATE_UNIT, batch.earlier.time_month_millionths + batch.time_month_millionths)
    least = to_multiple(mul_rate(floor.amount("amount"), share), FORINT)
    base: Cents = np.maximum(gross, np.minimum(least, least - counted_before))
    return base


def _levy(base: Cents, rule: Rule) -> Cents:
    return to_multiple(mul_rate(base, rule.rate("rate")), FORINT)


def _write_levy(sheet: Sheet, code: str, kind: Kind, amount: Cents, base: Cents, rule: Rule) -> None:
    sheet.write(
        code,
        kind,
        amount,
        base=base,
        rate=rule.rate("rate"),
        rule=rule,
        rounding=Rounding.HALF_UP_UNIT,
        is_always_shown=True,
    )

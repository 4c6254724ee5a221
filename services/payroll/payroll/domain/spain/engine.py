"""The Spanish payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from payroll.domain.earlier import Counted
from payroll.domain.integers import Cents, at_least, mul_rate
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.spain.situation import (
    NOTHING_EARLIER,
    Regime,
    SpanishEarlier,
    SpanishSituation,
    counts_of,
    earlier_of,
)
from payroll.domain.spain.social import base_of, worker_rate, write_contributions, write_solidarity
from payroll.domain.spain.withholding import Rules, millionths_of, quota_of, rate_of_withholding, tax
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large


@dataclass(frozen=True, slots=True)
class Spain:
    """The Spanish engine over one state of the law (common territory).

    The chain of a payment: contributions of the month, then withholding at a rate that is computed for the
    pay of the year and computed again at each engagement of it.
    """

    law: PayrollLaw

    version = "es-1"
    situation_type = SpanishSituation
    # The rate moves by whole hundredths of a per cent, on the whole payment.
    net_drop_max_cents = 5_000
    cost_dip_cents = 0

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage. Raises WageTooLarge, ValueNotInForce."""
        return payslip_of(self.compute(self.batch([wage])), self.version)

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day and one kind of contract, as columns."""
        return Batch.of(wages, nothing_earlier=NOTHING_EARLIER)

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind."""
        return counts_of(payslip, wage)

    def earlier(self, payments: Sequence[Counted], day: date) -> SpanishEarlier:
        """The sums of month and year that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """None: the cost of a Spanish wage never falls as gross rises."""
        return ()

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """None: the rate only ever takes more where it steps."""
        return ()

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch. Raises WageTooLarge, ValueNotInForce."""
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        limits = sheet.rule("contributions.base")
        base = sheet.write(
            "contributions.base",
            Kind.STEP,
            base_of(gross, batch, limits),
            base=gross,
            rule=limits,
            period="month",
            is_always_shown=True,
        )
        write_contributions(base, batch, sheet)
        write_solidarity(gross, batch, sheet)
        self._withhold(gross, batch, sheet)
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        sheet.remark(
            "contributions.artist", np.full_like(gross, batch.regime == Regime.ARTIST, dtype=np.bool_)
        )
        return sheet

    def _withhold(self, gross: Cents, batch: Batch, sheet: Sheet) -> None:
        earlier, situation = batch.earlier, batch.situation
        # What is already certain counts where less was expected.
        certain = earlier.gross_year + gross
        pay = np.maximum(certain, situation.expected_year_euros * 100)
        sheet.write("withholding.expected", Kind.STEP, pay, period="year")
        ceiling = 12 * sheet.rule("contributions.base").amount("greatest")
        contributions = mul_rate(np.minimum(pay, ceiling), worker_rate(batch, sheet))
        rules = rules_of(sheet)
        found = quota_of(pay, contributions, situation, rules)
        sheet.write("withholding.base", Kind.STEP, found.base, rule=rules.reduction, period="year")
        sheet.write("withholding.quota", Kind.STEP, found.quota, rule=rules.scale, period="year")
        minimum = sheet.rule("withholding.minimum").rate(batch.regime)
        rate = rate_of_withholding(
            pay,
            found.quota,
            earlier.withheld_year,
            earlier.gross_year,
            situation.has_mortgage_relief,
            rules,
            minimum=minimum,
        )
        sheet.write(
            "withholding",
            Kind.DEDUCTION,
            -np.minimum(at_least(0, sheet.net_wage), tax(gross, rate)),
            base=gross,
            rate=millionths_of(rate),
            rule=sheet.rule("withholding.minimum"),
            is_always_shown=True,
        )


def rules_of(sheet: Sheet) -> Rules:
    """The parameters of the rate on the sheet's day. Raises ValueNotInForce."""
    names = ("limits", "expenses", "reduction", "personal_minimum", "scale", "rate")
    return Rules(*(sheet.rule(f"withholding.{name}") for name in names))

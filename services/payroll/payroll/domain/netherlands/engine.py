"""The Dutch payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from payroll.domain.earlier import Counted
from payroll.domain.integers import RATE_UNIT, Cents, Rounding, at_least, div, div_down, mul_rate
from payroll.domain.law import PayrollLaw
from payroll.domain.netherlands.situation import (
    NOTHING_EARLIER,
    DutchEarlier,
    DutchSituation,
    counts_of,
    earlier_of,
)
from payroll.domain.netherlands.wage_tax import anonymous_tax, wage_tax
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large

PREMIUMS: Final = ("employer.aof", "employer.childcare", "employer.whk", "employer.zvw")


@dataclass(frozen=True, slots=True)
class Netherlands:
    """The Dutch engine over one state of the law.

    The chain of a payment: wage tax with national insurance, the only deduction; then the premiums of the
    employer on the wage up to a ceiling that is cumulated over the year.
    """

    law: PayrollLaw

    version = "nl-1"
    situation_type = DutchSituation
    # The wage counts in steps of 4.50 a month: at each step the tax rises at once, by about half of it.
    net_drop_max_cents = 500
    cost_dip_cents = 0

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage. Raises WageTooLarge, ValueNotInForce."""
        return payslip_of(self.compute(self.batch([wage])), self.version)

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day, one class of contract and one generation, as columns."""
        return Batch.of(wages, nothing_earlier=NOTHING_EARLIER)

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind."""
        return counts_of(payslip, wage)

    def earlier(self, payments: Sequence[Counted], day: date) -> DutchEarlier:
        """The sums of the year that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """None: the cost of a Dutch wage never falls as gross rises."""
        return ()

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """None: the tax only ever takes more where it steps."""
        return ()

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch. Raises WageTooLarge, ValueNotInForce."""
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        _show_holiday_allowance(gross, sheet)
        if batch.lead.is_anonymous:
            _withhold_from_anonymous(gross, sheet)
        else:
            _withhold(gross, batch, sheet)
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        _charge_premiums(gross, batch, sheet)
        return sheet


def _show_holiday_allowance(gross: Cents, sheet: Sheet) -> None:
    rule = sheet.rule("holiday_allowance")
    rate = rule.rate("rate")
    sheet.write(
        "holiday_allowance",
        Kind.STEP,
        div(gross * rate, RATE_UNIT + rate),
        base=gross,
        rate=rate,
        rule=rule,
    )


def _withhold_from_anonymous(gross: Cents, sheet: Sheet) -> None:
    rule = sheet.rule("withholding.anonymous")
    sheet.write(
        "withholding.anonymous",
        Kind.DEDUCTION,
        -anonymous_tax(gross, rule),
        base=gross,
        rate=rule.rate("rate"),
        rule=rule,
        is_always_shown=True,
    )


def _withhold(gross: Cents, batch: Batch, sheet: Sheet) -> None:
    brackets = sheet.rule(f"withholding.brackets.{batch.lead.age}")
    credits = sheet.rule(f"withholding.credits.{batch.lead.age}")
    found = wage_tax(gross, batch, batch.situation.has_wage_tax_credit, brackets, credits)
    sheet.write(
        "tax.year_wage",
        Kind.STEP,
        found.year_wage * 100,
        base=gross,
        rule=brackets,
        period="year",
        rounding=Rounding.DOWN_UNIT,
    )
    sheet.write("tax.labor_credit", Kind.STEP, found.labor_credit, rule=credits)
    sheet.write(
        "withholding",
        Kind.DEDUCTION,
        -np.minimum(gross, found.tax),
        base=gross,
        rule=brackets,
        is_always_shown=True,
    )


def _charge_premiums(gross: Cents, batch: Batch, sheet: Sheet) -> None:
    ceiling = sheet.rule("employer.ceiling")
    earlier = batch.earlier
    # Cumulated over the year: what a rich month had above the ceiling counts in a poor one.
    of_period = sheet.write(
        "employer.ceiling",
        Kind.STEP,
        div_down(ceiling.amount("year") * batch.time_parts, batch.time_parts_per_year),
        rule=ceiling,
        rounding=Rounding.DOWN_CENT,
    )
    counted = np.minimum(earlier.wage_year + gross, earlier.ceiling_year + of_period)
    base = sheet.write(
        "employer.base",
        Kind.STEP,
        at_least(0, counted - earlier.base_year),
        base=gross,
        rule=ceiling,
        period="year",
    )
    awf = sheet.rule("employer.awf")
    premiums = [("employer.awf", awf, awf.rate(batch.regime))]
    premiums += [(code, sheet.rule(code), sheet.rule(code).rate("rate")) for code in PREMIUMS]
    for code, rule, rate in premiums:
        sheet.write(code, Kind.CHARGE, mul_rate(base, rate), base=base, rate=rate, rule=rule, period="year")

"""The Belgian payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from payroll.domain.belgium.amateur_arts import write_allowance
from payroll.domain.belgium.employer import base_within_ceiling
from payroll.domain.belgium.situation import (
    NOTHING_EARLIER,
    BelgianEarlier,
    BelgianSituation,
    Spouse,
    Status,
    counts_of,
    earlier_of,
)
from payroll.domain.belgium.social import (
    HOUSEHOLDS,
    cut_work_bonus,
    prorated_work_bonus,
    special_contribution_advance,
    worker_contribution,
    write_contribution_base,
)
from payroll.domain.belgium.withholding import fiscal_work_bonus, flat_withholding, withhold
from payroll.domain.belgium.year_end_premium import write_year_end_premium
from payroll.domain.earlier import Counted
from payroll.domain.integers import RATE_UNIT, Cents, at_least, mul_rate, where
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large

CHARGES: Final = ("employer.unemployment", "employer.special", "employer.insurance")


@dataclass(frozen=True, slots=True)
class Belgium:
    """The Belgian engine over one state of the law.

    The chain of a payment: contributions less work bonus, taxable wage, withholding tax less fiscal work
    bonus, special contribution; then what the employer owes on top.
    """

    law: PayrollLaw

    version = "be-1"
    situation_type = BelgianSituation
    # A cent more of gross can cost net: the special contribution begins with a minimum of 5.15. No situation
    # loses more than that and a few cents of rounding; a search for a net looks this far back.
    net_drop_max_cents = 1_000
    cost_dip_cents = 0

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage. Raises WageTooLarge, FamilySituationUnknown, ValueNotInForce."""
        return payslip_of(self.compute(self.batch([wage])), self.version)

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day, one status and one way of withholding, as columns."""
        return Batch.of(wages, nothing_earlier=NOTHING_EARLIER)

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind."""
        return counts_of(payslip, wage)

    def earlier(self, payments: Sequence[Counted], day: date) -> BelgianEarlier:
        """The sums of month, quarter and year that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """None: the cost of a Belgian wage never falls as gross rises."""
        return ()

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """None: deductions only ever take more where they step."""
        return ()

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch.

        Raises WageTooLarge, FamilySituationUnknown, ValueNotInForce.
        """
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        if batch.regime == Status.AMATEUR_ARTS:
            write_allowance(batch, sheet)
        else:
            self._wage(batch, sheet)
        sheet.write("settlement.meal_vouchers", Kind.SETTLEMENT, -batch.meal_voucher_deduction)
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        return sheet

    def _wage(self, batch: Batch, sheet: Sheet) -> None:
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        base = write_contribution_base("onss.base", gross, batch.regime, sheet)
        bonus_a, bonus_b = self._worker_contribution(gross, base, batch, sheet)
        taxable = sheet.write("taxable", Kind.STEP, sheet.net_wage)
        self._withholding(taxable, bonus_a, bonus_b, batch, sheet)
        if np.any(batch.year_end_premium):
            # No wage that the work bonus counts, and taxed by its own table; contributions count all pay.
            base = base + write_year_end_premium(gross, batch, sheet)
            gross = gross + batch.year_end_premium
        self._special_contribution(base, batch, sheet)
        self._employer(gross, base, batch, sheet)

    def _worker_contribution(
        self, gross: Cents, base: Cents, batch: Batch, sheet: Sheet
    ) -> tuple[Cents, Cents]:
        rule = sheet.rule("onss.worker")
        contribution = worker_contribution(base, rule.rate("rate"))
        sheet.write(
            "onss.worker",
            Kind.DEDUCTION,
            -contribution,
            base=base,
            rate=rule.rate("rate"),
            rule=rule,
            is_always_shown=True,
        )
        # Work bonus counts by the month: what an earlier payment got comes off; the year has a cap.
        regime = "employee" if batch.regime == Status.WHITE_COLLAR else "manual"
        bonus = sheet.rule(f"work_bonus.{regime}")
        earlier = batch.earlier
        time = np.minimum(RATE_UNIT, earlier.time_month_millionths + batch.time_month_millionths)
        reference = gross + earlier.gross_month
        a, b = prorated_work_bonus(reference, time, bonus)
        a, b = at_least(0, a - earlier.bonus_a_month), at_least(0, b - earlier.bonus_b_month)
        cap = sheet.find("work_bonus.yearly_cap")
        if cap is not None:
            a, b = cut_work_bonus(a, b, at_least(0, cap.amount("cap") - earlier.bonus_year))
        a, b = cut_work_bonus(a, b, contribution)
        sheet.write("work_bonus.a", Kind.DEDUCTION, a, base=reference, rule=bonus, period="month")
        sheet.write("work_bonus.b", Kind.DEDUCTION, b, base=reference, rule=bonus, period="month")
        return a, b

    def _withholding(
        self, taxable: Cents, bonus_a: Cents, bonus_b: Cents, batch: Batch, sheet: Sheet
    ) -> None:
        sheet.write("taxable.benefits", Kind.STEP, batch.benefits_in_kind)
        sheet.write("taxable.commuting", Kind.STEP, -batch.commuting_exemption)
        withheld_on = at_least(0, taxable + batch.benefits_in_kind - batch.commuting_exemption)
        if batch.lead.has_flat_withholding:
            rule = sheet.rule("withholding.artist_flat")
            sheet.write(
                "withholding.flat",
                Kind.DEDUCTION,
                -flat_withholding(withheld_on, rule),
                base=withheld_on,
                rate=rule.rate("rate"),
                rule=rule,
                is_always_shown=True,
            )
            return
        tax = withhold(withheld_on, batch, sheet).tax
        fiscal = sheet.rule("withholding.fiscal_work_bonus")
        sheet.write(
            "withholding.fiscal_bonus",
            Kind.DEDUCTION,
            np.minimum(tax, fiscal_work_bonus(bonus_a, bonus_b, fiscal)),
            base=bonus_a + bonus_b,
            rule=fiscal,
            period="month",
        )

    def _special_contribution(self, base: Cents, batch: Batch, sheet: Sheet) -> None:
        rule = sheet.rule("special_contribution.monthly_advance")
        of_month = base + batch.earlier.base_month
        advance = special_contribution_advance(of_month, households(batch, sheet), rule)
        sheet.write(
            "special_contribution",
            Kind.DEDUCTION,
            batch.earlier.special_contribution_month - advance,
            base=of_month,
            rule=rule,
            period="month",
            is_always_shown=True,
        )

    def _employer(self, gross: Cents, base: Cents, batch: Batch, sheet: Sheet) -> None:
        ceiling = sheet.find("employer.quarter_ceiling")
        due_on = base_within_ceiling(base, batch.earlier.base_quarter, ceiling)
        codes = ["employer.base", *CHARGES]
        if batch.regime != Status.WHITE_COLLAR:
            codes.insert(1, "employer.holiday_fund")
        for code in codes:
            rule = sheet.rule(code)
            charged_on = gross if code == "employer.insurance" else due_on
            sheet.write(
                code,
                Kind.CHARGE,
                mul_rate(charged_on, rule.rate("rate")),
                base=charged_on,
                rate=rule.rate("rate"),
                rule=rule,
                period="quarter",
            )
        index_cents = sheet.find("employer.index_cents")
        if index_cents is not None:
            limit = index_cents.amount("over")
            sheet.remark("employer.index_cents", gross + batch.earlier.gross_month > limit)


def households(batch: Batch, sheet: Sheet) -> Cents:
    """Which scale of the special contribution each row falls under, as an index into HOUSEHOLDS."""
    household: Cents = np.zeros_like(batch.situation.spouse)
    for spouse in Spouse:
        rows = batch.situation.has("spouse", spouse)
        if np.any(rows):
            rule = sheet.rule(f"special_contribution.household.{spouse}")
            household = where(rows, HOUSEHOLDS.index(rule.text("scale")), household)
    return household

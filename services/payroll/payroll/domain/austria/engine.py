"""The Austrian payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from payroll.domain.austria.situation import (
    NOTHING_EARLIER,
    AustrianEarlier,
    AustrianSituation,
    Land,
    counts_of,
    earlier_of,
)
from payroll.domain.austria.social import (
    employer_rate,
    marginal_contribution,
    month_contribution,
    worker_rate,
)
from payroll.domain.austria.wage_tax import wage_tax
from payroll.domain.earlier import Counted
from payroll.domain.integers import Cents, at_least, mul_rate, pick, where
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large


@dataclass(frozen=True, slots=True)
class Austria:
    """The Austrian engine over one state of the law.

    The chain of a payment: contributions of the month less what earlier payments of it paid, wage tax on the
    rest; then contributions and levies of the employer.
    """

    law: PayrollLaw

    version = "at-1"
    situation_type = AustrianSituation
    # Contributions begin at once above the marginal limit (15.37 % of 551.10), and the unemployment steps
    # take a hundredth of the whole pay each.
    net_drop_max_cents = 9_000
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

    def earlier(self, payments: Sequence[Counted], day: date) -> AustrianEarlier:
        """The sums of the month that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """None: at the limits the cost of an Austrian wage rises at once and never falls."""
        return ()

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """None: deductions only ever take more where they step."""
        return ()

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch. Raises WageTooLarge, ValueNotInForce."""
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        of_month = gross + batch.earlier.gross_month
        _keep_contribution(gross, of_month, batch, sheet)
        taxable = sheet.write("wage_tax.base", Kind.STEP, sheet.net_wage)
        sheet.write(
            "wage_tax",
            Kind.DEDUCTION,
            -np.minimum(taxable, wage_tax(taxable, batch, sheet)),
            base=taxable,
            rule=sheet.rule("wage_tax.tariff"),
            is_always_shown=True,
        )
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        _charge_contribution(of_month, batch, sheet)
        _charge_levies(gross, batch, sheet)
        return sheet


def _keep_contribution(gross: Cents, of_month: Cents, batch: Batch, sheet: Sheet) -> None:
    rate = worker_rate(of_month, batch, sheet)
    due = at_least(0, month_contribution(of_month, rate, sheet) - batch.earlier.worker_month)
    sheet.write(
        "sv.worker",
        Kind.DEDUCTION,
        # A second payment may lift a month over the marginal limit: no more can be kept back than there is.
        -np.minimum(gross, due),
        base=of_month,
        rate=rate,
        rule=sheet.rule("sv.worker"),
        period="month",
        is_always_shown=True,
    )


def _charge_contribution(of_month: Cents, batch: Batch, sheet: Sheet) -> None:
    limits, rate = sheet.rule("sv.limits"), employer_rate(batch, sheet)
    due = month_contribution(of_month, rate, sheet) + marginal_contribution(of_month, sheet)
    sheet.write(
        "sv.employer",
        Kind.CHARGE,
        at_least(0, due - batch.earlier.employer_month),
        base=of_month,
        rate=rate,
        rule=sheet.rule("sv.employer"),
        period="month",
        is_always_shown=True,
    )
    sheet.remark("sv.marginal", of_month <= limits.amount("marginal"))


def _charge_levies(gross: Cents, batch: Batch, sheet: Sheet) -> None:
    severance, chamber = sheet.rule("employer.severance_fund"), sheet.rule("employer.chamber_surcharge")
    by_land = pick([chamber.rate(land) for land in Land], batch.situation.land)
    levies = [
        (
            "employer.severance_fund",
            severance,
            where(batch.earlier.has_earlier_month, severance.rate("rate"), 0),
        ),
        ("employer.chamber_surcharge", chamber, by_land),
    ]
    for code in ("employer.family_fund", "employer.municipal_tax"):
        rule = sheet.rule(code)
        levies.append((code, rule, np.full_like(gross, rule.rate("rate"))))
    for code, rule, rate in levies:
        amount = mul_rate(gross, rate)
        sheet.write(code, Kind.CHARGE, amount, base=gross, rate=rate, rule=rule, period="month")

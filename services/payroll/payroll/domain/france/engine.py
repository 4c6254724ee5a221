"""The French payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from payroll.domain.earlier import Counted
from payroll.domain.france.contributions import Pay, write_contributions
from payroll.domain.france.csg import csg_base, write_csg
from payroll.domain.france.reduction import COEFFICIENT_UNIT, coefficient
from payroll.domain.france.situation import (
    NOTHING_EARLIER,
    Establishment,
    FrenchEarlier,
    FrenchSituation,
    TaxRate,
    counts_of,
    earlier_of,
)
from payroll.domain.france.tax_at_source import neutral_rate, short_contract_base, tax
from payroll.domain.integers import Cents, at_least, div, mul_rate, where
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large


@dataclass(frozen=True, slots=True)
class France:
    """The French engine over one state of the law, for one establishment.

    The chain of a payment: contributions of both sides, CSG and CRDS, the tax at source; then the reduction
    of the employer's contributions, brought to the year. Without an `establishment` that of the file counts.
    """

    law: PayrollLaw
    establishment: Establishment | None = None

    version = "fr-1"
    situation_type = FrenchSituation
    # A step of the neutral grid takes up to 5 % of the whole taxable pay at once (at 55,558 euros).
    net_drop_max_cents = 300_000
    cost_dip_cents = 0

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage. Raises WageTooLarge, ValueNotInForce."""
        return payslip_of(self.compute(self.batch([wage])), self.version)

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day, one regime and one way of taxing, as columns."""
        return Batch.of(wages, nothing_earlier=NOTHING_EARLIER)

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind."""
        return counts_of(payslip, wage)

    def earlier(self, payments: Sequence[Counted], day: date) -> FrenchEarlier:
        """The sums of the year that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """None: at three minimum wages the reduction ends and the cost rises at once; it never falls."""
        return ()

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """None: deductions only ever take more where they step."""
        return ()

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch. Raises WageTooLarge, ValueNotInForce."""
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        establishment = self.establishment or Establishment.on(self.law, batch.day)
        if self.establishment is None:
            sheet.rule("establishment")
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        ceiling = sheet.rule("ceiling")
        pay = Pay(gross, mul_rate(ceiling.amount("month"), batch.time_month_millionths))
        write_contributions(pay, batch.regime, establishment, sheet)
        insurance = self._health_insurance(establishment, sheet) + sheet.line("executive_insurance.employer")
        base = csg_base(pay, insurance, sheet.rule("csg"))
        # Of very small pay no more can be kept back than there is.
        not_deductible = write_csg(np.minimum(base, gross + insurance), sheet)
        taxable = sheet.write(
            "taxable", Kind.STEP, sheet.net_wage + not_deductible + self._taxed_insurance(establishment)
        )
        sheet.write("net_before_tax", Kind.STEP, sheet.net_wage)
        _withhold(taxable, batch, sheet)
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        _reduce(gross, batch, establishment, sheet)
        return sheet

    def _health_insurance(self, establishment: Establishment, sheet: Sheet) -> int:
        if establishment.health_insurance:
            amount = np.full(1, establishment.health_insurance, dtype=np.int64)
            sheet.write("health_insurance.employer", Kind.CHARGE, amount, rule=sheet.rule("establishment"))
        return establishment.health_insurance

    @staticmethod
    def _taxed_insurance(establishment: Establishment) -> int:
        # The employer's part of complementary health insurance is taxable income (CGI, art. 83, 1° quater).
        return establishment.health_insurance


def _withhold(taxable: Cents, batch: Batch, sheet: Sheet) -> None:
    net = sheet.net_wage
    if batch.lead.tax_rate is TaxRate.PERSONAL:
        rule, rate = sheet.rule("tax_at_source.personal"), batch.situation.personal_rate
        code, base = "tax_at_source.personal", taxable
    else:
        cut = sheet.rule("tax_at_source.short_contract")
        rule, base = (
            sheet.rule("tax_at_source.neutral"),
            short_contract_base(taxable, batch.situation.is_short_contract, cut),
        )
        code, rate = "tax_at_source.neutral", neutral_rate(base, rule)
        sheet.remark("tax_at_source.short_contract", batch.situation.is_short_contract)
    sheet.write(
        code,
        Kind.DEDUCTION,
        -np.minimum(at_least(0, net), tax(base, rate)),
        base=base,
        rate=rate,
        rule=rule,
        is_always_shown=True,
    )


def _reduce(gross: Cents, batch: Batch, establishment: Establishment, sheet: Sheet) -> None:
    _reduce_rates(gross, batch, sheet)
    # Over the year: the coefficient of all pay so far against all minimum wages so far, less what was given.
    # Twelfths of a cent keep the fraction of a month: 12.02 x 1820 / 12 is 1 823.0333.
    minimum, earlier = sheet.rule("reduction.minimum_wage"), batch.earlier
    twelfths = mul_rate(minimum.amount("hour") * minimum.count("hours_per_year"), batch.time_month_millionths)
    sheet.write(
        "reduction.minimum_wage",
        Kind.STEP,
        div(twelfths, 12),
        base=twelfths,
        rule=minimum,
        is_always_shown=True,
    )
    rule, pay = sheet.rule("reduction.formula"), gross + earlier.gross_year
    found = coefficient(12 * pay, twelfths + earlier.minimum_wage_12ths_year, rule, establishment)
    sheet.write(
        "reduction",
        Kind.CHARGE,
        # Never more than the contributions that are due.
        -np.minimum(div(pay * found, COEFFICIENT_UNIT) - earlier.reduction_year, sheet.total(Kind.CHARGE)),
        base=pay,
        rate=found * 100,
        rule=rule,
        period="year",
    )


def _reduce_rates(gross: Cents, batch: Batch, sheet: Sheet) -> None:
    # Until 2025 the rates of health and family were lower for pay up to some minimum wages.
    for name in ("health", "family"):
        rule = sheet.find(f"reduction.{name}")
        if rule is None:
            continue
        month = rule.amount("hour") * rule.count("hours_per_year")
        limit = mul_rate(mul_rate(month, batch.time_month_millionths), rule.rate("minimum_wages"))
        granted = where(12 * gross <= limit, mul_rate(gross, rule.rate("rate")), 0)
        sheet.write(
            f"reduction.{name}",
            Kind.CHARGE,
            -granted,
            base=gross,
            rate=rule.rate("rate"),
            rule=rule,
            period="month",
        )

"""The German payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from payroll.domain.earlier import Counted
from payroll.domain.germany.situation import (
    NOTHING_EARLIER,
    Church,
    GermanEarlier,
    GermanSituation,
    Regime,
    counts_of,
    earlier_of,
)
from payroll.domain.germany.social import BRANCHES, Month, care_rate_of_worker, month_shares
from payroll.domain.germany.wage_tax import Rules, TaxFacts, class_number, wage_tax
from payroll.domain.integers import RATE_UNIT, Cents, Flags, Rounding, at_least, div_down, mul_rate, where
from payroll.domain.law import PayrollLaw
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large

LEVIES: Final = ("sickness_levy", "maternity_levy", "insolvency_levy", "accident_insurance")


@dataclass(frozen=True, slots=True)
class Germany:
    """The German engine over one state of the law.

    The chain of a payment: social insurance of the month less what earlier payments of it paid, wage tax,
    surcharge and church tax; then the levies of the employer.
    """

    law: PayrollLaw

    version = "de-1"
    situation_type = GermanSituation
    # Above the mini-job limit tax begins at once, on a single day's pay at the rate of a very large year.
    net_drop_max_cents = 45_000
    # Each branch's share is rounded anew with a further cent of a midi-job: the cost can be 3 cents less, and
    # is above what it was 4 cents later at the latest.
    cost_dip_cents = 4

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage. Raises WageTooLarge, ValueNotInForce."""
        return payslip_of(self.compute(self.batch([wage])), self.version)

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day and one regime, as columns."""
        return Batch.of(wages, nothing_earlier=NOTHING_EARLIER)

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind."""
        return counts_of(payslip, wage)

    def earlier(self, payments: Sequence[Counted], day: date) -> GermanEarlier:
        """The sums of the month that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """One cent above the mini-job limit the flat rates of the employer end, and the cost falls.

        In a part of a month its small ceilings bind where the midi-job ends, and the cost falls there too.
        """
        if wage.regime == Regime.SHORT_TERM:
            return ()
        before = wage.earlier.gross_month if isinstance(wage.earlier, GermanEarlier) else 0
        limits = self.law.rule("social.limits", wage.day)
        ends = [limits.amount("mini_job")]
        if not wage.time.is_full_month:
            ends.append(limits.amount("midi_job"))
        return tuple(end + 1 - before for end in ends if end >= before)

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """Where the cost falls: there a mini-job's pension ends, or small ceilings begin to bind."""
        return self.cost_jumps(wage)

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch. Raises WageTooLarge, ValueNotInForce."""
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        month = Month.of(gross + batch.earlier.gross_month, batch, sheet.rule("social.limits"))
        is_short = batch.regime == Regime.SHORT_TERM
        if not is_short:
            _write_shares(month, batch, sheet)
        is_mini = month.is_mini_job & (not is_short)
        _withhold(gross, is_mini, batch, sheet)
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        _charge_levies(gross, month.pay, is_mini, batch, sheet)
        sheet.remark("social.short_term", np.full_like(is_mini, is_short))
        return sheet


def _write_shares(month: Month, batch: Batch, sheet: Sheet) -> None:
    shares = month_shares(month, batch, sheet)
    for side, kind, paid in (
        ("worker", Kind.DEDUCTION, batch.earlier.worker_month),
        ("employer", Kind.CHARGE, batch.earlier.employer_month),
    ):
        dues = _less_what_was_paid([getattr(each, side) for each in shares], paid)
        for branch, due in zip(BRANCHES, dues, strict=True):
            signed = due if kind is Kind.CHARGE else -np.minimum(at_least(0, due), sheet.net_wage)
            sheet.write(
                f"{branch}.{side}",
                kind,
                signed,
                base=month.pay,
                rule=sheet.rule(f"social.{branch}"),
                period="month",
            )


def _less_what_was_paid(amounts: list[Cents], paid: Cents) -> list[Cents]:
    # Earlier payments of the month are taken off in proportion, the rest of a cent with the last branch.
    if not paid.any():
        return amounts
    whole = np.maximum(1, sum(amounts[1:], start=amounts[0]))
    parts = [div_down(paid * amount, whole) for amount in amounts[:-1]]
    parts.append(paid - sum(parts[1:], start=parts[0]))
    return [amount - part for amount, part in zip(amounts, parts, strict=True)]


def _withhold(gross: Cents, is_mini: Flags, batch: Batch, sheet: Sheet) -> None:
    found = wage_tax(
        gross, batch.time_parts, batch.time_parts_per_year, facts_of(batch, sheet), rules_of(sheet)
    )
    church = sheet.rule("wage_tax.church")
    rates = where(
        batch.situation.has("church", Church.EIGHT_PERCENT),
        church.rate("eight_percent"),
        where(batch.situation.has("church", Church.NINE_PERCENT), church.rate("nine_percent"), 0),
    )
    sheet.write("wage_tax.taxable", Kind.STEP, where(is_mini, 0, found.taxable), period="year")
    for code, amount, rule in (
        ("wage_tax", found.tax, sheet.rule("wage_tax.tariff")),
        ("wage_tax.solidarity", found.solidarity, sheet.rule("wage_tax.solidarity")),
        ("wage_tax.church", div_down(found.church_base * rates, RATE_UNIT), church),
    ):
        # The mini-job's tax is a flat one of the employer.
        due = np.minimum(where(is_mini, 0, amount), sheet.net_wage)
        sheet.write(
            code,
            Kind.DEDUCTION,
            -due,
            base=gross,
            rule=rule,
            rounding=Rounding.DOWN_CENT,
            is_always_shown=code == "wage_tax",
        )


def _charge_levies(gross: Cents, of_month: Cents, is_mini: Flags, batch: Batch, sheet: Sheet) -> None:
    ceiling = sheet.rule("social.pension").amount("ceiling")
    counted = at_least(0, np.minimum(of_month, ceiling) - np.minimum(batch.earlier.gross_month, ceiling))
    for name in LEVIES:
        rule = sheet.rule(f"employer.{name}")
        small = rule.rate("mini_job") if rule.has("mini_job") else rule.rate("rate")
        rate = where(is_mini, small, rule.rate("rate"))
        base = gross if name == "accident_insurance" else counted
        sheet.write(
            f"levy.{name}", Kind.CHARGE, mul_rate(base, rate), base=base, rate=rate, rule=rule, period="month"
        )
    flat = sheet.rule("social.mini_job")
    sheet.write(
        "levy.flat_tax",
        Kind.CHARGE,
        where(is_mini, mul_rate(gross, flat.rate("flat_tax")), 0),
        base=gross,
        rate=flat.rate("flat_tax"),
        rule=flat,
        period="month",
    )


def facts_of(batch: Batch, sheet: Sheet) -> TaxFacts:
    """The inputs of the flow chart from the situations of a batch."""
    situation = batch.situation
    nothing = np.zeros_like(situation.care_discounts)
    is_insured = np.full_like(situation.is_childless, batch.regime != Regime.SHORT_TERM)
    return TaxFacts(
        tax_class=class_number(situation.tax_class),
        child_allowance_halves=situation.child_allowance_halves,
        factor=situation.factor,
        fund_supplement=situation.fund_supplement,
        care_rate=care_rate_of_worker(batch, sheet),
        allowance=situation.yearly_allowance_euros * 100,
        is_private=~is_insured,
        private_premium=nothing,
        has_pension=is_insured,
        has_unemployment=is_insured,
    )


def rules_of(sheet: Sheet) -> Rules:
    """The parameters of the flow chart on the sheet's day. Raises ValueNotInForce."""
    names = ("tariff", "classes_5_6", "allowances", "provision", "solidarity")
    return Rules(*(sheet.rule(f"wage_tax.{name}") for name in names))

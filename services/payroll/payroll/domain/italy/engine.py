"""The Italian payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from payroll.domain.earlier import Counted
from payroll.domain.integers import Cents, at_least, div, mul_rate, where
from payroll.domain.italy.income_tax import (
    Items,
    Rules,
    by_share,
    credit_limits,
    items_of,
    surtax,
    surtax_credit,
)
from payroll.domain.italy.situation import (
    NOTHING_EARLIER,
    YEAR_MILLIONTHS,
    ItalianEarlier,
    ItalianSituation,
    Municipality,
    Regime,
    counts_of,
    earlier_of,
)
from payroll.domain.law import PayrollLaw
from payroll.domain.search import firsts_above
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large


@dataclass(frozen=True, slots=True)
class Italy:
    """The Italian engine over one state of the law.

    The chain of a payment: contributions, then the tax of the year so far less what was withheld. A fixed
    term is settled with each payment on what was really earned, surtaxes included; an open-ended contract is
    taxed as if the year went on like this, and owes its surtaxes in instalments of the next year.
    """

    law: PayrollLaw

    version = "it-1"
    situation_type = ItalianSituation
    # Credits end or fall at 25,000, 28,000 and 35,000; surtaxes begin at once where their exemption ends.
    net_drop_max_cents = 130_000
    cost_dip_cents = 0

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage. Raises WageTooLarge, ValueNotInForce."""
        return payslip_of(self.compute(self.batch([wage])), self.version)

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day, one kind of contract and one tax domicile, as columns."""
        return Batch.of(wages, nothing_earlier=NOTHING_EARLIER)

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind."""
        return counts_of(payslip, wage)

    def earlier(self, payments: Sequence[Counted], day: date) -> ItalianEarlier:
        """The sums of month and year that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """None: the cost of an Italian wage never falls as gross rises."""
        return ()

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """Where the income of the year passes a limit from which on a credit is given at once.

        Above 15,000 the credit for work rises by 1,145, above 20,000 another of 1,000 begins, some regions
        give back a part of their surtax above a limit of theirs.
        """
        batch = self.batch([replace(wage, gross=0)])

        def income(grosses: Cents) -> Cents:
            sheet = Sheet(self.law, wage.day)
            gross = sheet.write("gross", Kind.EARNING, grosses)
            _keep_contribution(gross, batch, sheet)
            return _year_of(sheet.net_wage, batch).counted

        sheet = Sheet(self.law, wage.day)
        other = int(batch.situation.other_income_euros[0]) * 100
        limits = [limit - other for limit in credit_limits(rules_of(sheet))]
        if wage.regime == Regime.FIXED_TERM:
            regional = sheet.rule(f"surtax.regional.{batch.lead.region}")
            limits += [regional.amount("credit_over")] if regional.has("credit") else []
        return firsts_above(income, limits, gross_max=wage.gross_max)

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch. Raises WageTooLarge, ValueNotInForce."""
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        _keep_contribution(gross, batch, sheet)
        taxable = sheet.write("taxable", Kind.STEP, sheet.net_wage)
        self._tax(taxable, batch, sheet)
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        _charge_employer(gross, batch, sheet)
        return sheet

    def _tax(self, taxable: Cents, batch: Batch, sheet: Sheet) -> None:
        earlier, is_fixed_term = batch.earlier, batch.regime == Regime.FIXED_TERM
        year = _year_of(taxable, batch)
        of_year, share = year.so_far, year.share
        income = year.counted + batch.situation.other_income_euros * 100
        whole_year = share if is_fixed_term else np.full_like(share, YEAR_MILLIONTHS)
        items = items_of(income, year.counted, whole_year, rules_of(sheet), is_fixed_term=is_fixed_term)
        scale = sheet.rule("irpef.scale")
        for code, amount, path in (
            ("irpef.gross", items.gross_tax, "irpef.scale"),
            ("irpef.work_credit", -items.work_credit, "irpef.work_credit"),
            ("irpef.further_credit", -items.further_credit, "irpef.wedge"),
        ):
            sheet.write(code, Kind.STEP, amount, base=income, rule=sheet.rule(path), period="year")
        due = items.net_tax if is_fixed_term else by_share(items.net_tax, share)
        withheld = np.minimum(due - earlier.tax_year, sheet.net_wage)
        sheet.write(
            "irpef", Kind.DEDUCTION, -withheld, base=of_year, rule=scale, period="year", is_always_shown=True
        )
        if is_fixed_term:
            self._surtaxes(of_year, items, batch, sheet)
        self._pay_out(items, share, is_fixed_term, batch, sheet)

    def _surtaxes(self, of_year: Cents, items: Items, batch: Batch, sheet: Sheet) -> None:
        # All at once at the end of the contract, and only of who owes income tax.
        regional = sheet.rule(f"surtax.regional.{batch.lead.region}")
        due = at_least(0, surtax(of_year, regional) - surtax_credit(of_year, regional))
        dues = [("surtax.regional", due, regional, batch.earlier.regional_year)]
        if batch.lead.municipality is not Municipality.OTHER:
            municipal = sheet.rule(f"surtax.municipal.{batch.lead.municipality}")
            dues.append(
                ("surtax.municipal", surtax(of_year, municipal), municipal, batch.earlier.municipal_year)
            )
        for code, amount, rule, before in dues:
            owed = where(items.net_tax > 0, amount, 0) - before
            sheet.write(
                code,
                Kind.DEDUCTION,
                -np.minimum(owed, sheet.net_wage),
                base=of_year,
                rule=rule,
                period="year",
            )
        sheet.remark(
            "surtax.municipal",
            np.full_like(of_year, batch.lead.municipality is Municipality.OTHER, dtype=np.bool_),
        )

    @staticmethod
    def _pay_out(items: Items, share: Cents, is_fixed_term: bool, batch: Batch, sheet: Sheet) -> None:
        # Paid with the wage and taken back from the treasury: neither wage nor cost.
        for code, amount, before, path in (
            ("free_sum", items.free_sum, batch.earlier.free_sum_year, "irpef.wedge"),
            ("bonus", items.bonus, batch.earlier.bonus_year, "irpef.bonus"),
        ):
            due = amount if is_fixed_term else by_share(amount, share)
            granted = where(batch.situation.waives_bonus, 0, due - before)
            sheet.write(code, Kind.SETTLEMENT, granted, rule=sheet.rule(path), period="year")


@dataclass(frozen=True, slots=True)
class _Year:
    """The taxable pay of the year so far, the worked share of it, and the income that its tax counts."""

    so_far: Cents
    share: Cents
    counted: Cents


def _year_of(taxable: Cents, batch: Batch) -> _Year:
    # A fixed term counts what was really earned; an open-ended contract goes on like this.
    earlier = batch.earlier
    share = np.minimum(YEAR_MILLIONTHS, earlier.time_year_millionths + batch.time_month_millionths)
    so_far = taxable + earlier.taxable_year
    if batch.regime == Regime.FIXED_TERM:
        return _Year(so_far, share, so_far)
    return _Year(so_far, share, div(so_far * (YEAR_MILLIONTHS // 100), at_least(1, share // 100)))


def _keep_contribution(gross: Cents, batch: Batch, sheet: Sheet) -> None:
    rule, earlier = sheet.rule("inps.worker"), batch.earlier
    left = at_least(0, rule.amount("year_ceiling") - earlier.gross_year)
    base = np.minimum(gross, left)
    sheet.write(
        "inps.worker",
        Kind.DEDUCTION,
        -mul_rate(base, rule.rate("rate")),
        base=base,
        rate=rule.rate("rate"),
        rule=rule,
        is_always_shown=True,
    )
    threshold = rule.amount("more_over_month")
    over = at_least(0, gross + earlier.gross_month - threshold) - at_least(0, earlier.gross_month - threshold)
    above = np.minimum(over, left)
    sheet.write(
        "inps.worker_more",
        Kind.DEDUCTION,
        -mul_rate(above, rule.rate("more")),
        base=above,
        rate=rule.rate("more"),
        rule=rule,
        period="month",
    )


def _charge_employer(gross: Cents, batch: Batch, sheet: Sheet) -> None:
    ceiling = sheet.rule("inps.worker").amount("year_ceiling")
    base = np.minimum(gross, at_least(0, ceiling - batch.earlier.gross_year))
    codes = ["inps.employer", "inps.accidents"]
    if batch.regime == Regime.FIXED_TERM:
        codes.insert(1, "inps.fixed_term")
    for code in codes:
        rule = sheet.rule(code)
        of = gross if code == "inps.accidents" else base
        sheet.write(
            code, Kind.CHARGE, mul_rate(of, rule.rate("rate")), base=of, rate=rule.rate("rate"), rule=rule
        )
    rule = sheet.rule("severance")
    accrued = div(gross * 1_000, int(rule.decimal("divisor") * 1_000)) - mul_rate(gross, rule.rate("less"))
    sheet.write("severance", Kind.CHARGE, accrued, base=gross, rule=rule)


def rules_of(sheet: Sheet) -> Rules:
    """The parameters of the tax on the sheet's day. Raises ValueNotInForce."""
    names = ("scale", "work_credit", "wedge", "bonus")
    return Rules(*(sheet.rule(f"irpef.{name}") for name in names))

"""The Swedish payslip, step by step, for one wage or for all wages of a day at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np

from payroll.domain.earlier import Counted
from payroll.domain.integers import RATE_UNIT, Cents, Rounding, at_least, down_to_multiple, where
from payroll.domain.law import PayrollLaw, Rule
from payroll.domain.sheet import Kind, Payslip, Sheet, payslip_of
from payroll.domain.sweden.formula import yearly_tax
from payroll.domain.sweden.situation import (
    NOTHING_EARLIER,
    SwedishEarlier,
    SwedishSituation,
    TaxBasis,
    TaxColumn,
    counts_of,
    earlier_of,
)
from payroll.domain.sweden.table import TaxTables
from payroll.domain.wage import Batch, Wage, refuse_what_is_too_large

KRONA: Final = 100  # minor units
TABLE_FIELDS: Final = ("table", "from", "to", "c1", "c2", "c3", "c4", "c5", "c6")


@dataclass(frozen=True, slots=True)
class Sweden:
    """The Swedish engine over one state of the law.

    The chain of a payment: preliminary tax of the month by the official table, less what earlier payments of
    the month withheld; then the employer's contributions. The worker pays no contribution of the own.
    """

    law: PayrollLaw
    _tables: dict[str, TaxTables] = field(default_factory=dict, repr=False, compare=False)

    version = "se-1"
    situation_type = SwedishSituation
    # A band of the table is 200 kronor wide: at its end the tax rises at once, at 2,001 kronor by 150.
    net_drop_max_cents = 200 * KRONA
    cost_dip_cents = 0

    def payslip(self, wage: Wage) -> Payslip:
        """The payslip of one wage. Raises WageTooLarge, TaxTableUnknown, ValueNotInForce."""
        return payslip_of(self.compute(self.batch([wage])), self.version)

    def batch(self, wages: Sequence[Wage]) -> Batch:
        """Wages of one day and one way of withholding, as columns."""
        return Batch.of(wages, nothing_earlier=NOTHING_EARLIER)

    def counts(self, payslip: Payslip, wage: Wage) -> Mapping[str, int]:
        """What a payslip leaves behind."""
        return counts_of(payslip, wage)

    def earlier(self, payments: Sequence[Counted], day: date) -> SwedishEarlier:
        """The sums of the month that bind a payment on a day."""
        return earlier_of(payments, day)

    def cost_jumps(self, wage: Wage) -> Sequence[int]:
        """None: the cost of a Swedish wage never falls as gross rises."""
        return ()

    def net_rises(self, wage: Wage) -> Sequence[int]:
        """None: the table only ever takes more where it steps."""
        return ()

    def compute(self, batch: Batch) -> Sheet:
        """The lines of every wage of a batch. Raises WageTooLarge, TaxTableUnknown, ValueNotInForce."""
        refuse_what_is_too_large(batch)
        sheet = Sheet(self.law, batch.day)
        gross = sheet.write("gross", Kind.EARNING, batch.gross, is_always_shown=True)
        if batch.lead.tax_basis is TaxBasis.TABLE:
            self._withhold_by_table(gross, batch, sheet)
        else:
            _withhold_side_income(gross, sheet)
        sheet.write("settlement.expenses", Kind.SETTLEMENT, batch.expense_reimbursement)
        _charge_contributions(gross, batch, sheet)
        return sheet

    def month_tax(self, pay: Cents, table: Cents, column: Cents, sheet: Sheet) -> Cents:
        """The tax of a month's pay by the official table, in kronor, as is the pay.

        Above the last band of the tables the formula stands in: an approximation that the payslip names.
        """
        tables = self._read_tables(sheet.rule("withholding.tables"))
        tax = tables.tax(pay, table, column)
        is_above = pay > tables.pay_max
        if np.any(is_above):
            rule = sheet.rule("withholding.formula")
            at_the_end = np.full_like(pay, tables.pay_max)
            further = _by_formula(pay, table, column, rule) - _by_formula(at_the_end, table, column, rule)
            tax = where(is_above, tax + at_least(0, further), tax)
        sheet.remark("withholding.above_tables", is_above)
        return tax

    def _withhold_by_table(self, gross: Cents, batch: Batch, sheet: Sheet) -> None:
        situation, earlier = batch.situation, batch.earlier
        of_month = gross + earlier.gross_month
        tax = self.month_tax(of_month // KRONA, situation.tax_table, situation.tax_column, sheet) * KRONA
        sheet.write(
            "withholding",
            Kind.DEDUCTION,
            -np.minimum(gross, at_least(0, tax - earlier.tax_month)),
            base=of_month,
            rule=sheet.rule("withholding.tables"),
            period="month",
            rounding=Rounding.DOWN_UNIT,
            is_always_shown=True,
        )

    def _read_tables(self, rule: Rule) -> TaxTables:
        name = rule.text("file")
        if name not in self._tables:
            self._tables[name] = TaxTables.of(self.law.country.table(name, TABLE_FIELDS))
        return self._tables[name]


def _by_formula(pay: Cents, table: Cents, column: Cents, rule: Rule) -> Cents:
    columns = list(TaxColumn)
    is_work = np.equal(column, columns.index(TaxColumn.WORK_UNDER_66))
    has_fee = is_work | np.equal(column, columns.index(TaxColumn.OTHER_PENSIONABLE_BENEFIT))
    return yearly_tax(pay, table, has_job_credit=is_work, has_pension_fee=has_fee, rule=rule).of_month


def _withhold_side_income(gross: Cents, sheet: Sheet) -> None:
    rule = sheet.rule("withholding.side_income")
    sheet.write(
        "withholding.side",
        Kind.DEDUCTION,
        -down_to_multiple(gross * rule.rate("rate") // RATE_UNIT, KRONA),
        base=gross,
        rate=rule.rate("rate"),
        rule=rule,
        rounding=Rounding.DOWN_UNIT,
        is_always_shown=True,
    )


def _charge_contributions(gross: Cents, batch: Batch, sheet: Sheet) -> None:
    earlier = batch.earlier
    of_month = gross + earlier.gross_month
    fee = month_fee(of_month, batch.situation.age_at_year_start, sheet)
    sheet.write(
        "employer.contributions",
        Kind.CHARGE,
        at_least(0, fee - earlier.fee_month),
        base=of_month,
        rate=sheet.rule("employer.contributions").rate("rate"),
        rule=sheet.rule("employer.contributions"),
        period="month",
        rounding=Rounding.DOWN_UNIT,
        is_always_shown=True,
    )


def month_fee(of_month: Cents, age: Cents, sheet: Sheet) -> Cents:
    """The employer's contributions on a month's pay, in ören, cut to the krona as they are declared.

    From the year after 67 the old-age contribution alone, for the oldest nothing; for the young a lower rate
    on a first part of the pay, while that relief lasts.
    """
    rule = sheet.rule("employer.contributions")
    full = of_month * rule.rate("rate")
    ages = sheet.rule("employer.ages")
    full = where(age >= ages.count("old_age_only_from"), of_month * rule.rate("old_age"), full)
    full = where(age >= ages.count("nothing_from"), 0, full)
    youth = sheet.find("employer.youth")
    if youth is not None:
        is_young = (age >= youth.count("from_age")) & (age <= youth.count("to_age"))
        relieved = np.minimum(of_month, youth.amount("up_to"))
        lower = relieved * youth.rate("rate") + (of_month - relieved) * rule.rate("rate")
        full = where(is_young, lower, full)
    return down_to_multiple(full // RATE_UNIT, KRONA)

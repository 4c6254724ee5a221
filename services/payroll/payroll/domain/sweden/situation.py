"""What Swedish payroll asks of a worker, and what earlier payments leave to the next one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from commons.period import Month
from payroll.domain.earlier import Counted, total_of
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Situation, Wage, whole


class Regime(StrEnum):
    """The kind of employment."""

    EMPLOYEE = "employee"


class TaxBasis(StrEnum):
    """How preliminary tax is withheld: by table where this is the main employer, else a flat rate."""

    SIDE_INCOME = "side_income"
    TABLE = "table"


class TaxColumn(StrEnum):
    """The column of the table, in their order: what kind of income it is and of whom."""

    WORK_UNDER_66 = "work_under_66"
    PENSION_66_PLUS = "pension_66_plus"
    WORK_66_PLUS = "work_66_plus"
    SICKNESS_BENEFIT = "sickness_benefit"
    OTHER_PENSIONABLE_BENEFIT = "other_pensionable_benefit"
    PENSION_UNDER_66 = "pension_under_66"


@dataclass(frozen=True, slots=True)
class SwedishSituation(Situation):
    """The tax decision of the worker, and the age at the start of the year.

    Without a decision the income is taken as side income, as the law does.
    """

    tax_basis: TaxBasis = TaxBasis.SIDE_INCOME
    tax_table: int = whole(32, least=29, most=42)
    tax_column: TaxColumn = TaxColumn.WORK_UNDER_66
    age_at_year_start: int = whole(40, least=13, most=120)

    @property
    def group(self) -> tuple[Hashable, ...]:
        """The way of withholding chooses the rules."""
        return (self.tax_basis,)


@dataclass(frozen=True, slots=True)
class SwedishEarlier(Earlier):
    """What earlier payments of the month counted, in ören: table, fee and its ceiling are of the month."""

    gross_month: int = 0
    tax_month: int = 0
    fee_month: int = 0


ORDINARY: Final = SwedishSituation()
NOTHING_EARLIER: Final = SwedishEarlier()


def counts_of(payslip: Payslip, wage: Wage) -> Mapping[str, int]:
    """What a payslip counted."""
    return {
        "gross": payslip.gross_wage.minor,
        "tax": -(payslip.amount("withholding") + payslip.amount("withholding.side")).minor,
        "fee": payslip.amount("employer.contributions").minor,
    }


def earlier_of(payments: Sequence[Counted], day: date) -> SwedishEarlier:
    """The sums of the month of a payment, over payments of the same employer to the same worker."""
    month = [payment for payment in payments if Month.of(payment.day) == Month.of(day)]
    return SwedishEarlier(
        gross_month=total_of("gross", month),
        tax_month=total_of("tax", month),
        fee_month=total_of("fee", month),
    )

"""What German payroll asks of a worker, and what earlier payments leave to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from commons.period import Month
from payroll.domain.earlier import Counted, total_of
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Situation, Wage, whole


class Regime(StrEnum):
    """The kind of employment; one of at most three months or 70 days a year owes no contributions."""

    EMPLOYEE = "employee"
    SHORT_TERM = "short_term"


class TaxClass(StrEnum):
    """The class of the electronic tax data (ELStAM); without them the sixth holds (EStG, par. 39c)."""

    I = "1"  # noqa: E741 (its name in the law)
    II = "2"
    III = "3"
    IV = "4"
    V = "5"
    VI = "6"


class Church(StrEnum):
    """Whether church tax is withheld, and at which of the two rates."""

    NONE = "none"
    EIGHT_PERCENT = "eight_percent"
    NINE_PERCENT = "nine_percent"


@dataclass(frozen=True, slots=True)
class GermanSituation(Situation):
    """The electronic tax data and the health fund of the worker.

    `child_allowance_halves` counts half allowances; `factor` is that of class IV; `fund_supplement` the full
    supplement of the health fund; `care_discounts` counts the second to fifth child under 25.
    """

    tax_class: TaxClass = TaxClass.VI
    child_allowance_halves: int = 0
    factor: Decimal = Decimal(1)
    church: Church = Church.NONE
    yearly_allowance_euros: int = whole(0, most=1_000_000)
    fund_supplement: Decimal = Decimal("0.029")
    is_childless: bool = True
    care_discounts: int = whole(0, most=4)
    works_in_saxony: bool = False
    is_exempt_from_pension: bool = False


@dataclass(frozen=True, slots=True)
class GermanEarlier(Earlier):
    """What earlier payments of the month counted, in cents: limits and ceilings are of the month."""

    gross_month: int = 0
    worker_month: int = 0
    employer_month: int = 0
    time_month_millionths: int = 0


NOTHING_EARLIER: Final = GermanEarlier()


def counts_of(payslip: Payslip, wage: Wage) -> Mapping[str, int]:
    """What a payslip counted."""
    worker = sum(line.amount.minor for line in payslip.lines if line.code.endswith(".worker"))
    employer = sum(line.amount.minor for line in payslip.lines if line.code.endswith(".employer"))
    return {
        "gross": payslip.gross_wage.minor,
        "worker": -worker,
        "employer": employer,
        "time_millionths": wage.time.month_millionths,
    }


def earlier_of(payments: Sequence[Counted], day: date) -> GermanEarlier:
    """The sums of the month of a payment, over payments of the same employer to the same worker."""
    month = [payment for payment in payments if Month.of(payment.day) == Month.of(day)]
    return GermanEarlier(
        gross_month=total_of("gross", month),
        worker_month=total_of("worker", month),
        employer_month=total_of("employer", month),
        time_month_millionths=min(1_000_000, total_of("time_millionths", month)),
    )

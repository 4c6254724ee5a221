"""What a payslip leaves behind for the next one of the same month, quarter or year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from commons.period import Month, Quarter
from payroll.domain.integers import RATE_UNIT
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Wage


@dataclass(frozen=True, slots=True)
class Counted:
    """What one payment counted, in cents and millionths of a month; `day` is the last of its pay period."""

    day: date
    gross: int
    base: int
    time_millionths: int
    bonus_a: int
    bonus_b: int
    special_contribution: int


def counted(payslip: Payslip, wage: Wage) -> Counted:
    """What a payslip counted. Its base is the gross where the law adds nothing to it."""
    return Counted(
        day=payslip.day,
        gross=payslip.gross_wage.minor,
        base=payslip.amount("onss.base").minor or payslip.gross_wage.minor,
        time_millionths=wage.time.month_millionths,
        bonus_a=payslip.amount("work_bonus.a").minor,
        bonus_b=payslip.amount("work_bonus.b").minor,
        special_contribution=-payslip.amount("special_contribution").minor,
    )


def earlier_of(payments: Sequence[Counted], day: date) -> Earlier:
    """The sums that bind a payment on a day, over payments of the same employer to the same worker."""
    month = [payment for payment in payments if Month.of(payment.day) == Month.of(day)]
    quarter = [payment for payment in payments if Quarter.of(payment.day) == Quarter.of(day)]
    year = [payment for payment in payments if payment.day.year == day.year]
    return Earlier(
        gross_month=sum(payment.gross for payment in month),
        base_month=sum(payment.base for payment in month),
        time_month_millionths=min(RATE_UNIT, sum(payment.time_millionths for payment in month)),
        bonus_a_month=sum(payment.bonus_a for payment in month),
        bonus_b_month=sum(payment.bonus_b for payment in month),
        special_contribution_month=sum(payment.special_contribution for payment in month),
        base_quarter=sum(payment.base for payment in quarter),
        bonus_year=sum(payment.bonus_a + payment.bonus_b for payment in year),
    )

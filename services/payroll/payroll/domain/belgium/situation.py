"""What Belgian payroll asks of a worker, and what earlier payments leave to the next one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from commons.period import Month, Quarter
from payroll.domain.earlier import Counted, total_of
from payroll.domain.errors import FamilySituationContradicts
from payroll.domain.integers import RATE_UNIT
from payroll.domain.sheet import Payslip
from payroll.domain.wage import Earlier, Situation, Wage


class Status(StrEnum):
    """How social law sees the worker.

    An artist of article 1bis works without authority, and so without an employment contract, and is insured
    as an employee is. Whoever does amateur arts gets an allowance, which is no wage.
    """

    WHITE_COLLAR = "white_collar"
    MANUAL_WORKER = "manual_worker"
    ARTIST = "artist"
    ARTIST_1BIS = "artist_1bis"
    AMATEUR_ARTS = "amateur_arts"


class Spouse(StrEnum):
    """Whether there is a spouse (or legal cohabitant), and what the spouse earns."""

    NONE = "none"
    OWN_INCOME = "own_income"
    WITHOUT_INCOME = "without_income"
    LOW_INCOME = "low_income"
    PENSION = "pension"


@dataclass(frozen=True, slots=True)
class BelgianSituation(Situation):
    """The household as tax law sees it, and what an artist has.

    `has_flat_withholding` says that the condition on person and employer for the flat rate of artists holds,
    `has_arts_work_certificate` that the person holds or held the certificate that article 1bis asks for.
    """

    spouse: Spouse = Spouse.NONE
    children: int = 0
    is_single_parent: bool = False
    has_flat_withholding: bool = False
    has_arts_work_certificate: bool = False

    def check(self) -> None:
        """The reduction of a single parent needs a child and no spouse. Raises FamilySituationContradicts."""
        if self.is_single_parent and (self.spouse is not Spouse.NONE or self.children == 0):
            raise FamilySituationContradicts()

    @property
    def group(self) -> tuple[Hashable, ...]:
        """The way of withholding chooses the rules."""
        return (self.has_flat_withholding,)


@dataclass(frozen=True, slots=True)
class BelgianEarlier(Earlier):
    """What earlier payments already counted, in cents.

    The month binds work bonus and special contribution, the quarter the ceiling of the employer's
    contributions, the year the cap of the work bonus. A base is gross pay, at 108 % where the law says so.
    What begins with `principal` is of the year and counts the allowances of all who work for one principal.
    """

    gross_month: int = 0
    base_month: int = 0
    time_month_millionths: int = 0
    bonus_a_month: int = 0
    bonus_b_month: int = 0
    special_contribution_month: int = 0
    base_quarter: int = 0
    bonus_year: int = 0
    principal_paid_year: int = 0
    principal_contribution_year: int = 0
    principal_days_year: int = 0


ORDINARY: Final = BelgianSituation()
NOTHING_EARLIER: Final = BelgianEarlier()


def counts_of(payslip: Payslip, wage: Wage) -> Mapping[str, int]:
    """What a payslip counted, in cents and millionths of a month; its base is the gross or 108 % of it.

    An allowance is no wage: it counts nothing of a wage, and a wage nothing of an allowance. Contributions
    count a year-end premium, the work bonus does not.
    """
    if wage.regime == Status.AMATEUR_ARTS:
        return {
            "allowance": payslip.gross_wage.minor,
            "allowance_contribution": payslip.amount("allowance.contribution").minor,
            "allowance_days": wage.time.parts,
        }
    return {
        "gross": payslip.amount("gross").minor,
        "base": _base(payslip, "gross", "onss.base")
        + _base(payslip, "year_end_premium", "year_end_premium.base"),
        "time_millionths": wage.time.month_millionths,
        "bonus_a": payslip.amount("work_bonus.a").minor,
        "bonus_b": payslip.amount("work_bonus.b").minor,
        "special_contribution": -payslip.amount("special_contribution").minor,
    }


def _base(payslip: Payslip, pay: str, base: str) -> int:
    return payslip.amount(base).minor or payslip.amount(pay).minor


def earlier_of(payments: Sequence[Counted], day: date) -> BelgianEarlier:
    """The sums that bind a payment on a day, over payments of the same employer to the same worker.

    Among them may be payments to others for the same principal: their counts are named `principal.…`.
    """
    month = [payment for payment in payments if Month.of(payment.day) == Month.of(day)]
    quarter = [payment for payment in payments if Quarter.of(payment.day) == Quarter.of(day)]
    year = [payment for payment in payments if payment.day.year == day.year]
    return BelgianEarlier(
        gross_month=total_of("gross", month),
        base_month=total_of("base", month),
        time_month_millionths=min(RATE_UNIT, total_of("time_millionths", month)),
        bonus_a_month=total_of("bonus_a", month),
        bonus_b_month=total_of("bonus_b", month),
        special_contribution_month=total_of("special_contribution", month),
        base_quarter=total_of("base", quarter),
        bonus_year=total_of("bonus_a", year) + total_of("bonus_b", year),
        principal_paid_year=total_of("principal.allowance", year),
        principal_contribution_year=total_of("principal.allowance_contribution", year),
        principal_days_year=total_of("principal.allowance_days", year),
    )

"""What a wage is computed from: the person's situation, the time worked, the amounts, what came before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum

import numpy as np

from payroll.domain.integers import Cents, Flags, column


class Status(StrEnum):
    """How social law sees the worker."""

    WHITE_COLLAR = "white_collar"
    MANUAL_WORKER = "manual_worker"
    ARTIST = "artist"


class Spouse(StrEnum):
    """Whether there is a spouse (or legal cohabitant), and what the spouse earns."""

    NONE = "none"
    OWN_INCOME = "own_income"
    WITHOUT_INCOME = "without_income"
    LOW_INCOME = "low_income"
    PENSION = "pension"


SPOUSES: tuple[Spouse, ...] = tuple(Spouse)


@dataclass(frozen=True, slots=True)
class Situation:
    """The worker's situation on the day of payment, as the payroll profile tells it.

    `has_flat_withholding` says that the condition on person and employer for the flat rate of artists holds.
    """

    status: Status = Status.WHITE_COLLAR
    spouse: Spouse = Spouse.NONE
    children: int = 0
    is_single_parent: bool = False
    has_flat_withholding: bool = False


@dataclass(frozen=True, slots=True)
class WorkTime:
    """The time a payment covers: `parts` of what a full-time year has `parts_per_year` of.

    A month is 1 of 12; three days are 3 of 260; a payment never counts as more than a month.
    """

    parts: int
    parts_per_year: int

    def __post_init__(self) -> None:
        assert 0 < self.parts <= self.parts_per_year, "a payment covers some of a year"

    @property
    def month_millionths(self) -> int:
        """The share of a full month, in millionths, at most one month."""
        return min(
            1_000_000, (12 * self.parts * 1_000_000 * 2 + self.parts_per_year) // (2 * self.parts_per_year)
        )

    @property
    def is_full_month(self) -> bool:
        """Whether it counts as a whole month of full-time work."""
        return 12 * self.parts >= self.parts_per_year


FULL_MONTH = WorkTime(1, 12)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier payments of the same employer to the same worker already counted, in cents.

    The month binds work bonus and special contribution, the quarter the ceiling of the employer's
    contributions, the year the cap of the work bonus. A base is gross pay, at 108 % where the law says so.
    """

    gross_month: int = 0
    base_month: int = 0
    time_month_millionths: int = 0
    bonus_a_month: int = 0
    bonus_b_month: int = 0
    special_contribution_month: int = 0
    base_quarter: int = 0
    bonus_year: int = 0


NOTHING_EARLIER = Earlier()
ORDINARY = Situation()


@dataclass(frozen=True, slots=True)
class Wage:
    """One payment of wage to be computed; amounts in cents."""

    gross: int
    day: date
    situation: Situation = ORDINARY
    time: WorkTime = FULL_MONTH
    benefits_in_kind: int = 0
    commuting_exemption: int = 0
    meal_voucher_deduction: int = 0
    expense_reimbursement: int = 0
    earlier: Earlier = NOTHING_EARLIER


@dataclass(frozen=True, slots=True)
class EarlierColumns:
    """`Earlier` as columns."""

    gross_month: Cents
    base_month: Cents
    time_month_millionths: Cents
    bonus_a_month: Cents
    bonus_b_month: Cents
    special_contribution_month: Cents
    base_quarter: Cents
    bonus_year: Cents


@dataclass(frozen=True, slots=True)
class Batch:
    """Wages of one day, one status and one way of withholding, as columns: one rule call computes them all.

    A column of length one stands for every row, so a situation can be tried on many grosses at once.
    """

    day: date
    status: Status
    has_flat_withholding: bool
    gross: Cents
    spouse: Cents
    children: Cents
    is_single_parent: Cents
    time_parts: Cents
    time_parts_per_year: Cents
    time_month_millionths: Cents
    benefits_in_kind: Cents
    commuting_exemption: Cents
    meal_voucher_deduction: Cents
    expense_reimbursement: Cents
    earlier: EarlierColumns = field(repr=False)

    @classmethod
    def of(cls, wages: Sequence[Wage]) -> Batch:
        """A batch of wages that share day, status and way of withholding."""
        first = wages[0]
        assert all(
            wage.day == first.day
            and wage.situation.status is first.situation.status
            and wage.situation.has_flat_withholding == first.situation.has_flat_withholding
            for wage in wages
        ), "a batch is of one day, one status and one way of withholding"
        return cls(
            day=first.day,
            status=first.situation.status,
            has_flat_withholding=first.situation.has_flat_withholding,
            gross=column(*(wage.gross for wage in wages)),
            spouse=column(*(SPOUSES.index(wage.situation.spouse) for wage in wages)),
            children=column(*(wage.situation.children for wage in wages)),
            is_single_parent=column(*(int(wage.situation.is_single_parent) for wage in wages)),
            time_parts=column(*(1 if wage.time.is_full_month else wage.time.parts for wage in wages)),
            time_parts_per_year=column(
                *(12 if wage.time.is_full_month else wage.time.parts_per_year for wage in wages)
            ),
            time_month_millionths=column(*(wage.time.month_millionths for wage in wages)),
            benefits_in_kind=column(*(wage.benefits_in_kind for wage in wages)),
            commuting_exemption=column(*(wage.commuting_exemption for wage in wages)),
            meal_voucher_deduction=column(*(wage.meal_voucher_deduction for wage in wages)),
            expense_reimbursement=column(*(wage.expense_reimbursement for wage in wages)),
            earlier=EarlierColumns(
                **{
                    item.name: column(*(getattr(wage.earlier, item.name) for wage in wages))
                    for item in fields(EarlierColumns)
                }
            ),
        )

    def has_spouse(self, spouse: Spouse) -> Flags:
        """In which rows the spouse is of that kind."""
        return np.equal(self.spouse, SPOUSES.index(spouse))

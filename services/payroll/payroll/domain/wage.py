"""What a wage is computed from: the person's situation, the time worked, the amounts, what came before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from payroll.domain.errors import WageTooLarge
from payroll.domain.integers import ANNUAL_CENTS_MAX, CENTS_MAX, Cents, Flags, column, millionths

WHOLE_MAX: Final = 30  # of people; a field of another size says so by `whole`


def whole(default: int, *, least: int = 0, most: int) -> int:
    """A whole number of a situation with bounds of its own, where it does not count people."""
    bounded: int = field(default=default, metadata={"least": least, "most": most})
    return bounded


@dataclass(frozen=True, slots=True)
class Situation:
    """The worker's situation on the day of payment; each country's engine declares its own fields.

    The fields are choices (`StrEnum`), whole numbers, yes or no, and rates (`Decimal`), each with the value
    that the law takes where nothing was told.
    """

    def check(self) -> None:
        """Refuse a situation that cannot be. Raises SituationContradicts, or a refusal of the country's."""

    @property
    def group(self) -> tuple[Hashable, ...]:
        """What chooses rules, and not figures: the wages of one batch have it in common, and their regime."""
        return ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier payments of the same employer to the same worker already counted, in minor units.

    Each country's engine declares its own sums: of the month, the quarter, the year.
    """


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


FULL_MONTH: Final = WorkTime(1, 12)


@dataclass(frozen=True, slots=True)
class Wage:
    """One payment of wage to be computed; amounts in minor units.

    `regime` is the contract's, by the country's own names: how its social law sees the worker. `earlier` is
    missing where nothing was paid before. `year_end_premium` is paid besides the gross, where the country's
    engine has lines for it.
    """

    gross: int
    day: date
    regime: str
    situation: Situation
    time: WorkTime = FULL_MONTH
    benefits_in_kind: int = 0
    commuting_exemption: int = 0
    meal_voucher_deduction: int = 0
    expense_reimbursement: int = 0
    year_end_premium: int = 0
    earlier: Earlier | None = None

    @property
    def gross_max(self) -> int:
        """The largest gross that can be computed exactly for this time, in minor units."""
        parts, parts_per_year = (
            (1, 12) if self.time.is_full_month else (self.time.parts, self.time.parts_per_year)
        )
        return min(CENTS_MAX, ANNUAL_CENTS_MAX * parts // parts_per_year)


class Columns:
    """The fields of many values of one class, each as a column under its own name.

    A choice is the place of its member in the class, a rate is millionths, yes and no are flags.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self.type = type(values[0])
        self._columns = {
            item.name: _column([getattr(value, item.name) for value in values]) for item in fields(self.type)
        }

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_columns"][name]
        except KeyError:
            raise AttributeError(name) from None

    def each(self, change: Callable[[str, npt.NDArray[Any]], npt.NDArray[Any]]) -> Columns:
        """The same columns, each changed."""
        changed = copy(self)
        changed._columns = {name: change(name, values) for name, values in self._columns.items()}
        return changed

    def has(self, name: str, member: StrEnum) -> Flags:
        """In which rows a choice is that member."""
        is_member: Flags = np.equal(self._columns[name], list(type(member)).index(member))
        return is_member


@dataclass(frozen=True, slots=True)
class Batch:
    """Wages of one day, regime and group, as columns: one rule call computes them all.

    A column of length one stands for every row, so a situation can be tried on many grosses at once. `lead`
    is the situation of the first row; what its `group` names holds for all. `earlier` is missing where no row
    has anything earlier.
    """

    day: date
    regime: str
    lead: Any
    gross: Cents
    situation: Columns = field(repr=False)
    time_parts: Cents
    time_parts_per_year: Cents
    time_month_millionths: Cents
    benefits_in_kind: Cents
    commuting_exemption: Cents
    meal_voucher_deduction: Cents
    expense_reimbursement: Cents
    year_end_premium: Cents
    earlier: Columns = field(repr=False)

    @classmethod
    def of(cls, wages: Sequence[Wage], *, nothing_earlier: Earlier) -> Batch:
        """A batch of wages that share day, regime and group; `nothing_earlier` is the country's zero."""
        first = wages[0]
        assert all(
            wage.day == first.day
            and wage.regime == first.regime
            and type(wage.situation) is type(first.situation)
            and wage.situation.group == first.situation.group
            for wage in wages
        ), "a batch is of one day, one regime and one group"
        return cls(
            day=first.day,
            regime=first.regime,
            lead=first.situation,
            gross=column(*(wage.gross for wage in wages)),
            situation=Columns([wage.situation for wage in wages]),
            time_parts=column(*(1 if wage.time.is_full_month else wage.time.parts for wage in wages)),
            time_parts_per_year=column(
                *(12 if wage.time.is_full_month else wage.time.parts_per_year for wage in wages)
            ),
            time_month_millionths=column(*(wage.time.month_millionths for wage in wages)),
            benefits_in_kind=column(*(wage.benefits_in_kind for wage in wages)),
            commuting_exemption=column(*(wage.commuting_exemption for wage in wages)),
            meal_voucher_deduction=column(*(wage.meal_voucher_deduction for wage in wages)),
            expense_reimbursement=column(*(wage.expense_reimbursement for wage in wages)),
            year_end_premium=column(*(wage.year_end_premium for wage in wages)),
            earlier=Columns([wage.earlier or nothing_earlier for wage in wages]),
        )


def refuse_what_is_too_large(batch: Batch) -> None:
    """Refuse wages whose product with a rate could leave 64 bits. Raises WageTooLarge."""
    if np.any(np.maximum(batch.gross, batch.year_end_premium) > CENTS_MAX):
        raise WageTooLarge(gross_cents_max=CENTS_MAX)
    if np.any(batch.gross * batch.time_parts_per_year > ANNUAL_CENTS_MAX * batch.time_parts):
        raise WageTooLarge(gross_of_a_year_cents_max=ANNUAL_CENTS_MAX)


def _column(values: list[Any]) -> npt.NDArray[Any]:
    first = values[0]
    if isinstance(first, StrEnum):
        places = {member: place for place, member in enumerate(type(first))}
        return column(*(places[value] for value in values))
    if isinstance(first, bool):
        return np.array(values, dtype=np.bool_)
    if isinstance(first, Decimal):
        return column(*(millionths(value) for value in values))
    return column(*values)

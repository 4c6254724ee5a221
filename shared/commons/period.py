"""Spans of time as the law counts them: ranges of days, months and quarters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from commons.refusal import Refusal


class DatesReversed(Refusal):
    """The last day comes before the first."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `start` up to, but not including, `end`. Raises DatesReversed where end < start."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise DatesReversed(first=self.start, last=self.end)

    @classmethod
    def inclusive(cls, first: date, last: date) -> DateRange:
        """The days from the first to the last, both counted. Raises DatesReversed."""
        if last < first:
            raise DatesReversed(first=first, last=last)
        return cls(first, last + timedelta(days=1))

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    @property
    def day_count(self) -> int:
        """How many calendar days are inside."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlaps(self, other: DateRange) -> bool:
        """Whether the two share a day."""
        return self.start < other.end and other.start < self.end

    def days(self) -> Iterator[date]:
        """Every day inside, in order."""
        day = self.start
        while day < self.end:
            yield day
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month of a day."""
        return cls(day.year, day.month)

    @property
    def range(self) -> DateRange:
        """Its days."""
        return DateRange(date(self.year, self.month, 1), self.next().first)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    def next(self) -> Month:
        """The month after."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter, 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter of a day."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def range(self) -> DateRange:
        """Its days."""
        first = Month(self.year, 3 * self.number - 2)
        return DateRange(first.first, first.next().next().next().first)

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"

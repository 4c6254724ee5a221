"""Allowances that are no wage: so many days a year, so many in a row for one principal, so much a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from commons.money import Money
from payroll.domain.contract import ContractKind, Terms
from payroll.domain.errors import (
    AllowanceAboveMaximum,
    AllowanceDaysInARow,
    AllowanceDaysOfYear,
    AllowanceDayTaken,
    AllowanceNotByTheDay,
)
from payroll.domain.law import PayrollLaw, Rule


@dataclass(frozen=True, slots=True)
class AllowanceDay:
    """A day for which somebody gets an allowance from a principal."""

    day: date
    principal_id: UUID


@dataclass(frozen=True, slots=True)
class AllowanceLimits:
    """The limits of one regime on a day, with where they stand."""

    days_per_year_max: int
    consecutive_days_max: int
    day_max: Money
    of_days: Rule
    of_amount: Rule

    @classmethod
    def find(cls, regime: str, law: PayrollLaw, day: date) -> AllowanceLimits | None:
        """The limits of a regime; nothing where it is paid as a wage. Raises ValueNotInForce."""
        of_days = law.find(f"allowance.{regime}.limits", day)
        if of_days is None:
            return None
        of_amount = law.rule(f"allowance.{regime}.amount", day)
        return cls(
            of_days.count("days_per_year_max"),
            of_days.count("consecutive_days_max"),
            Money(of_amount.amount("day_max"), law.currency),
            of_days,
            of_amount,
        )

    def check_terms(self, terms: Terms) -> None:
        """Refuse terms that are no allowance. Raises AllowanceNotByTheDay, AllowanceAboveMaximum."""
        self.check_span(terms)
        self.check_amount(terms.wage, days=1)

    def check_span(self, terms: Terms) -> None:
        """Refuse what is not by the day, or on some days of its dates alone: which ones must be known.

        Raises AllowanceNotByTheDay.
        """
        if terms.kind is not ContractKind.DAYS or terms.days != terms.dates.day_count:
            raise AllowanceNotByTheDay(days=terms.days, days_between_dates=terms.dates.day_count)

    def check_amount(self, amount: Money, *, days: int) -> None:
        """Refuse more than the most for so many days of one principal. Raises AllowanceAboveMaximum."""
        if amount > self.day_max.times(days):
            raise AllowanceAboveMaximum(
                amount=amount, maximum=self.day_max.times(days), days=days, **_place(self.of_amount)
            )

    def check_days(self, terms: Terms, principal_id: UUID, taken: Sequence[AllowanceDay]) -> None:
        """Refuse days beyond those of the year, or too many in a row for one principal.

        `taken` are the worker's days of that year and those that touch it. A day counts once in the year,
        for however many principals. Raises AllowanceDayTaken, AllowanceDaysInARow, AllowanceDaysOfYear.
        """
        asked = set(terms.dates.days())
        for_principal = {one.day for one in taken if one.principal_id == principal_id}
        if both := sorted(asked & for_principal):
            raise AllowanceDayTaken(day=both[0]).at("startDate")
        row = _row_of(terms.first_day, asked | for_principal)
        if row > self.consecutive_days_max:
            raise AllowanceDaysInARow(
                days_in_a_row=row, days_max=self.consecutive_days_max, **_place(self.of_days)
            ).at("endDate")
        year = terms.first_day.year
        days = len({one.day for one in taken if one.day.year == year} | asked)
        if days > self.days_per_year_max:
            raise AllowanceDaysOfYear(
                year=year, days=days, days_max=self.days_per_year_max, **_place(self.of_days)
            ).at("endDate")


def _row_of(day: date, days: Iterable[date]) -> int:
    known, first, last = set(days), day, day
    while first - timedelta(days=1) in known:
        first -= timedelta(days=1)
    while last + timedelta(days=1) in known:
        last += timedelta(days=1)
    return (last - first).days + 1


def _place(rule: Rule) -> dict[str, Any]:
    source = rule.source
    return {"parameter": source.parameter, "since": source.since, "source": source.text}

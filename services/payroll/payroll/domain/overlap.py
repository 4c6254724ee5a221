"""Contracts of one worker on the same days: together no more hours a day than the law allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from payroll.domain.contract import ContractKind, Terms, days_of_week, full_time
from payroll.domain.errors import ContractsOverlap
from payroll.domain.law import PayrollLaw


def check_overlap(terms: Terms, others: Sequence[Terms], law: PayrollLaw) -> None:
    """Refuse a contract whose hours, with those of others of its days, exceed the legal hours of some day.

    On which days of its span a contract is worked is not written down: its hours are spread evenly over the
    days of the full-time week in the span, or over all its days where it counts more days of work than those.
    A day of work without hours has those of a full-time day. Raises ContractsOverlap, ValueNotInForce.
    """
    hours_max = law.rule("contract.limits", terms.first_day).count("hours_per_day_max")
    own = _hours_by_day(terms, law)
    total = dict(own)
    for other in others:
        for day, hours in _hours_by_day(other, law).items():
            if day in own:
                total[day] += hours
    busiest = max(total, key=lambda day: (total[day], -day.toordinal()))
    # A contract alone is bounded by its own check; here its neighbours are what is too much.
    if total[busiest] > max(Fraction(hours_max), own[busiest]):
        raise ContractsOverlap(day=busiest, hours_max=hours_max).at("startDate")


def _hours_by_day(terms: Terms, law: PayrollLaw) -> dict[date, Fraction]:
    days = list(terms.dates.days())
    weekdays = days_of_week(terms.dates, law)
    year = full_time(law, terms.first_day)
    a_day = Fraction(year.count("hours_per_year"), year.count("days_per_year"))
    worked = len(weekdays) if terms.kind is ContractKind.MONTH else terms.days
    spread = days if worked > len(weekdays) else weekdays
    hours = Fraction(terms.hours) if terms.kind is ContractKind.HOURS else worked * a_day
    return dict.fromkeys(days, Fraction(0)) | dict.fromkeys(spread, hours / len(spread))

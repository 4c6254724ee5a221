"""Who may work at all: the birth that a national number tells, a death written down, the age of the law."""

from __future__ import annotations

from datetime import date

from payroll.domain.contract import Terms
from payroll.domain.errors import ContractAfterDeath, ContractBeforeBirth, DeathToCome, WorkerTooYoung
from payroll.domain.law import PayrollLaw


def check_age(terms: Terms, born: date | None, law: PayrollLaw) -> None:
    """Refuse work before birth, and work of somebody under the legal age, where the national number tells it.

    Not every country's number tells a birth for certain, and not every country's data names an age. The
    refusal repeats no birth. Raises ContractBeforeBirth, WorkerTooYoung.
    """
    if born is None:
        return
    if terms.first_day < born:
        raise ContractBeforeBirth(first_day=terms.first_day).at("startDate")
    rule = law.find("working_age", terms.first_day)
    if rule is not None and _age(born, terms.first_day) < rule.count("years"):
        raise WorkerTooYoung(
            first_day=terms.first_day,
            age_min=rule.count("years"),
            parameter=rule.source.parameter,
            since=rule.source.since,
            source=rule.source.text,
        ).at("startDate")


def check_life(terms: Terms, died_on: date | None) -> None:
    """Refuse work after death, where one was written down. The refusal repeats no day of it.

    Raises ContractAfterDeath.
    """
    if died_on is not None and terms.last_day > died_on:
        raise ContractAfterDeath(last_day=terms.last_day).at("endDate")


def check_day_of_death(died_on: date | None, today: date) -> None:
    """Refuse a death that has not happened. Raises DeathToCome."""
    if died_on is not None and died_on > today:
        raise DeathToCome(today=today).at("diedOn")


def _age(born: date, day: date) -> int:
    # Who is born on 29 February is a year older on 1 March of other years.
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

"""Who is old enough to work: the birth that a national number tells against the law of the country."""

from __future__ import annotations

from datetime import date

from payroll.domain.contract import Terms
from payroll.domain.errors import ContractBeforeBirth, WorkerTooYoung
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


def _age(born: date, day: date) -> int:
    # Who is born on 29 February is a year older on 1 March of other years.
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

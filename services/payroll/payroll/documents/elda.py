"""The hire of a worker in Austria for ELDA (Anmeldung, Abmeldung, Storno), shape unverified.

ELDA takes records of fields of fixed length, each kind under its own mark; the marks and the order here are
our own. The number of the contribution account and the worker's name, which it asks for, are not known here.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from payroll.documents.hire_record import record
from payroll.domain.declaration import Hire

UNVERIFIED: Final = "the record layout of ELDA was not at hand."
START, END, CANCEL = "AN", "AB", "ST"
EMPLOYER_WIDTH, WORKER_WIDTH, DAY_WIDTH, REFERENCE_WIDTH = 9, 10, 8, 15


def hire_declaration(hire: Hire) -> bytes:
    """The notice that a worker will begin; it holds a national number: never logged."""
    return _notice(START, hire.enterprise_number, hire.national_number, hire.first_day, hire.last_day)


def end(period_id: str, last_day: date) -> bytes:
    """The notice that a declared hire ends on a day before the one that was told."""
    return _notice(END, last_day=last_day, reference=period_id)


def cancellation(period_id: str) -> bytes:
    """The statement that a declared hire did not take place."""
    return _notice(CANCEL, reference=period_id)


def _notice(
    act: str,
    employer: str = "",
    worker: str = "",
    first_day: date | None = None,
    last_day: date | None = None,
    *,
    reference: str = "",
) -> bytes:
    return record(
        UNVERIFIED,
        (act, 2),
        (employer, EMPLOYER_WIDTH),
        (worker, WORKER_WIDTH),
        (_day(first_day), DAY_WIDTH),
        (_day(last_day), DAY_WIDTH),
        (reference, REFERENCE_WIDTH),
    )


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%Y%m%d}"

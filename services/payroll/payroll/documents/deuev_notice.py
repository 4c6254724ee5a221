"""The hire of a worker in Germany as a notice to social insurance (DEÜV, par. 6 and 8), shape unverified.

An export for the portal or for a partner: own sending needs a certified program, and the record DSME was not
at hand. The reasons are those of the notices: 10 a start, 30 an end. The employer's number there
(Betriebsnummer) and the worker's insurance number and name, which the notice asks for, are not known here.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Final

from payroll.documents.hire_record import UNVERIFIED
from payroll.domain.declaration import Hire

HEADS: Final = ("Grund", "Storno", "Arbeitgeber", "Beschaeftigter", "Beginn", "Ende", "Bezug")
START, END = "10", "30"


def hire_declaration(hire: Hire) -> bytes:
    """The notice that a worker will begin; it holds a tax number: never logged."""
    first, last = hire.first_day.isoformat(), hire.last_day.isoformat()
    return _notice(START, "N", hire.enterprise_number, hire.national_number, first, last, "")


def end(period_id: str, last_day: date) -> bytes:
    """The notice that a declared hire ends on a day before the one that was told."""
    return _notice(END, "N", "", "", "", last_day.isoformat(), period_id)


def cancellation(period_id: str) -> bytes:
    """The notice of a start, marked as taken back."""
    return _notice(START, "J", "", "", "", "", period_id)


def _notice(*fields: str) -> bytes:
    text = io.StringIO()
    text.write(f"# {UNVERIFIED}: the record layout of the notices was not at hand.\r\n")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows((HEADS, fields))
    return text.getvalue().encode()

"""Reads declarations of hire in lines of text, of Austria, Germany and Spain; their shape is unverified."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import stdnum.at.uid
import stdnum.at.vnr
import stdnum.de.idnr
import stdnum.de.vat
import stdnum.es.cif
import stdnum.es.nif

from simulators.dimona import Filing
from simulators.hire_xml import MalformedDeclaration

size_bytes_max = 10_000


@dataclass(frozen=True, slots=True)
class Layout:
    """The widths of act, employer, worker, first day, last day, reference; what the acts are called."""

    widths: Sequence[int]
    start: str
    end: str
    cancel: str
    is_employer: Callable[[str], bool]
    is_worker: Callable[[str], bool]


ELDA = Layout((2, 9, 10, 8, 8, 15), "AN", "AB", "ST", stdnum.at.uid.is_valid, stdnum.at.vnr.is_valid)
RED = Layout((2, 9, 9, 8, 8, 15), "AL", "BA", "EL", stdnum.es.cif.is_valid, stdnum.es.nif.is_valid)
NOTICE_HEADS = ["Grund", "Storno", "Arbeitgeber", "Beschaeftigter", "Beginn", "Ende", "Bezug"]


def read_elda(body: bytes) -> Filing:
    """An Anmeldung, an Abmeldung or its Storno. Raises MalformedDeclaration."""
    return _read_record(body, ELDA)


def read_red(body: bytes) -> Filing:
    """An alta, a baja or an eliminación. Raises MalformedDeclaration."""
    return _read_record(body, RED)


def read_deuev(body: bytes) -> Filing:
    """A notice of a start (10) or of an end (30), or a start taken back. Raises MalformedDeclaration."""
    rows = list(csv.reader(_lines(body)[1:], delimiter=";"))
    if len(rows) != 2 or rows[0] != NOTICE_HEADS or len(rows[1]) != len(NOTICE_HEADS):
        raise MalformedDeclaration("a notice has the line of heads and one line of fields")
    reason, is_cancelled, employer, worker, first, last, reference = rows[1]
    if reason == "10" and is_cancelled == "J":
        return Filing("cancel", period_id=_reference(reference), is_cancelled=True)
    if reason == "30" and is_cancelled == "N":
        return Filing("end", period_id=_reference(reference), end_date=_day(last))
    if reason != "10" or is_cancelled != "N":
        raise MalformedDeclaration("Grund is 10 or 30, Storno J or N")
    if not stdnum.de.vat.is_valid(employer) or not stdnum.de.idnr.is_valid(worker):
        raise MalformedDeclaration("the number of employer or worker is not valid (check digits)")
    return _hire(employer, worker, _day(first), _day(last))


def _read_record(body: bytes, layout: Layout) -> Filing:
    lines = _lines(body)
    if len(lines) != 2 or len(lines[1]) != sum(layout.widths):
        raise MalformedDeclaration("a declaration has one record of a fixed width")
    fields, begins = [], 0
    for width in layout.widths:
        fields.append(lines[1][begins : begins + width].rstrip())
        begins += width
    act, employer, worker, first, last, reference = fields
    if act == layout.cancel:
        return Filing("cancel", period_id=_reference(reference), is_cancelled=True)
    if act == layout.end:
        return Filing("end", period_id=_reference(reference), end_date=_day(last))
    if act != layout.start:
        raise MalformedDeclaration(f"the record is none of {layout.start}, {layout.end}, {layout.cancel}")
    if not layout.is_employer(employer) or not layout.is_worker(worker):
        raise MalformedDeclaration("the number of employer or worker is not valid (check digits)")
    return _hire(employer, worker, _day(first), _day(last))


def _hire(employer: str, worker: str, first_day: date, last_day: date) -> Filing:
    if last_day < first_day:
        raise MalformedDeclaration("the last day is before the first")
    return Filing("hire", employer, worker, first_day, last_day)


def _lines(body: bytes) -> list[str]:
    if len(body) > size_bytes_max or not body.isascii():
        raise MalformedDeclaration("the document is too large or not ASCII")
    lines = body.decode().splitlines()
    if not lines or not lines[0].startswith("# "):
        raise MalformedDeclaration("the first line says what the document is")
    return lines


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text):
        raise MalformedDeclaration("a day is written like 20260701 or 2026-07-01")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedDeclaration("this is no day of the calendar") from None


def _reference(text: str) -> str:
    if not re.fullmatch(r"\d{1,15}", text):
        raise MalformedDeclaration("the reference is not a number")
    return text

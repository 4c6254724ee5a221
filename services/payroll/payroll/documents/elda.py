"""The hire of a worker in Austria for ELDA (Anmeldung, Abmeldung, Storno), shape unverified.

ELDA takes records of fields of fixed length, each kind under its own mark; the marks and the order here are
our own. The number of the contribution account and the worker's name, which it asks for, are not known here.
"""

from __future__ import annotations

from typing import Final

from payroll.documents.hire_record import HireNotices

NOTICES: Final = HireNotices(
    unverified="the record layout of ELDA was not at hand.",
    start="AN",
    end_mark="AB",
    cancel="ST",
    worker_width=10,
)

"""The hire of a worker in Spain for Sistema RED (alta, baja, eliminación), shape unverified.

RED takes records of fields of fixed width; the marks and the order here are our own. It knows an employer by
its contribution account and a worker by the affiliation number, neither of which is known here.
"""

from __future__ import annotations

from typing import Final

from payroll.documents.hire_record import HireNotices

NOTICES: Final = HireNotices(
    unverified="the record layout of RED was not at hand.",
    start="AL",
    end_mark="BA",
    cancel="EL",
    worker_width=9,
)

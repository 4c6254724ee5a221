"""Hires as one line of fields of fixed width, for the authorities that take texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from payroll.domain.declaration import Hire
from payroll.domain.errors import ReturnFieldUnfit

UNVERIFIED: Final = "Shape unverified"
ACT_WIDTH, EMPLOYER_WIDTH, DAY_WIDTH, REFERENCE_WIDTH = 2, 9, 8, 15


def record(unverified: str, *fields: tuple[str, int]) -> bytes:
    """A line that says what the document is worth, and one with the fields; each is a text and its width.

    A number is never cut. Raises ReturnFieldUnfit.
    """
    for text, width in fields:
        if len(text) > width or not text.isascii():
            raise ReturnFieldUnfit(length_max=width)
    line = "".join(text.ljust(width) for text, width in fields)
    return f"# {UNVERIFIED}: {unverified}\r\n{line}\r\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class HireNotices:
    """The notices about a hire for an authority that takes such lines.

    `start`, `end_mark` and `cancel` are the marks of the three kinds of notice, `worker_width` the width of
    the worker's number; `unverified` says what was not at hand.
    """

    unverified: str
    start: str
    end_mark: str
    cancel: str
    worker_width: int

    def hire_declaration(self, hire: Hire) -> bytes:
        """The notice that a worker will begin; it holds a national number: never logged."""
        days = hire.first_day, hire.last_day
        return self._notice(self.start, hire.enterprise_number, hire.national_number, *days)

    def end(self, period_id: str, last_day: date) -> bytes:
        """The notice that a declared hire ends on a day before the one that was told."""
        return self._notice(self.end_mark, last_day=last_day, reference=period_id)

    def cancellation(self, period_id: str) -> bytes:
        """The statement that a declared hire did not take place."""
        return self._notice(self.cancel, reference=period_id)

    def _notice(
        self,
        act: str,
        employer: str = "",
        worker: str = "",
        first_day: date | None = None,
        last_day: date | None = None,
        *,
        reference: str = "",
    ) -> bytes:
        return record(
            self.unverified,
            (act, ACT_WIDTH),
            (employer, EMPLOYER_WIDTH),
            (worker, self.worker_width),
            (_day(first_day), DAY_WIDTH),
            (_day(last_day), DAY_WIDTH),
            (reference, REFERENCE_WIDTH),
        )


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%Y%m%d}"

"""What a payslip leaves behind for the next ones of its month, quarter and year: the year-to-date ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Counted:
    """What one payment counted, by names of its country's engine; `day` is the last of its pay period.

    Amounts are minor units, shares of a month millionths.
    """

    day: date
    counts: Mapping[str, int]

    def for_principal(self) -> Counted:
        """The same, as what counts for all who work for one principal."""
        return Counted(self.day, {f"principal.{name}": count for name, count in self.counts.items()})


def total_of(name: str, payments: Iterable[Counted]) -> int:
    """The sum of one count over payments; a payment that did not count it adds nothing."""
    return sum(payment.counts.get(name, 0) for payment in payments)

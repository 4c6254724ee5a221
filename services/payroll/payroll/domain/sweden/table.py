"""The official monthly tables of Skatteverket, as columns to look up in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from payroll.domain.errors import TaxTableUnknown
from payroll.domain.integers import Cents


@dataclass(frozen=True, slots=True)
class TaxTables:
    """Tables by number: `taxes[table][band][column]` in kronor, for pay of a month up to the last band."""

    first: int
    ends: Cents
    taxes: Cents

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> TaxTables:
        """The tables from their rows: number, from, to, and the six columns."""
        numbers = sorted({row[0] for row in rows})
        ends = np.array([row[2] for row in rows if row[0] == numbers[0]], dtype=np.int64)
        taxes = np.array([row[3:] for row in rows], dtype=np.int64).reshape(len(numbers), len(ends), -1)
        assert [row[2] for row in rows] == ends.tolist() * len(numbers), "all tables have the same bands"
        return cls(numbers[0], ends, taxes)

    @property
    def pay_max(self) -> int:
        """The largest pay of a month that the tables know, in kronor."""
        return int(self.ends[-1])

    def tax(self, pay: Cents, table: Cents, column: Cents) -> Cents:
        """The tax of a month's pay, all in kronor; `column` counts from 0. Raises TaxTableUnknown."""
        places = table - self.first
        if np.any(places < 0) or np.any(places >= len(self.taxes)):
            raise TaxTableUnknown(first=self.first, last=self.first + len(self.taxes) - 1)
        bands = np.searchsorted(self.ends, np.minimum(pay, self.pay_max), side="left")
        found: Cents = self.taxes[places, bands, column]
        return found

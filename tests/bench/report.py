"""What was measured: a table to read, and the same as JSON."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """The figures of one measurement. `target` says what was to be reached, `note` what to know about it."""

    name: str
    unit: str
    columns: Sequence[str]
    rows: dict[str, list[float]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)

    def add(self, row: str, *values: float) -> None:
        """A row of the table."""
        self.rows[row] = list(values)

    def reach(
        self, what: str, ratio: float, *, at_most: float | None = None, at_least: float | None = None
    ) -> None:
        """Say whether a figure is within what was to be reached; nothing fails by it."""
        limit = at_most if at_most is not None else at_least
        assert limit is not None, "one of the two is given"
        is_reached = ratio <= limit if at_most is not None else ratio >= limit
        word = "at most" if at_most is not None else "at least"
        self.verdicts.append(
            f"{'reached' if is_reached else 'MISSED '}  {what}: {shown(ratio)} ({word} {shown(limit)})"
        )

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "name": self.name,
            "unit": self.unit,
            "columns": list(self.columns),
            "rows": self.rows,
            "facts": self.facts,
            "verdicts": self.verdicts,
        }

    def lines(self) -> list[str]:
        """The table."""
        width = max([len(row) for row in self.rows] + [12])
        widths = [max(len(column), 10) for column in self.columns]
        head = " ".join(column.rjust(size) for column, size in zip(self.columns, widths, strict=True))
        found = [f"── {self.name} ({self.unit})", f"  {'':<{width}} {head}"]
        for row, values in self.rows.items():
            cells = [shown(value).rjust(size) for value, size in zip(values, widths, strict=True)]
            found.append(f"  {row:<{width}} {' '.join(cells)}")
        found += [f"  {name}: {value}" for name, value in self.facts.items()]
        return found + [f"  {verdict}" for verdict in self.verdicts]


def shown(value: float) -> str:
    """A figure with three digits that matter."""
    if value != value:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def load_average() -> float:
    """How many programs wanted a core in the last minute."""
    return os.getloadavg()[0]

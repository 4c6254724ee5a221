"""Counts that a service watches because each should be nothing: a metric, and a sentence of the doctor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Gauge

from commons.database import Connection, Record

NEVER: Final = math.inf


@dataclass(frozen=True, slots=True)
class Beside:
    """A second metric of a figure: a column of its statement's row, and what is shown where that is null."""

    column: str
    gauge: Gauge
    otherwise: float = NEVER


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted, how it is said, and what to do about it.

    `statement` takes the present instant as $1 and answers one row: `count`, and `since`, the instant since
    which the oldest of them is so, null where that is not known. Until it is older than `tolerated_seconds`
    nothing is said. `sentence` contains `{count}`. The row has a column for `beside` too, where there is one.
    """

    gauge: Gauge
    statement: str
    sentence: str
    remedy: str
    tolerated_seconds: float = 0.0
    beside: Beside | None = None

    async def count(self, db: Connection, *, now: datetime) -> tuple[int, bool]:
        """How many there are, and whether that has been so for longer than is tolerated."""
        row = await self._row(db, now)
        count, since = row["count"], row["since"]
        return count, count > 0 and (since is None or now - since > timedelta(seconds=self.tolerated_seconds))

    async def show(self, db: Connection, *, now: datetime) -> None:
        """Set the metrics."""
        row = await self._row(db, now)
        self.gauge.set(row["count"])
        if self.beside is not None:
            value = row[self.beside.column]
            self.beside.gauge.set(self.beside.otherwise if value is None else value)

    async def _row(self, db: Connection, now: datetime) -> Record:
        row = await db.fetchrow(self.statement, now)
        assert row is not None, "an aggregate always answers"
        return row


async def measure(db: Connection, figures: Sequence[Figure], *, now: datetime) -> None:
    """Set the metrics of each figure."""
    for figure in figures:
        await figure.show(db, now=now)

"""Counts that a service watches because each should be nothing: a metric, and a sentence of the doctor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Gauge

from commons.database import Connection


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted, how it is said, and what to do about it.

    `statement` takes the present instant as $1 and answers one row: `count`, and `since`, the instant since
    which the oldest of them is so, null where that is not known. Until it is older than `tolerated_seconds`
    nothing is said. `sentence` contains `{count}`.
    """

    gauge: Gauge
    statement: str
    sentence: str
    remedy: str
    tolerated_seconds: float = 0.0

    async def count(self, db: Connection, *, now: datetime) -> tuple[int, bool]:
        """How many there are, and whether that has been so for longer than is tolerated."""
        row = await db.fetchrow(self.statement, now)
        assert row is not None, "an aggregate always answers"
        count, since = row["count"], row["since"]
        return count, count > 0 and (since is None or now - since > timedelta(seconds=self.tolerated_seconds))


async def measure(db: Connection, figures: Sequence[Figure], *, now: datetime) -> None:
    """Set the metric of each figure."""
    for figure in figures:
        count, _ = await figure.count(db, now=now)
        figure.gauge.set(count)

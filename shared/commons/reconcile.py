"""The proof in operation: producers publish count and XOR of each closed hour, consumers compare."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from commons import telemetry
from commons.database import COMMONS_SQL as SQL
from commons.database import Pool, transaction
from commons.kafka import Producer
from commons.replay import ControlMessage, ReplayRequested, say

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 600.0
HOUR_SECONDS: Final = 3_600
SETTLE_SECONDS: Final = 60.0  # longer than a transaction may last and a message may travel
HOURS_REPEATED: Final = 3  # an hour is told more than once: messages get lost, and a repair must be seen
DIFFERENCES_MAX: Final = 10_000


class HourClosed(ControlMessage):
    """The events of a topic made from `start` up to `end`: how many, and all their ids XORed together."""

    type: ClassVar[str] = "control.HourClosed.v1"

    topic: str
    start: datetime
    end: datetime
    count: int
    ids: str | None = None


async def close_hours(
    pool: Pool,
    producer: Producer,
    *,
    country: str,
    topic: str,
    now: datetime,
    hour_seconds: int = HOUR_SECONDS,
    settle_seconds: float = SETTLE_SECONDS,
) -> list[HourClosed]:
    """Tell the last closed hours of the service's own topic; what was told.

    An hour with an event that is still to be published is left for the next time.
    """
    settled = (now - timedelta(seconds=settle_seconds)).timestamp()
    last_end = datetime.fromtimestamp(settled // hour_seconds * hour_seconds, UTC)
    told = []
    for back in range(HOURS_REPEATED):
        end = last_end - timedelta(seconds=back * hour_seconds)
        start = end - timedelta(seconds=hour_seconds)
        async with transaction(pool) as db:
            row = await db.fetchrow(SQL["published_between"], topic, start, end)
        assert row is not None, "an aggregate always answers"
        if not row["waits"]:
            told.append(HourClosed(topic=topic, start=start, end=end, count=row["count"], ids=row["ids"]))
    await say(producer, country, *told)
    return told


class Reconciliation:
    """What a consumer knows about differences between what was published and what it received."""

    def __init__(self, consumer: str, pool: Pool, topics: frozenset[str]) -> None:
        self._consumer = consumer
        self._pool = pool
        self._topics = topics
        self.differences: dict[tuple[str, datetime], datetime] = {}
        """The hours that differ, by topic and start, with the instant since which that is known."""

    async def compare(self, hour: HourClosed, *, now: datetime) -> ReplayRequested | None:
        """The replay to ask for where an hour differs from the inbox; None where it agrees or is not ours."""
        if hour.topic not in self._topics:
            return None
        async with transaction(self._pool) as db:
            row = await db.fetchrow(SQL["received_between"], self._consumer, hour.topic, hour.start, hour.end)
        assert row is not None, "an aggregate always answers"
        place = (hour.topic, hour.start)
        if (row["count"], row["ids"]) == (hour.count, hour.ids):
            self.differences.pop(place, None)
            self._count(hour.topic)
            return None
        if len(self.differences) < DIFFERENCES_MAX:
            self.differences.setdefault(place, now)
        self._count(hour.topic)
        log.warning(
            "an hour differs",
            extra={
                "topic": hour.topic,
                "hour": hour.start.isoformat(),
                "told": hour.count,
                "received": row["count"],
            },
        )
        return ReplayRequested(
            topic=hour.topic,
            since=hour.start,
            until=hour.end,
            requested_by=self._consumer,
            reason=f"hour differs: {hour.count} published, {row['count']} received",
        )

    def _count(self, topic: str) -> None:
        count = sum(each == topic for each, _ in self.differences)
        telemetry.RECONCILIATION_DIFFERENCES.labels(topic).set(count)

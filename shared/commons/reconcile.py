"""The proof in operation: producers publish count and XOR of each closed hour, consumers compare."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from commons import telemetry
from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Pool, transaction
from commons.kafka import Producer
from commons.replay import ControlMessage, ReplayRequested, say

log = logging.getLogger(__name__)

INTERVAL_SECONDS: Final = 600.0
HOUR_SECONDS: Final = 3_600
SETTLE_SECONDS: Final = 60.0  # longer than a transaction may last and a message may travel
HOURS_REPEATED: Final = 3  # an hour is told more than once: messages get lost, and a repair must be seen
ASKED_MAX: Final = 200  # more than a day of asking; then nobody has the events, and a person must look
DIFFERENCES_PER_ROUND_MAX: Final = 100


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
    """What a consumer knows about differences between what was published and what it received.

    They are kept in its database: so that they outlive the process, and the doctor can tell of them.
    """

    def __init__(
        self, consumer: str, pool: Pool, topics: frozenset[str], *, hour_seconds: int = HOUR_SECONDS
    ) -> None:
        self._consumer = consumer
        self._pool = pool
        self._topics = topics
        self._told_for = timedelta(seconds=(HOURS_REPEATED + 1) * hour_seconds)

    async def compare(self, hour: HourClosed) -> ReplayRequested | None:
        """The replay to ask for where an hour differs from the inbox; None where it agrees or is not ours."""
        if hour.topic not in self._topics:
            return None
        async with transaction(self._pool) as db:
            row = await db.fetchrow(SQL["received_between"], self._consumer, hour.topic, hour.start, hour.end)
            assert row is not None, "an aggregate always answers"
            agrees = (row["count"], row["ids"]) == (hour.count, hour.ids)
            if agrees:
                await db.execute(SQL["end_difference"], self._consumer, hour.topic, hour.start)
            else:
                place = (self._consumer, hour.topic, hour.start, hour.end)
                await db.execute(SQL["note_difference"], *place, hour.count, hour.ids, row["count"])
            await measure(db)
        if agrees:
            return None
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

    async def compare_again(self, *, now: datetime) -> list[ReplayRequested]:
        """The replays to ask for once more: of hours that still differ and that nobody tells any longer."""
        async with transaction(self._pool) as db:
            rows = await db.fetch(
                SQL["differences_no_longer_told"],
                self._consumer,
                now - self._told_for,
                ASKED_MAX,
                DIFFERENCES_PER_ROUND_MAX,
            )
        hours = [
            HourClosed(
                topic=row["topic"],
                start=row["hour_start"],
                end=row["hour_end"],
                count=row["published"],
                ids=row["ids"],
            )
            for row in rows
        ]
        return [wanted for hour in hours if (wanted := await self.compare(hour)) is not None]


async def measure(db: Connection) -> None:
    """Set the metric of the hours that differ."""
    telemetry.RECONCILIATION_DIFFERENCES.clear()
    for row in await db.fetch(SQL["count_differences"]):
        telemetry.RECONCILIATION_DIFFERENCES.labels(row["topic"]).set(row["hours"])

"""Publish what was committed: one leader per database, in order, marked only after every acknowledgment."""

from __future__ import annotations

from typing import Final

from commons import telemetry
from commons.cloudevents import Envelope
from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Record
from commons.kafka import Producer
from commons.wake import Wake

BATCH_SIZE_MAX: Final = 500
POLL_SECONDS: Final = 0.02
LEADER_POLL_SECONDS: Final = 0.5


async def relay(db: Connection, producer: Producer, wake: Wake) -> None:
    """Publish until told to stop. Any exception ends it: the process exits and is started again.

    `db` is a session of its own, not through a transaction-mode pooler: it holds the leader's lock, and
    losing it is losing the lead. Two leaders would only duplicate; two *parallel* relays would reorder an
    aggregate.
    """
    while not wake.stopping and not await lead(db):
        await wake.wait(LEADER_POLL_SECONDS)
    while not wake.stopping:
        if not await publish_batch(db, producer):
            await wake.wait(POLL_SECONDS)


async def lead(db: Connection) -> bool:
    """Become the one relay of this database, until the session ends; whether it worked."""
    leads: bool = await db.fetchval(SQL["try_to_lead_relay"])
    return leads


async def publish_batch(db: Connection, producer: Producer) -> int:
    """Send the oldest unpublished events and mark them once all are acknowledged; how many there were.

    Fails between the two: they are sent again, which the inboxes stop.
    """
    async with db.transaction():
        rows = await db.fetch(SQL["unpublished"], BATCH_SIZE_MAX)
        if not rows:
            return 0
        with telemetry.batch("publish", [row["headers"] for row in rows]):
            await producer.send_batch([_envelope(row).to_message() for row in rows])
        await db.execute(SQL["mark_published"], [row["seq"] for row in rows])
    telemetry.EVENTS_PUBLISHED.inc(len(rows))
    return len(rows)


def _envelope(row: Record) -> Envelope:
    return Envelope(
        id=row["id"],
        topic=row["topic"],
        type=row["type"],
        agg_type=row["agg_type"],
        agg_id=row["agg_id"],
        agg_version=row["agg_version"],
        created=row["created"],
        data=row["data"],
        headers=row["headers"],
    )

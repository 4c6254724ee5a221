"""Events that wait: tried again by themselves where that can help, released by a person where it cannot."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from commons.cloudevents import Envelope
from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Record, is_transient, transaction
from commons.events import NotYet
from commons.inbox import NEVER, NOT_YET_RETRY_SECONDS, REASON_LENGTH_MAX, Inbox, Outcome
from commons.refusal import Refusal

log = logging.getLogger(__name__)

KEYS_PER_ROUND_MAX: Final = 50
EVENTS_PER_KEY_MAX: Final = 1_000
QUICK_ATTEMPTS: Final = 300  # about five minutes, in which a neighbor's event usually arrives
QUICK_RETRY_MAX_SECONDS: Final = 1.0
SLOW_RETRY_SECONDS: Final = 60.0
ATTEMPTS_MAX: Final = 10_000  # then about a week has passed, and a person must look


class NothingParked(Refusal):
    """No event of this aggregate is parked."""


class GapCannotBeSkipped(Refusal):
    """The event waits for one before it, which must be asked for again instead."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A waiting event: which, why, since when, how often it was tried, when it is tried next."""

    consumer: str
    topic: str
    agg_type: str
    agg_id: UUID
    agg_version: int
    event: Mapping[str, Any]
    kind: str
    reason: str
    attempts: int
    retry_at: datetime
    first_seen: datetime


async def retry_due(inbox: Inbox) -> int:
    """Try the first event of each aggregate that is due and, while that works, the next; how many went."""
    async with transaction(inbox.pool) as db:
        keys = await db.fetch(SQL["parked_due"], inbox.consumer, inbox.clock.now(), KEYS_PER_ROUND_MAX)
    gone = 0
    for key in keys:
        for _ in range(EVENTS_PER_KEY_MAX):
            if not await _try_head(inbox, key["topic"], key["agg_type"], key["agg_id"]):
                break
            gone += 1
    return gone


async def find_parked(db: Connection, *, limit: int = 100) -> Sequence[Parked]:
    """What waits, the oldest first."""
    return [Parked(**dict(row)) for row in await db.fetch(SQL["find_parked"], limit)]


async def release(
    db: Connection, consumer: str, topic: str, agg_type: str, agg_id: UUID, *, by: str, reason: str
) -> None:
    """Have the first parked event of an aggregate tried again now, and those behind it after it.

    `by` and `reason` are kept for audit. Raises NothingParked.
    """
    key = (consumer, topic, agg_type, agg_id)
    head = await _head(db, key)
    await _record(db, key, head, "released", by, reason)
    await db.execute(SQL["release_parked"], *key, head["agg_version"], datetime.now(UTC))


async def skip(
    db: Connection, consumer: str, topic: str, agg_type: str, agg_id: UUID, *, by: str, reason: str
) -> None:
    """Set the first parked event of an aggregate aside unhandled, so that those behind it can go on.

    It counts as received; `by`, `reason` and the event itself are kept for audit. Raises NothingParked,
    GapCannotBeSkipped.
    """
    key = (consumer, topic, agg_type, agg_id)
    head = await _head(db, key)
    event = Envelope.from_json(head["event"])
    place = (*key, event.agg_version)
    row = await db.fetchrow(SQL["take_in_parked"], *place, event.id, event.created)
    assert row is not None, "the statement always answers"
    if event.agg_version > row["last"] + 1:
        raise GapCannotBeSkipped(version=event.agg_version, last=row["last"])
    await _record(db, key, head, "skipped", by, reason)
    await db.execute(SQL["unpark"], *place)
    await db.execute(SQL["hurry_parked"], *key, datetime.now(UTC))


async def _head(db: Connection, key: tuple[str, str, str, UUID]) -> Record:
    head = await db.fetchrow(SQL["parked_head_for_a_person"], *key)
    if head is None:
        raise NothingParked(aggregate=f"{key[2]}/{key[3]}")
    return head


async def _record(
    db: Connection, key: tuple[str, str, str, UUID], head: Record, decision: str, by: str, reason: str
) -> None:
    await db.execute(
        SQL["record_parked_decision"], *key, head["agg_version"], head["event"], decision, by, reason
    )


async def _try_head(inbox: Inbox, topic: str, agg_type: str, agg_id: UUID) -> bool:
    """Whether the first parked event of the aggregate is gone and the next may be tried."""
    key = (inbox.consumer, topic, agg_type, agg_id)
    head: Record | None = None
    try:
        async with transaction(inbox.pool) as db:
            head = await db.fetchrow(SQL["parked_head"], *key)
            if head is None or head["retry_at"] > inbox.clock.now():
                return False
            return await _take(inbox, db, key, head)
    except Exception as error:
        if head is None or is_transient(error):
            log.warning("a parked event could not be tried", extra={"error": type(error).__name__})
            return False
        await _postpone(inbox, key, head, error)
        return False


async def _take(inbox: Inbox, db: Connection, key: tuple[str, str, str, UUID], head: Record) -> bool:
    event = Envelope.from_json(head["event"])
    place = (*key, event.agg_version)
    row = await db.fetchrow(SQL["take_in_parked"], *place, event.id, event.created)
    assert row is not None, "the statement always answers"
    if not row["claimed"] and event.agg_version > row["last"] + 1:
        inbox.gaps.append(inbox.missing(event, row["last"]))
        reason = f"version {event.agg_version} came after {row['last']}"
        await db.execute(
            SQL["postpone_parked"], *place, "gap", reason, inbox.after(_delay_seconds(head["attempts"]))
        )
        return False
    if row["claimed"] and await inbox.handle(db, event) is Outcome.HANDLED:
        inbox.note_age(event)
    await db.execute(SQL["unpark"], *place)
    await db.execute(SQL["hurry_parked"], *key, inbox.clock.now())
    return True


async def _postpone(inbox: Inbox, key: tuple[str, str, str, UUID], head: Record, error: Exception) -> None:
    waits = isinstance(error, NotYet) and head["attempts"] < ATTEMPTS_MAX
    kind = "not_yet" if waits else "failed"
    retry_at = inbox.after(_delay_seconds(head["attempts"])) if waits else NEVER
    if not waits:
        log.error(
            "a parked event needs a person",
            extra={"aggregate": f"{key[2]}/{key[3]}", "error": type(error).__name__},
        )
    reason = (str(error) if waits else f"{type(error).__name__}: {error}")[:REASON_LENGTH_MAX]
    async with transaction(inbox.pool) as db:
        await db.execute(SQL["postpone_parked"], *key, head["agg_version"], kind, reason, retry_at)


def _delay_seconds(attempts: int) -> float:
    if attempts >= QUICK_ATTEMPTS:
        return SLOW_RETRY_SECONDS
    return min(NOT_YET_RETRY_SECONDS * 1.5 ** min(attempts, 10), QUICK_RETRY_MAX_SECONDS)

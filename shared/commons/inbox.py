"""Handle each event once, in the order of its aggregate; park what cannot be handled now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from commons import telemetry
from commons.clock import REAL_CLOCK, Clock, UnknownEntity
from commons.cloudevents import Envelope
from commons.context import MakeCtx
from commons.database import (
    COMMONS_SQL as SQL,
)
from commons.database import (
    TRANSIENT_ATTEMPTS_MAX,
    TRANSIENT_DELAY_MAX_SECONDS,
    TRANSIENT_DELAY_SECONDS,
    Connection,
    Pool,
    is_transient,
    transaction,
)
from commons.events import Handler, NotYet
from commons.replay import ReplayRequested

log = logging.getLogger(__name__)

BATCH_SIZE_MAX: Final = 200
GAP_RETRY_SECONDS: Final = 2.0
NOT_YET_RETRY_SECONDS: Final = 0.2
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
REASON_LENGTH_MAX: Final = 500


class Outcome(Enum):
    """What became of one event."""

    HANDLED = "handled"
    IGNORED = "ignored"  # no handler: only remembered, so that reconciliation sees no gap
    DUPLICATE = "duplicate"
    GAP = "gap"
    BEHIND = "behind"
    NOT_YET = "not_yet"
    FAILED = "failed"


# Shown at nothing from the start: of a counter that first appears at one, nobody sees that it rose.
for _outcome in (*(each.value for each in Outcome), "contradiction", "unreadable"):
    telemetry.EVENTS_HANDLED.labels(_outcome)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The receiving side of one service: its name, its handlers and where it remembers what it handled.

    `gaps` collects what must be asked for again; the consumer empties it after each batch.
    """

    consumer: str
    pool: Pool
    handlers: Mapping[str, Handler]
    make_ctx: MakeCtx
    clock: Clock = REAL_CLOCK
    gaps: list[ReplayRequested] = field(default_factory=list)

    async def take(self, events: Sequence[Envelope]) -> list[Outcome]:
        """Events of one partition, in order. After this their offset may be committed.

        All in one transaction; where anything goes wrong, again with a transaction each. Raises only what is
        transient and did not pass: then nothing is lost, the process ends and the events come again.
        """
        outcomes = await self._take_together(events) if len(events) > 1 else None
        if outcomes is None:
            outcomes = [await self._take_alone(event) for event in events]
        for event, outcome in zip(events, outcomes, strict=True):
            telemetry.EVENTS_HANDLED.labels(outcome.value).inc()
            if outcome is Outcome.HANDLED:
                self.note_age(event)
        return outcomes

    def note_age(self, event: Envelope) -> None:
        """An event was handled: how old it was then."""
        age_seconds = (self.clock.now() - event.created).total_seconds()
        telemetry.EVENT_AGE_SECONDS.labels(event.topic).observe(max(0.0, age_seconds))

    async def handle(self, db: Connection, event: Envelope) -> Outcome:
        """Run the handler of an event inside the transaction that remembers it."""
        handler = self.handlers.get(event.type)
        if handler is None:
            return Outcome.IGNORED
        attributes: dict[str, str | int] = {
            "messaging.message.id": str(event.id),
            "aggregate.version": event.agg_version,
        }
        with telemetry.continued(f"process {event.type}", event.headers, attributes):
            ctx = self.make_ctx(db, event.headers.get("request_id", str(event.id)))
            ctx.causation = str(event.id)
            try:
                await handler.handle(ctx, handler.model.model_validate(event.data))
            except UnknownEntity as unknown:  # the entity's registration travels on another aggregate
                raise NotYet(str(unknown)) from unknown
        return Outcome.HANDLED

    async def _take_together(self, events: Sequence[Envelope]) -> list[Outcome] | None:
        known_gaps = len(self.gaps)
        try:
            async with transaction(self.pool) as db:
                return [await self._claim(db, event) for event in events]
        except Exception as error:
            del self.gaps[known_gaps:]
            log.info(
                "a batch is taken one by one", extra={"error": type(error).__name__, "events": len(events)}
            )
            return None

    async def _take_alone(self, event: Envelope) -> Outcome:
        for attempt in range(1, TRANSIENT_ATTEMPTS_MAX + 1):
            try:
                return await self._claim_or_park(event)
            except Exception as error:
                if attempt == TRANSIENT_ATTEMPTS_MAX or not is_transient(error):
                    raise
                log.warning("an event is tried again", extra=_facts(event, error))
                # In place: the partition waits, since nothing says that the next event would fare better.
                await asyncio.sleep(min(TRANSIENT_DELAY_SECONDS * 2**attempt, TRANSIENT_DELAY_MAX_SECONDS))
        raise AssertionError("the last attempt returns or raises")

    async def _claim_or_park(self, event: Envelope) -> Outcome:
        try:
            async with transaction(self.pool) as db:
                return await self._claim(db, event)
        except NotYet as error:
            outcome, reason, retry_at = Outcome.NOT_YET, str(error), self.after(NOT_YET_RETRY_SECONDS)
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("an event cannot be handled; its aggregate is parked", extra=_facts(event, error))
            outcome, reason, retry_at = Outcome.FAILED, f"{type(error).__name__}: {error}", NEVER
        async with transaction(self.pool) as db:
            await self._park(db, event, outcome, reason, retry_at)
        return outcome

    async def _claim(self, db: Connection, event: Envelope) -> Outcome:
        row = await db.fetchrow(SQL["claim_event"], *self._place(event), event.id, event.created)
        assert row is not None, "the statement always answers"
        last, parked_from, version = row["last"], row["parked_from"], event.agg_version
        if row["claimed"]:
            outcome = await self.handle(db, event)
            if parked_from is not None:
                await db.execute(SQL["hurry_parked"], *self._place(event)[:4], self.clock.now())
            return outcome
        if version <= last:
            await self._notice_other_history(db, event)
            return Outcome.DUPLICATE
        if parked_from is not None and version > parked_from:
            await self._park(db, event, Outcome.BEHIND, "an earlier event waits", self.clock.now())
            return Outcome.BEHIND
        if version == last + 1:
            return Outcome.DUPLICATE  # parked already, or another worker is at it
        reason = f"version {version} came after {last}"
        if await self._park(db, event, Outcome.GAP, reason, self.after(GAP_RETRY_SECONDS)):
            self.gaps.append(self.missing(event, last))
        return Outcome.GAP

    async def _park(
        self, db: Connection, event: Envelope, outcome: Outcome, reason: str, retry_at: datetime
    ) -> bool:
        parked = await db.fetchval(
            SQL["park"],
            *self._place(event),
            event.id,
            event.created,
            event.to_json(),
            outcome.value,
            reason[:REASON_LENGTH_MAX],
            retry_at,
        )
        return parked is not None

    async def _notice_other_history(self, db: Connection, event: Envelope) -> None:
        handled = await db.fetchval(SQL["handled_event_id"], *self._place(event))
        if handled != event.id:
            # The producer was restored to an earlier state and counts again: a person must compare the two.
            telemetry.EVENTS_HANDLED.labels("contradiction").inc()
            log.error("another event has this place", extra={**_facts(event), "handled": str(handled)})

    def missing(self, event: Envelope, last: int) -> ReplayRequested:
        """What to ask for where an event came after a gap."""
        return ReplayRequested(
            topic=event.topic,
            agg_type=event.agg_type,
            agg_id=event.agg_id,
            first_version=last + 1,
            last_version=event.agg_version - 1,
            requested_by=self.consumer,
            reason="gap",
        )

    def after(self, seconds: float) -> datetime:
        """The instant some seconds from now."""
        return self.clock.now() + timedelta(seconds=seconds)

    def _place(self, event: Envelope) -> tuple[object, ...]:
        return (self.consumer, event.topic, event.agg_type, event.agg_id, event.agg_version)


def _facts(event: Envelope, error: Exception | None = None) -> dict[str, object]:
    facts: dict[str, object] = {
        "event_type": event.type,
        "event_id": str(event.id),
        "aggregate": f"{event.agg_type}/{event.agg_id}",
        "version": event.agg_version,
        "request_id": event.headers.get("request_id"),
    }
    return facts if error is None else {**facts, "error": type(error).__name__}

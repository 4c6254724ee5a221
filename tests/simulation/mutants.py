"""Faults of delivery that somebody could write, each of which the simulation must catch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from commons import consumer, relay
from commons.cloudevents import Envelope
from commons.database import COMMONS_SQL as SQL
from commons.database import transaction
from commons.inbox import BATCH_SIZE_MAX, Inbox, Outcome
from commons.kafka import Watchdog
from commons.outbox import control_topic_of
from commons.wake import Wake
from tests.simulation.cell import Parts
from tests.simulation.memory import Transaction


async def relay_that_marks_before_the_acknowledgment(db: Any, producer: Any, wake: Wake) -> None:
    """What is not acknowledged is never sent again."""
    while not await relay.lead(db):
        await wake.wait(1)
    while True:
        async with db.transaction():
            rows = await db.fetch(SQL["unpublished"], relay.BATCH_SIZE_MAX)
            await db.execute(SQL["mark_published"], [row["seq"] for row in rows])
        if rows:
            await producer.send_batch([relay._envelope(row).to_message() for row in rows])
        else:
            await wake.wait(1)


async def relay_with_a_cursor(db: Any, producer: Any, wake: Wake) -> None:
    """A number that commits after a higher one is passed over."""

    def after(tx: Transaction) -> list[dict[str, Any]]:
        cursor = (tx.get("cursor", ()) or {"seq": 0})["seq"]
        return [row for _, row in sorted(tx.all("outbox").items()) if row["seq"] > cursor]

    while not await relay.lead(db):
        await wake.wait(1)
    while True:
        async with db.transaction():
            rows = await db.work("reads after the cursor", after)
            if rows:
                last = rows[-1]["seq"]
                await producer.send_batch([relay._envelope(row).to_message() for row in rows])
                await db.execute(SQL["mark_published"], [row["seq"] for row in rows])
                await db.work("moves the cursor", lambda tx, last=last: tx.put("cursor", (), {"seq": last}))
        if not rows:
            await wake.wait(1)


async def consumer_that_commits_its_offset_first(
    consumption: consumer.Consumption, watchdog: Watchdog, wake: Wake
) -> None:
    """What was polled when it died is never polled again."""
    while True:
        polled = await consumption.consumer.poll(records_max=BATCH_SIZE_MAX, timeout_seconds=1)
        if polled:
            ends = {part: messages[-1].offset + 1 for part, messages in polled.items()}
            await consumption.consumer.commit(ends)
        for part, messages in polled.items():
            for message in messages:
                if part.topic == control_topic_of(consumption.country):
                    await consumption.on_control(message)
                else:
                    await consumption.inbox.take([Envelope.of(message)])
        await consumer.ask_for_gaps(consumption)


class InboxThatRemembersAfterwards(Inbox):
    """Handler and inbox row are two transactions: a death between them handles the event twice."""

    async def take(self, events: Sequence[Envelope]) -> list[Outcome]:
        for event in events:
            async with transaction(self.pool) as db:
                known = await db.fetchval(SQL["handled_event_id"], *self._place(event))
            if known is None:
                async with transaction(self.pool) as db:
                    await self.handle(db, event)
        return await InboxWithoutHandlers(
            self.consumer, self.pool, self.handlers, self.make_ctx, self.clock, self.gaps
        ).take(events)


class InboxWithoutHandlers(Inbox):
    """Remembers only."""

    async def handle(self, db: Any, event: Envelope) -> Outcome:
        return Outcome.IGNORED


class InboxThatHandlesDuplicates(Inbox):
    """There is no inbox at all: what comes twice is handled twice."""

    async def _claim(self, db: Any, event: Envelope) -> Outcome:
        outcome = await super()._claim(db, event)
        if outcome is Outcome.DUPLICATE:
            await self.handle(db, event)
        return outcome


MUTANTS: Final[dict[str, Callable[[], Parts]]] = {
    "marked before the acknowledgment": lambda: Parts(relay=relay_that_marks_before_the_acknowledgment),
    "a cursor instead of a mark": lambda: Parts(relay=relay_with_a_cursor),
    "offset before commit": lambda: Parts(consume=consumer_that_commits_its_offset_first),
    "inbox outside the transaction": lambda: Parts(inbox=InboxThatRemembersAfterwards),
    "no inbox": lambda: Parts(inbox=InboxThatHandlesDuplicates),
    "payments repeated without asking": lambda: Parts(asks_first=False),
}

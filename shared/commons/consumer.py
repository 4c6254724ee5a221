"""The consumer loop: poll, take into the inbox, and only then commit the offset."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from commons import telemetry
from commons.cloudevents import Envelope, UnreadableMessage
from commons.inbox import BATCH_SIZE_MAX, Inbox
from commons.kafka import Consumer, Producer, Received, Watchdog
from commons.outbox import control_topic_of, topic_of
from commons.parked import retry_due
from commons.replay import say
from commons.wake import Wake

log = logging.getLogger(__name__)

POLL_TIMEOUT_SECONDS: Final = 0.5
PARKED_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Consumption:
    """One member of a service's group: what it polls from, where events go, who hears control messages."""

    consumer: Consumer
    inbox: Inbox
    producer: Producer
    country: str
    on_control: Callable[[Received], Awaitable[None]]
    on_handled: Callable[[], None]
    """Rung after each batch: handlers may have written outbox rows, effects or deadlines."""


async def consume(consumption: Consumption, watchdog: Watchdog, wake: Wake) -> None:
    """Take what arrives until told to stop, then finish the batch. Any exception ends the process."""
    while not wake.stopping:
        if await consume_batch(consumption):
            watchdog.sign_of_life()


async def consume_batch(consumption: Consumption, *, timeout_seconds: float = POLL_TIMEOUT_SECONDS) -> int:
    """Poll once, take everything in, then commit the offsets; how many messages there were."""
    polled = await consumption.consumer.poll(records_max=BATCH_SIZE_MAX, timeout_seconds=timeout_seconds)
    if not polled:
        for topic in {part.topic for part in consumption.consumer.assignment()}:
            telemetry.CONSUMER_LAG_SECONDS.labels(topic).set(0)
        return 0
    control_topic = control_topic_of(consumption.country)
    for part, messages in polled.items():
        if part.topic == control_topic:
            for message in messages:
                await consumption.on_control(message)
        else:
            await _take(consumption, messages)
    consumption.on_handled()
    await ask_for_gaps(consumption)
    await consumption.consumer.commit({part: messages[-1].offset + 1 for part, messages in polled.items()})
    return sum(len(messages) for messages in polled.values())


async def retry_parked(
    consumption: Consumption, wake: Wake, *, poll_seconds: float = PARKED_POLL_SECONDS
) -> None:
    """Try what is parked and due until told to stop."""
    while not wake.stopping:
        if await retry_due(consumption.inbox):
            consumption.on_handled()
        await ask_for_gaps(consumption)
        await wake.wait(poll_seconds)


async def ask_for_gaps(consumption: Consumption) -> None:
    """Ask the producers for what is missing. If this is lost, the parked event asks again."""
    gaps, consumption.inbox.gaps[:] = list(consumption.inbox.gaps), []
    await say(consumption.producer, consumption.country, *gaps)


def topics_of(types: Iterable[str], country: str) -> list[str]:
    """The topics that carry these types, and the control topic."""
    services = sorted({each.partition(".")[0] for each in types})
    return [*(topic_of(country, service) for service in services), control_topic_of(country)]


async def _take(consumption: Consumption, messages: Sequence[Received]) -> None:
    events = []
    for message in messages:
        try:
            events.append(Envelope.of(message))
        except UnreadableMessage as unreadable:
            # It names no aggregate to be parked. Only our own services write here: a bug, told loudly.
            telemetry.EVENTS_HANDLED.labels("unreadable").inc()
            log.error("a message cannot be read", extra={"reason": str(unreadable)})
    if events:
        await consumption.inbox.take(events)
        lag_seconds = (consumption.inbox.clock.now() - events[-1].created).total_seconds()
        telemetry.CONSUMER_LAG_SECONDS.labels(events[-1].topic).set(max(0.0, lag_seconds))

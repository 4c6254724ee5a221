"""Bring a restored database back among the others: `python -m payroll restored`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from commons.cloudevents import Envelope, UnreadableMessage
from commons.consumer import topics_of
from commons.country import load_country
from commons.database import COMMONS_SQL as SQL
from commons.database import Connection, Pool, connect, create_pools, transaction
from commons.kafka import KafkaProducer, Producer, Received, read_ends, read_whole, tls_context
from commons.migrate import MigrationRefused, migrate
from commons.outbox import control_topic_of, topic_of
from commons.repair import add_who_and_why, instant
from commons.replay import ReplayRequested, say
from commons.set_back import remedy

if TYPE_CHECKING:
    from commons.process import Service
    from commons.settings import Settings

ASKS_FIRST_DAYS: Final = 35  # as long as neighbours can repeat what makes us act
MARGIN: Final = timedelta(minutes=10)  # clocks, and transactions that were under way at the moment itself
LOOKED_AT_PER_PARTITION: Final = 20
SHOWN_MAX: Final = 500

Ends = tuple[Sequence[Received], Sequence[Received]]
ReadEnds = Callable[[Sequence[str]], Awaitable[Ends]]
"""The last messages of the service's own topic, and the last that it committed of the topics it reads."""


@dataclass(frozen=True, slots=True)
class Regained:
    """What a restoration found: events of our own taken back, effects in doubt, events to hear again."""

    events: int
    effects: int
    unheard: int
    topics: Sequence[str]
    asked_since: datetime


async def regain(
    pool: Pool,
    producer: Producer,
    own: AsyncIterable[Sequence[Received]],
    heard: AsyncIterable[Sequence[Received]],
    *,
    country: str,
    name: str,
    topics: Sequence[str],
    generation: int,
    since: datetime,
    by: str,
    reason: str,
) -> Regained:
    """Take back what we said and forgot, doubt what we may have done, and ask for what we were told.

    Before the worker and the api of the restored database run. `own` is our topic, whole; `heard` are those
    we read; `since` is the moment to which the database went back. What was read late and so is older than
    that moment is asked for too. Safe to repeat.
    """
    wanted = [topic for topic in topics if topic != control_topic_of(country)]
    asked_since, unheard = since, 0
    async with transaction(pool) as db:
        taken = [await _take_back(db, event) async for batch in own for event in _events(batch)]
        async for batch in heard:
            count, oldest = await _not_received(db, name, _events(batch))
            unheard += count
            asked_since = min(asked_since, oldest or asked_since)
        doubted = await db.fetch(SQL["doubt_effects"])
        await db.execute(SQL["record_restoration"], generation, since, ASKS_FIRST_DAYS, by, reason)
    asked_since -= MARGIN
    await say(
        producer,
        country,
        *(
            ReplayRequested(topic=topic, since=asked_since, requested_by=name, reason=f"restored: {reason}")
            for topic in wanted
        ),
    )
    return Regained(sum(taken), len(doubted), unheard, wanted, asked_since)


async def look_back(pool: Pool, name: str, ends: Ends) -> str | None:
    """Notice that the broker knows more of this service than its database; the sentence, which is kept.

    What was published was committed before, and so was what is marked as read: a database that lacks either
    was set back. Where a restoration is decided, only what is newer counts.
    """
    own, heard = (_events(batch) for batch in ends)
    async with transaction(pool) as db:
        said = await db.fetchrow(
            SQL["said_and_unknown"], [each.id for each in own], [each.created for each in own]
        )
        assert said is not None, "an aggregate always answers"
        unheard, oldest = await _not_received(db, name, heard, after=await db.fetchval(SQL["restored_last"]))
        if not said["events"] and not unheard:
            return None
        first = min(each for each in (said["oldest"], oldest) if each is not None)
        sentence = (
            f"The database was set back: it lacks {said['events']} events that this service has published "
            f"and {unheard} that it has handled, the oldest of {first:%Y-%m-%d %H:%M:%S} UTC. {remedy(name)}"
        )
        if await db.fetchval(SQL["set_back_since"]) is None:
            await db.execute(SQL["note_set_back"], sentence)
    return sentence


def _events(batch: Iterable[Received]) -> list[Envelope]:
    found = []
    for message in batch:
        try:
            found.append(Envelope.of(message))
        except UnreadableMessage:
            continue  # it was reported by every reader when it was new
    return found


async def _take_back(db: Connection, event: Envelope) -> bool:
    taken: bool | None = await db.fetchval(
        SQL["take_back"],
        event.id,
        event.topic,
        event.agg_type,
        event.agg_id,
        event.agg_version,
        event.type,
        dict(event.data),
        dict(event.headers),
        event.created,
    )
    return taken is not None


async def _not_received(
    db: Connection, name: str, events: Sequence[Envelope], *, after: Any = None
) -> tuple[int, datetime | None]:
    row = await db.fetchrow(
        SQL["oldest_not_received"],
        name,
        [each.topic for each in events],
        [each.agg_type for each in events],
        [each.agg_id for each in events],
        [each.agg_version for each in events],
        [each.created for each in events],
        after,
    )
    assert row is not None, "an aggregate always answers"
    return row["events"], row["oldest"]


def kafka_ends(settings: Settings, name: str) -> ReadEnds:
    """Read them from the broker."""

    async def read(topics: Sequence[str]) -> Ends:
        return await read_ends(
            settings.kafka_bootstrap,
            said=topic_of(settings.country, name),
            group=name,
            heard=[topic for topic in topics if topic != control_topic_of(settings.country)],
            each=LOOKED_AT_PER_PARTITION,
            tls=tls_context(settings.kafka_ca_file, settings.kafka_certificate_file, settings.kafka_key_file),
        )

    return read


def run_restored(service: Service, settings: Settings, arguments: Sequence[str]) -> int:
    """Regain what was lost since the moment of a restoration, or list what never became true again."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {service.name} restored",
        description="After this service's database was restored to an earlier moment, "
        "before its api and worker run.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    begin = commands.add_parser("begin", help="take back our own events, and ask others for theirs")
    begin.add_argument("--since", type=instant, required=True, help="the moment: 2026-11-29T06:00+00:00")
    add_who_and_why(begin)
    commands.add_parser("left", help="what others know of us and we do not: a person must look at it")
    chosen = parser.parse_args(arguments)
    if chosen.command == "left":
        return asyncio.run(_left(service, settings))
    try:
        return asyncio.run(_begin(service, settings, chosen.since, chosen.by, chosen.reason))
    except MigrationRefused as refused:
        sys.stderr.write(f"{service.name} restored: {refused}\n")
        return 1


async def _begin(service: Service, settings: Settings, since: datetime, by: str, reason: str) -> int:
    # The database may be older than this release.
    await migrate(settings.database_url, service.migrations)
    tls = tls_context(settings.kafka_ca_file, settings.kafka_certificate_file, settings.kafka_key_file)
    country = load_country(settings.country, need=service.sections, folder=settings.countries_dir)
    own, control = topic_of(settings.country, service.name), control_topic_of(settings.country)
    pools = await create_pools(settings.database_url, f"{service.name} restored")
    producer = await KafkaProducer.start(settings.kafka_bootstrap, tls=tls)
    try:
        async with service.work(settings, country, pools) as work:
            topics = topics_of(work.handlers, settings.country)
            found = await regain(
                pools.write,
                producer,
                read_whole(settings.kafka_bootstrap, [own], tls=tls),
                read_whole(
                    settings.kafka_bootstrap, [topic for topic in topics if topic != control], tls=tls
                ),
                country=settings.country,
                name=service.name,
                topics=topics,
                generation=settings.database_generation,
                since=since,
                by=by,
                reason=reason,
            )
    finally:
        await producer.close()
        await pools.close()
    sys.stdout.write(
        f"{found.events} events of our own were taken back, {found.effects} effects are asked about before "
        f"they are sent, {found.unheard} events are to be heard again: {', '.join(found.topics)} are asked "
        f"for since {found.asked_since:%Y-%m-%d %H:%M:%S} UTC.\n"
    )
    return 0


async def _left(service: Service, settings: Settings) -> int:
    db = await connect(settings.database_url, f"{service.name} restored")
    try:
        rows = await db.fetch(SQL["left_from_before"], SHOWN_MAX)
    finally:
        await db.close()
    for row in rows:
        sys.stdout.write(
            f"{row['created']:%Y-%m-%d %H:%M:%S} UTC  {row['type']} of {row['agg_type']}/{row['agg_id']}, "
            f"version {row['agg_version']}: {_difference(row['data'], row['told_otherwise'])}\n"
        )
    if not rows:
        sys.stdout.write("Everything that was said before the restoration is true again.\n")
    return 0


def _difference(said: dict[str, Any], now: dict[str, Any] | None) -> str:
    if now is None:
        return "not true again"
    other = sorted(key for key in said.keys() | now.keys() if said.get(key) != now.get(key))
    return "; ".join(f"{key} was told as {said.get(key)} and is {now.get(key)}" for key in other)

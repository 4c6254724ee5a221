"""Bring a restored database back among the others: `python -m payroll restored`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from commons.cloudevents import Envelope, UnreadableMessage
from commons.consumer import topics_of
from commons.country import load_country
from commons.database import COMMONS_SQL as SQL
from commons.database import Pool, connect, create_pools, transaction
from commons.kafka import KafkaProducer, Producer, Received, read_whole, tls_context
from commons.outbox import control_topic_of, topic_of
from commons.repair import _add_who_and_why, _instant
from commons.replay import ReplayRequested, say

if TYPE_CHECKING:
    from commons.process import Service
    from commons.settings import Settings

ASKS_FIRST_DAYS: Final = 35  # as long as neighbours can repeat what makes us act
MARGIN: Final = timedelta(minutes=10)  # clocks, and transactions that were under way at the moment itself
SHOWN_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Regained:
    """What a restoration found: events of our own taken back, effects in doubt, topics asked for again."""

    events: int
    effects: int
    topics: Sequence[str]


async def regain(
    pool: Pool,
    producer: Producer,
    own: Iterable[Received],
    *,
    country: str,
    name: str,
    topics: Sequence[str],
    since: datetime,
    by: str,
    reason: str,
) -> Regained:
    """Take back what we said and forgot, doubt what we may have done, and ask for what we were told.

    Before the worker and the api of the restored database run. `own` is our topic, whole; `since` is the
    moment to which the database went back. Safe to repeat.
    """
    async with transaction(pool) as db:
        taken = 0
        for message in own:
            try:
                event = Envelope.of(message)
            except UnreadableMessage:
                continue  # it was reported by every reader when it was new
            version = await db.fetchval(
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
            taken += version is not None
        doubted = await db.fetch(SQL["doubt_effects"])
        await db.execute(SQL["record_restoration"], since, ASKS_FIRST_DAYS, by, reason)
    wanted = [topic for topic in topics if topic != control_topic_of(country)]
    await say(
        producer,
        country,
        *(
            ReplayRequested(
                topic=topic, since=since - MARGIN, requested_by=name, reason=f"restored: {reason}"
            )
            for topic in wanted
        ),
    )
    return Regained(taken, len(doubted), wanted)


def run_restored(service: Service, settings: Settings, arguments: Sequence[str]) -> int:
    """Regain what was lost since the moment of a restoration, or list what never became true again."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {service.name} restored",
        description="After this service's database was restored to an earlier moment, "
        "before its api and worker run.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    begin = commands.add_parser("begin", help="take back our own events, and ask others for theirs")
    begin.add_argument("--since", type=_instant, required=True, help="the moment: 2026-11-29T06:00+00:00")
    _add_who_and_why(begin)
    commands.add_parser("left", help="what others know of us and we do not: a person must look at it")
    chosen = parser.parse_args(arguments)
    if chosen.command == "left":
        return asyncio.run(_left(service, settings))
    return asyncio.run(_begin(service, settings, chosen.since, chosen.by, chosen.reason))


async def _begin(service: Service, settings: Settings, since: datetime, by: str, reason: str) -> int:
    tls = tls_context(settings.kafka_ca_file, settings.kafka_certificate_file, settings.kafka_key_file)
    country = load_country(settings.country, need=service.sections, folder=settings.countries_dir)
    own = await read_whole(settings.kafka_bootstrap, topic_of(settings.country, service.name), tls=tls)
    pools = await create_pools(settings.database_url, f"{service.name} restored")
    producer = await KafkaProducer.start(settings.kafka_bootstrap, tls=tls)
    try:
        async with service.work(settings, country, pools) as work:
            found = await regain(
                pools.write,
                producer,
                own,
                country=settings.country,
                name=service.name,
                topics=topics_of(work.handlers, settings.country),
                since=since,
                by=by,
                reason=reason,
            )
    finally:
        await producer.close()
        await pools.close()
    sys.stdout.write(
        f"{found.events} events of our own were taken back, {found.effects} effects are asked about before "
        f"they are sent, and {', '.join(found.topics)} are asked for since "
        f"{since - MARGIN:%Y-%m-%d %H:%M:%S} UTC.\n"
    )
    return 0


async def _left(service: Service, settings: Settings) -> int:
    db = await connect(settings.database_url, f"{service.name} restored")
    try:
        rows = await db.fetch(SQL["not_told_again"], SHOWN_MAX)
    finally:
        await db.close()
    for row in rows:
        sys.stdout.write(
            f"{row['created']:%Y-%m-%d %H:%M:%S} UTC  {row['type']} of {row['agg_type']}/{row['agg_id']}, "
            f"version {row['agg_version']}\n"
        )
    if not rows:
        sys.stdout.write("Everything that was said before the restoration is true again.\n")
    return 0

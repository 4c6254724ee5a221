"""Let everything come to rest; then publish everything again, and see that nothing changes."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from commons.database import Connection
from commons.outbox import topic_of
from commons.replay import ReplayRequested, replay
from local.processes import PARTITIONS_PER_TOPIC, SERVICES
from tests.e2e.addresses import Addresses
from tests.e2e.databases import open_databases
from tests.e2e.waiting import NeverHappened

DRAIN_SECONDS_MAX: Final = 240.0
REPLAY_SECONDS_MAX: Final = 240.0
POLL_SECONDS: Final = 0.3
# What a repetition may change: when an event was published, that it was asked for, what was noticed of it.
_BESIDES: Final = {"outbox": ("published",)}
_TABLES_BESIDES: Final = ("replay_decision", "reconciliation_difference", "watchdog_exit")
_TABLES: Final = """
select table_schema as schema, table_name as name,
  array_agg(column_name::text order by ordinal_position) as columns
from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
  and table_name <> all($1)
group by table_schema, table_name
order by table_schema, table_name
"""


async def when_quiet(addresses: Addresses, *, seconds: float = DRAIN_SECONDS_MAX) -> list[str]:
    """Wait until nothing is under way; what still is after that many seconds, as findings."""
    try:
        async with open_databases(addresses) as databases:
            await databases.when_quiet(seconds=seconds)
    except NeverHappened as never:
        return [f"it does not come to rest. {never}"]
    return []


async def contents(db: Connection) -> dict[str, str]:
    """A checksum over all rows of each table of a database, without what a repetition may change."""
    found = {}
    for table in await db.fetch(_TABLES, _TABLES_BESIDES):
        besides = _BESIDES.get(table["name"], ())
        row = ", ".join(f'"{column}"' for column in table["columns"] if column not in besides)
        found[f"{table['schema']}.{table['name']}"] = await db.fetchval(
            f"select count(*) || ' ' || coalesce(md5(string_agg(one, '' order by one)), '') "  # noqa: S608
            f'from (select row({row})::text as one from "{table["schema"]}"."{table["name"]}") as all_rows'
        )
    return found


async def replayed_changes(addresses: Addresses, bootstrap: str) -> list[str]:
    """Publish every event of every service again; which tables that changed, as findings."""
    async with open_databases(addresses) as databases:
        before = await databases.of_each(contents)
        for service, db in databases.by_service.items():
            topic = topic_of(addresses.country, service)
            async with db.transaction():
                await replay(
                    db, ReplayRequested(topic=topic, requested_by="chaos", reason="everything again")
                )
        end = time.monotonic() + REPLAY_SECONDS_MAX
        left = await databases.unpublished()
        while left and time.monotonic() < end:
            await asyncio.sleep(POLL_SECONDS)
            left = await databases.unpublished()
        lag = await _lag_gone(bootstrap, addresses.country, end)
        after = await databases.of_each(contents)
        found = [f"publishing all again left {lag} messages unread"] if lag else []
        return found + [
            f"publishing all again changed {service}.{table}: {before[service][table]} → {rows}"
            for service, tables in after.items()
            for table, rows in tables.items()
            if before[service][table] != rows
        ]


async def _lag_gone(bootstrap: str, country: str, end: float) -> int:
    """Wait until every service has read its topics to the end; how many messages are left unread."""
    lag = 0
    for service in SERVICES:
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=service, enable_auto_commit=False)
        await consumer.start()
        try:
            while True:
                left = await _lag(consumer, country)
                if not left or time.monotonic() > end:
                    break
                await asyncio.sleep(POLL_SECONDS)
            lag += left
        finally:
            await consumer.stop()
    return lag


async def _lag(consumer: AIOKafkaConsumer, country: str) -> int:
    left = 0
    for producer in SERVICES:
        topic = f"{country.lower()}.{producer}.v1"
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS_PER_TOPIC)]
        ends = await consumer.end_offsets(partitions)
        for partition in partitions:
            committed = await consumer.committed(partition)
            # Nothing was ever committed where a service does not read a topic.
            if committed is not None:
                left += ends[partition] - committed
    return left

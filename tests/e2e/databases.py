"""What the services have stored, read from outside: counts, open work, the ledgers, and words that must not be there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from commons.database import Connection, connect
from commons.ledger import check_invariants
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.waiting import WAIT_SECONDS_MAX, until

LEDGERS = ("invoicing", "guarantee")
LOG_BYTES_MAX = 200_000_000
T = TypeVar("T")

_TABLES = """
select format('%I.%I', table_schema, table_name) as name
from information_schema.tables
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
order by name
"""
_OPEN_WORK = """
select
  (select count(*) from outbox where published is null)
  + (select count(*) from effect where state in ('pending', 'sending', 'unknown'))
  + (select count(*) from parked)
  + (select count(*) from deadline join business_day using (entity_id)
     where done_at is null and business_day.simulated and due_date <= business_day.day)
"""
_PUBLISHED = "select topic, count(*) as events from outbox group by topic"
_RECEIVED = "select topic, count(*) as events from inbox group by topic"


class Databases:
    """A connection to the database of each service, for reading alone."""

    def __init__(self, connections: dict[str, Connection], tables: dict[str, list[str]]) -> None:
        self._connections = connections
        self._tables = tables

    @property
    def connections(self) -> list[Connection]:
        """The connections, for what reads every service alike."""
        return list(self._connections.values())

    @property
    def by_service(self) -> Mapping[str, Connection]:
        """The connection to each service's database."""
        return self._connections

    async def of_each(self, ask: Callable[[Connection], Awaitable[T]]) -> dict[str, T]:
        """The answer of each service's database to the same question."""

        async def asked(service: str, db: Connection) -> tuple[str, T]:
            return service, await ask(db)

        return dict(await self._each(asked))

    async def row_counts(self) -> dict[str, int]:
        """How many rows each table of each service has."""

        async def counted(service: str, db: Connection) -> dict[str, int]:
            statement = " union all ".join(
                f"select '{table}' as name, count(*) as rows from {table}"  # noqa: S608  (the catalog's own names)
                for table in self._tables[service]
            )
            return {f"{service}.{row['name']}": row["rows"] for row in await db.fetch(statement)}

        return {name: rows for found in await self._each(counted) for name, rows in found.items()}

    async def when_quiet(self, *, seconds: float = WAIT_SECONDS_MAX) -> dict[str, int]:
        """Wait until nothing is under way: all is published, received, handled, sent, decided. The row counts."""
        await until(
            "no service has anything left to do", self._left_to_do, lambda left: not left, seconds=seconds
        )
        return await self.row_counts()

    async def unpublished(self) -> dict[str, int]:
        """Events that each service still has to publish."""
        return await self._counts("select count(*) from outbox where published is null")

    async def parked(self) -> dict[str, int]:
        """Events that wait at each service for something, or for a person."""
        return await self._counts("select count(*) from parked")

    async def failed_effects(self) -> dict[str, int]:
        """What each service gave up asking of the outside world."""
        return await self._counts("select count(*) from effect where state = 'failed'")

    async def broken_ledger_rules(self) -> dict[str, list[str]]:
        """What is wrong in the books of the services that keep any."""
        return {service: await check_invariants(self._connections[service]) for service in LEDGERS}

    async def events_with(self, words: Collection[str]) -> list[str]:
        """Events in an outbox that hold one of the words."""
        found = []
        for service, db in self._connections.items():
            for row in await db.fetch("select type, data::text || headers::text as text from outbox"):
                found += [f"{service} {row['type']}: {word}" for word in words if word in row["text"]]
        return found

    async def tables_with(self, service: str, words: Collection[str]) -> list[str]:
        """Tables of a service with a row that holds one of the words."""
        found = []
        for table in self._tables[service]:
            like = f"select exists (select from {table} as one where one::text like any($1))"  # noqa: S608  (the same)
            if await self._connections[service].fetchval(like, [f"%{word}%" for word in words]):
                found.append(table)
        return found

    async def _left_to_do(self) -> dict[str, int]:
        async def asked(service: str, db: Connection) -> tuple[str, int, dict[str, int], dict[str, int]]:
            published = {row["topic"]: row["events"] for row in await db.fetch(_PUBLISHED)}
            received = {row["topic"]: row["events"] for row in await db.fetch(_RECEIVED)}
            return service, await db.fetchval(_OPEN_WORK), published, received

        answers = await self._each(asked)
        published = {topic: count for _, _, topics, _ in answers for topic, count in topics.items()}
        left = {f"{service}: open work": work for service, work, _, _ in answers}
        for service, _, _, received in answers:
            for topic, count in received.items():
                left[f"{service}: events of {topic} to come"] = published.get(topic, 0) - count
        return {name: count for name, count in left.items() if count}

    async def _counts(self, statement: str) -> dict[str, int]:
        async def counted(service: str, db: Connection) -> tuple[str, int]:
            return service, await db.fetchval(statement)

        return {service: count for service, count in await self._each(counted) if count}

    async def _each(self, ask: Callable[[str, Connection], Awaitable[T]]) -> list[T]:
        return await asyncio.gather(*(ask(service, db) for service, db in self._connections.items()))


@asynccontextmanager
async def open_databases(addresses: Addresses) -> AsyncIterator[Databases]:
    """The databases of a stack."""
    opened = await asyncio.gather(*(connect(addresses.databases[service], "e2e") for service in SERVICES))
    connections: dict[str, Connection] = dict(zip(SERVICES, opened, strict=True))
    try:
        tables = {
            service: [row["name"] for row in await db.fetch(_TABLES)] for service, db in connections.items()
        }
        yield Databases(connections, tables)
    finally:
        await asyncio.gather(*(db.close() for db in opened))


def logs_with(run_dir: Path, words: Collection[str]) -> list[str]:
    """Log files that hold one of the words."""
    found = []
    for file in sorted((run_dir / "logs").glob("*.log*")):
        assert file.stat().st_size < LOG_BYTES_MAX, f"{file.name} is larger than a log of a test"
        text = file.read_text(errors="replace")
        found += [f"{file.name}: {word}" for word in words if word in text]
    return found

"""What the services have stored, read from outside: counts, open work, the ledgers, and words that must not be there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from commons.database import Connection, connect
from commons.ledger import check_invariants
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.waiting import until

LEDGERS = ("invoicing", "guarantee")
LOG_BYTES_MAX = 200_000_000

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


async def row_counts(addresses: Addresses) -> dict[str, int]:
    """How many rows each table of each service has."""
    counts: dict[str, int] = {}
    async with _all(addresses) as connections:
        for service, db in connections.items():
            for row in await db.fetch(_TABLES):
                counts[f"{service}.{row['name']}"] = await db.fetchval(f"select count(*) from {row['name']}")  # noqa: S608  (the catalog's own names)
    return counts


async def is_quiet(addresses: Addresses) -> dict[str, int]:
    """Wait until nothing is under way any more: published, received, handled, sent, due. Gives the row counts."""
    async with _all(addresses) as connections:
        await until(
            "no service has anything left to do",
            lambda: _left_to_do(connections),
            lambda left: not left,
        )
    return await row_counts(addresses)


async def unpublished(addresses: Addresses) -> dict[str, int]:
    """Events that each service still has to publish."""
    return await _counted(addresses, "select count(*) from outbox where published is null")


async def parked(addresses: Addresses) -> dict[str, int]:
    """Events that wait at each service for something, or for a person."""
    return await _counted(addresses, "select count(*) from parked")


async def failed_effects(addresses: Addresses) -> dict[str, int]:
    """What each service gave up asking of the outside world."""
    return await _counted(addresses, "select count(*) from effect where state = 'failed'")


async def broken_ledger_rules(addresses: Addresses) -> dict[str, list[str]]:
    """What is wrong in the books of the services that keep any."""
    async with _all(addresses) as connections:
        return {service: await check_invariants(connections[service]) for service in LEDGERS}


async def outbox_rows_with(addresses: Addresses, words: Collection[str]) -> list[str]:
    """Events that hold one of the words, by service and type."""
    found = []
    async with _all(addresses) as connections:
        for service, db in connections.items():
            for row in await db.fetch("select type, data::text || headers::text as text from outbox"):
                found += [f"{service} {row['type']}: {word}" for word in words if word in row["text"]]
    return found


async def rows_with(service: str, addresses: Addresses, words: Collection[str]) -> list[str]:
    """Tables of a service in which a row holds one of the words."""
    found = []
    async with _all(addresses) as connections:
        db = connections[service]
        for row in await db.fetch(_TABLES):
            for word in words:
                like = f"select exists (select from {row['name']} as one where one::text like $1)"  # noqa: S608  (the same)
                if await db.fetchval(like, f"%{word}%"):
                    found.append(f"{row['name']}: a row with a planted word")
    return found


def log_lines_with(run_dir: Path, words: Collection[str]) -> list[str]:
    """Log files that hold one of the words."""
    found = []
    for file in sorted((run_dir / "logs").glob("*.log*")):
        assert file.stat().st_size < LOG_BYTES_MAX, f"{file.name} is larger than a log of a test"
        text = file.read_text(errors="replace")
        found += [f"{file.name}: {word}" for word in words if word in text]
    return found


async def _left_to_do(connections: Mapping[str, Connection]) -> dict[str, int]:
    left = {f"{service}: open work": await db.fetchval(_OPEN_WORK) for service, db in connections.items()}
    published: dict[str, int] = {}
    for db in connections.values():
        rows = await db.fetch("select topic, count(*) as events from outbox group by topic")
        published |= {row["topic"]: row["events"] for row in rows}
    for service, db in connections.items():
        rows = await db.fetch("select topic, count(*) as events from inbox group by topic")
        for row in rows:
            name = f"{service}: events of {row['topic']} not yet received"
            left[name] = published.get(row["topic"], 0) - row["events"]
    return {name: count for name, count in left.items() if count}


async def _counted(addresses: Addresses, statement: str) -> dict[str, int]:
    async with _all(addresses) as connections:
        counts = {service: await db.fetchval(statement) for service, db in connections.items()}
    return {service: count for service, count in counts.items() if count}


@asynccontextmanager
async def _all(addresses: Addresses) -> AsyncIterator[dict[str, Connection]]:
    opened = await asyncio.gather(*(connect(addresses.databases[service], "e2e") for service in SERVICES))
    try:
        yield dict(zip(SERVICES, opened, strict=True))
    finally:
        await asyncio.gather(*(db.close() for db in opened))

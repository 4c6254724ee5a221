"""Whoever migrates dies in the middle, again and again: the next attempt ends where one attempt would have."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from commons.database import connect
from local.postgres import Postgres
from tests.chaos.proxy import Door

SERVICE = "payroll"
LATENCY_SECONDS = 0.02
KILLS = 5
MIGRATE_SECONDS_MAX = 120.0
SHAPE = """
select string_agg(line, e'\\n' order by line) from (
  select format('%s.%s.%s %s %s', table_schema, table_name, column_name, data_type, is_nullable) as line
  from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema')
  union all select indexdef from pg_indexes where schemaname not in ('pg_catalog')
  union all select conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint where conrelid <> 0
  union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
  union all select proname || md5(prosrc) from pg_proc where pronamespace::regnamespace::text not in
    ('pg_catalog', 'information_schema')
) as shape
"""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def door(postgres: Postgres) -> AsyncIterator[Door]:
    async with Door("migrate > postgres") as opened:
        opened.target_port = postgres.port
        opened.slow_down(LATENCY_SECONDS)
        yield opened


async def test_migrations_that_were_killed_end_where_undisturbed_ones_do(
    postgres: Postgres, door: Door
) -> None:
    for database in ("whole", "killed"):
        await asyncio.to_thread(postgres.execute, f"create database {database}")
    assert await _migrate(postgres.port, "whole") == 0
    seen = set()
    for number in range(KILLS):
        migrating = await _begin(door.port, "killed")
        await _until_it_works(postgres, steps=number)
        migrating.kill()
        await migrating.wait()
        seen.add(await _applied(postgres, "killed"))
        await door.cut()
    assert len(seen) > 1, "the kills met it at different places"
    assert await _migrate(postgres.port, "killed") == 0
    assert await _shape(postgres, "killed") == await _shape(postgres, "whole")


async def _begin(port: int, database: str) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "COUNTRY": "be",
        "PROFILE": "local",
        "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{port}/{database}",
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "HTTP_PORT": "0",
        "JWT_ISSUER": "http://127.0.0.1:1",
        "JWKS_URL": "http://127.0.0.1:1/jwks.json",
        "AUTHORITY_URL": "http://127.0.0.1:1",
        "BANK_URL": "http://127.0.0.1:1",
        "DATA_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    }
    return await asyncio.create_subprocess_exec(sys.executable, "-m", SERVICE, "migrate", env=environment)


async def _migrate(port: int, database: str) -> int:
    async with asyncio.timeout(MIGRATE_SECONDS_MAX):
        return await (await _begin(port, database)).wait()


async def _until_it_works(postgres: Postgres, *, steps: int) -> None:
    """Wait until a migration has begun, and then until some more of its statements were seen."""
    db = await connect(postgres.url("killed"), "chaos")
    try:
        async with asyncio.timeout(MIGRATE_SECONDS_MAX):
            seen: set[object] = set()
            while len(seen) <= steps:
                row = await db.fetchrow(
                    "select query_start, query from pg_stat_activity "
                    "where datname = 'killed' and pid <> pg_backend_pid() and query <> '' limit 1"
                )
                if row is not None:
                    seen.add(row["query_start"])
                elif seen:
                    return
                await asyncio.sleep(0.005)
    finally:
        await db.close()


async def _applied(postgres: Postgres, database: str) -> int:
    db = await connect(postgres.url(database), "chaos")
    try:
        return int(
            await db.fetchval("select count(*) from information_schema.tables where table_schema = 'public'")
        )
    finally:
        await db.close()


async def _shape(postgres: Postgres, database: str) -> str:
    db: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(postgres.url(database))
    try:
        return str(await db.fetchval(SHAPE))
    finally:
        await db.close()

"""Migrations: numbered files of plain SQL, each applied once, in order, by one process at a time."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from commons import telemetry
from commons.database import Connection, connect

log = logging.getLogger(__name__)

_COMMONS: Final = Path(__file__).parent / "sql" / "migrations"
COMMONS_MESSAGING: Final = _COMMONS / "messaging"
"""Outbox, inbox, parked events, effects, deadlines, business days: for every service."""
COMMONS_API: Final = _COMMONS / "api"
"""What was answered to which idempotency key: for every service with mutations."""
COMMONS_LEDGER: Final = _COMMONS / "ledger"
"""The ledger, for the services that book. The service's own migration limits the kinds of account."""

LOCK_WAIT_SECONDS_MAX: Final = 60.0
LOCK_POLL_SECONDS: Final = 0.25
LOCK_TIMEOUT: Final = "3s"  # a migration that waits for a lock makes everybody behind it wait too
LOCK_ATTEMPTS_MAX: Final = 10
LOCK_RETRY_SECONDS: Final = 0.5
STATEMENT_TIMEOUT_SECONDS: Final = 3_600.0

_NAME: Final = re.compile(r"(?P<number>[0-9]{4})_(expand|contract)_[a-z0-9_]+\.sql")
_NO_TRANSACTION: Final = "-- no-transaction"

_TABLE: Final = """
create table if not exists schema_migration (
  name    text        primary key,
  sha256  text        not null,
  applied timestamptz not null default clock_timestamp(),
  seconds numeric     not null
)
"""


class MigrationRefused(Exception):
    """The migrations cannot be applied as they are; the sentence says which file and why."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. `name` is what the database remembers, with a prefix for files of the shared library."""

    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The hash that the database keeps: an applied file is never changed."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def is_in_transaction(self) -> bool:
        """Whether it is applied whole or not at all. A file that begins with `-- no-transaction` is not,
        and holds one statement, like `create index concurrently`, that can be repeated."""
        return not self.sql.startswith(_NO_TRANSACTION)


async def migrate(url: str, folders: Sequence[Path]) -> list[str]:
    """Apply what is not applied yet, folder by folder; the names applied now.

    Raises MigrationRefused, for example where an applied file was changed.
    """
    migrations = read_migrations(folders)
    db = await connect(url, "migrate")
    try:
        await _lock(db)
        await db.execute(_TABLE)
        applied = await _applied(db)
        pending = _pending(migrations, applied)
        for migration in pending:
            await _apply_with_retries(db, migration)
        return [migration.name for migration in pending]
    finally:
        await db.close()


async def is_migrated(db: Connection, folders: Sequence[Path]) -> bool:
    """Whether the database has every migration this program was built for; it may have newer ones."""
    return not await _missing(db, read_migrations(folders))


async def shows_migrations(db: Connection, folders: Sequence[Path]) -> bool:
    """The same for a program that runs: its metrics say how many are missing, and what it was built for."""
    migrations = read_migrations(folders)
    missing = await _missing(db, migrations)
    telemetry.MIGRATIONS_MISSING.set(len(missing))
    telemetry.SCHEMA_INFO.labels(migrations[-1].name.removesuffix(".sql")).set(1)
    return not missing


async def _missing(db: Connection, migrations: Sequence[Migration]) -> set[str]:
    names = {migration.name for migration in migrations}
    if await db.fetchval("select to_regclass('schema_migration')") is None:
        return names
    return names - set(await _applied(db))


def read_migrations(folders: Sequence[Path]) -> list[Migration]:
    """The files in the order of their application. Raises MigrationRefused for a wrong or doubled number."""
    migrations = []
    for folder in folders:
        prefix = f"commons/{folder.name}/" if folder.parent == _COMMONS else ""
        numbers: dict[str, str] = {}
        for file in sorted(folder.glob("*.sql")):
            match = _NAME.fullmatch(file.name)
            if match is None:
                raise MigrationRefused(
                    f"{file.name} is not named like 0001_expand_what.sql or 0002_contract_what.sql"
                )
            if match["number"] in numbers:
                raise MigrationRefused(f"{file.name} has the number of {numbers[match['number']]}")
            numbers[match["number"]] = file.name
            migrations.append(Migration(prefix + file.name, file.read_text(encoding="utf-8")))
        if not numbers:
            raise MigrationRefused(f"there is no migration in {folder.name}")
    return migrations


async def _lock(db: Connection) -> None:
    deadline = time.monotonic() + LOCK_WAIT_SECONDS_MAX
    while not await db.fetchval("select pg_try_advisory_lock(7210, 2)"):
        if time.monotonic() > deadline:
            raise MigrationRefused(f"another process has been migrating for {LOCK_WAIT_SECONDS_MAX} s")
        await asyncio.sleep(LOCK_POLL_SECONDS)


async def _applied(db: Connection) -> dict[str, str]:
    return {row["name"]: row["sha256"] for row in await db.fetch("select name, sha256 from schema_migration")}


def _pending(migrations: Sequence[Migration], applied: dict[str, str]) -> list[Migration]:
    for migration in migrations:
        if migration.name in applied and applied[migration.name] != migration.sha256:
            raise MigrationRefused(
                f"{migration.name} was changed after it was applied; write a new file instead"
            )
    pending = [migration for migration in migrations if migration.name not in applied]
    for migration in pending:
        folder = migration.name.rpartition("/")[0]
        later = [name for name in applied if name.rpartition("/")[0] == folder and name > migration.name]
        if later:
            raise MigrationRefused(
                f"{migration.name} comes before {min(later)}, which is applied; give it a new number"
            )
    return pending


async def _apply_with_retries(db: Connection, migration: Migration) -> None:
    for attempt in range(1, LOCK_ATTEMPTS_MAX + 1):
        try:
            await _apply(db, migration)
        except asyncpg.LockNotAvailableError:
            if attempt == LOCK_ATTEMPTS_MAX:
                raise
            log.warning(
                "a migration waits for a lock", extra={"migration": migration.name, "attempt": attempt}
            )
            await asyncio.sleep(LOCK_RETRY_SECONDS * attempt)
        else:
            return


async def _apply(db: Connection, migration: Migration) -> None:
    began = time.monotonic()
    if migration.is_in_transaction:
        async with db.transaction():
            await db.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
            await db.execute(migration.sql, timeout=STATEMENT_TIMEOUT_SECONDS)
            await _remember(db, migration, began)
    else:
        await db.execute(f"set lock_timeout = '{LOCK_TIMEOUT}'")
        await db.execute(migration.sql, timeout=STATEMENT_TIMEOUT_SECONDS)
        await _remember(db, migration, began)
    log.info("migrated", extra={"migration": migration.name})


async def _remember(db: Connection, migration: Migration, began: float) -> None:
    await db.execute(
        "insert into schema_migration (name, sha256, seconds) values ($1, $2, $3::text::numeric)",
        migration.name,
        migration.sha256,
        f"{time.monotonic() - began:.3f}",
    )

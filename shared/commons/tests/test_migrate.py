"""Migrations are applied once, in order, by one process, and an applied file never changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from commons import migrate as module
from commons.database import connect
from commons.migrate import (
    COMMONS_LEDGER,
    COMMONS_MESSAGING,
    MigrationRefused,
    is_migrated,
    migrate,
    read_migrations,
)
from commons.testing.fixtures import Databases


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    add(
        tmp_path,
        "0001_expand_book.sql",
        "create table book (id int primary key); insert into book values (1);",
    )
    return tmp_path


@pytest_asyncio.fixture(loop_scope="session")
async def url(databases: Databases) -> AsyncIterator[str]:
    url = await databases.create([COMMONS_MESSAGING])
    yield url
    await databases.drop(url)


def add(folder: Path, name: str, sql: str) -> Path:
    (folder / name).write_text(sql)
    return folder / name


async def ask(url: str, query: str) -> object:
    db = await connect(url, "tests")
    try:
        return await db.fetchval(query)
    finally:
        await db.close()


async def test_each_file_is_applied_once_and_remembered(url: str, folder: Path) -> None:
    assert await migrate(url, [COMMONS_MESSAGING, folder]) == ["0001_expand_book.sql"]
    assert await migrate(url, [COMMONS_MESSAGING, folder]) == []
    add(folder, "0002_contract_old.sql", "alter table book add title text")
    assert await migrate(url, [COMMONS_MESSAGING, folder]) == ["0002_contract_old.sql"]
    assert await ask(url, "select count(*) from schema_migration where name like 'commons/messaging/%'")


async def test_a_ledger_can_be_added_to_a_database_that_has_none(url: str) -> None:
    assert await migrate(url, [COMMONS_MESSAGING, COMMONS_LEDGER]) == [
        "commons/ledger/0001_expand_ledger.sql"
    ]


async def test_a_process_is_not_ready_before_its_migrations_are_there(url: str, folder: Path) -> None:
    db = await connect(url, "tests")
    assert await is_migrated(db, [COMMONS_MESSAGING])
    assert not await is_migrated(db, [COMMONS_MESSAGING, folder])
    await migrate(url, [folder])
    assert await is_migrated(db, [COMMONS_MESSAGING, folder])
    await db.close()


async def test_a_changed_file_stops_the_start(url: str, folder: Path) -> None:
    await migrate(url, [folder])
    add(folder, "0001_expand_book.sql", "create table other (id int)")
    with pytest.raises(MigrationRefused, match=r"0001_expand_book\.sql was changed"):
        await migrate(url, [folder])


async def test_a_file_that_fails_leaves_nothing_behind(url: str, folder: Path) -> None:
    add(folder, "0002_expand_bad.sql", "create table half (id int); select nothing;")
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(url, [folder])
    assert await ask(url, "select to_regclass('half') is null and to_regclass('book') is not null")
    add(folder, "0002_expand_bad.sql", "create table half (id int)")
    assert await migrate(url, [folder]) == ["0002_expand_bad.sql"]


async def test_a_file_without_a_transaction_may_build_an_index_concurrently(url: str, folder: Path) -> None:
    add(
        folder,
        "0002_expand_index.sql",
        "-- no-transaction\ncreate index concurrently if not exists book_id on book (id)",
    )
    await migrate(url, [folder])
    assert await ask(url, "select to_regclass('book_id') is not null")


async def test_several_processes_migrate_at_once_and_one_does_it(url: str, folder: Path) -> None:
    results = await asyncio.gather(*(migrate(url, [folder]) for _ in range(3)))
    assert sorted(results, key=len) == [[], [], ["0001_expand_book.sql"]]


async def test_a_migration_waits_for_a_lock_only_shortly_and_tries_again(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(module, "LOCK_RETRY_SECONDS", 0.05)
    await migrate(url, [folder])
    add(folder, "0002_expand_title.sql", "alter table book add title text")
    db = await connect(url, "holder")
    async with db.transaction():
        await db.execute("lock table book")
        running = asyncio.ensure_future(migrate(url, [folder]))
        await asyncio.sleep(0.2)
        assert not running.done()
    assert await running == ["0002_expand_title.sql"]
    await db.close()


async def test_a_new_file_below_an_applied_one_is_refused(url: str, folder: Path) -> None:
    add(folder, "0003_expand_c.sql", "select 1")
    await migrate(url, [folder])
    add(folder, "0002_expand_b.sql", "select 1")
    with pytest.raises(MigrationRefused, match=r"comes before 0003_expand_c\.sql"):
        await migrate(url, [folder])


@pytest.mark.parametrize("name", ["1_expand_a.sql", "0001_a.sql", "0001_expand_A.sql", "0001-expand-a.sql"])
def test_a_file_with_another_name_is_refused(tmp_path: Path, name: str) -> None:
    add(tmp_path, name, "select 1")
    with pytest.raises(MigrationRefused, match="is not named like"):
        read_migrations([tmp_path])


def test_a_number_is_used_once_and_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused, match="there is no migration"):
        read_migrations([tmp_path])
    add(tmp_path, "0001_expand_a.sql", "select 1")
    add(tmp_path, "0001_contract_b.sql", "select 1")
    with pytest.raises(MigrationRefused, match="has the number of"):
        read_migrations([tmp_path])

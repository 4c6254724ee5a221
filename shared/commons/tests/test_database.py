"""Transactions commit or leave nothing, transient trouble is tried again, production wants a durable server."""

from __future__ import annotations

import asyncio
import contextlib

import asyncpg
import pytest

from commons.database import (
    Connection,
    NoConnectionInTime,
    Pool,
    Pools,
    UnsafeDatabase,
    check_durability,
    connect,
    in_transaction,
    is_transient,
    is_unreachable,
    transaction,
)


async def test_json_comes_and_goes_as_python_values(db: Connection) -> None:
    value = {"a": [1, "zwei", None], "b": {"c": True}}
    assert await db.fetchval("select $1::jsonb", value) == value


async def test_a_process_is_known_by_its_name_and_the_server_speaks_utc(db: Connection) -> None:
    assert await db.fetchval("select current_setting('application_name')") == "tests"
    assert await db.fetchval("show timezone") == "UTC"


async def test_a_transient_error_is_tried_again_from_the_start(pool: Pool) -> None:
    tries: list[int] = []

    async def work(db: Connection) -> int:
        tries.append(await db.fetchval("select 1"))
        if len(tries) < 3:
            raise asyncpg.SerializationError("again")
        return len(tries)

    assert await in_transaction(pool, work) == 3


async def test_any_other_error_is_not_tried_again(pool: Pool) -> None:
    tries: list[int] = []

    async def work(db: Connection) -> None:
        tries.append(1)
        await db.execute("select nothing")

    with pytest.raises(asyncpg.UndefinedColumnError):
        await in_transaction(pool, work)
    assert tries == [1]


async def test_a_deadlock_is_survived(pool: Pool) -> None:
    async with transaction(pool) as db:
        await db.execute(
            "create table dead (id int primary key, n int); insert into dead values (1, 0), (2, 0)"
        )

    async def add(first: int, second: int) -> None:
        async def work(db: Connection) -> None:
            await db.execute("update dead set n = n + 1 where id = $1", first)
            await asyncio.sleep(0.05)
            await db.execute("update dead set n = n + 1 where id = $1", second)

        await in_transaction(pool, work)

    await asyncio.gather(add(1, 2), add(2, 1))
    async with transaction(pool) as db:
        assert await db.fetchval("select sum(n) from dead") == 4


async def test_a_connection_that_the_server_cut_is_replaced(pools: Pools, database_url: str) -> None:
    cut: list[int] = []

    async def work(db: Connection) -> int:
        pid: int = await db.fetchval("select pg_backend_pid()")
        if not cut:
            cut.append(pid)
            other = await connect(database_url, "cutter")
            await other.execute("select pg_terminate_backend($1)", pid)
            await other.close()
        return await db.fetchval("select 42")  # type: ignore[no-any-return]  # a number

    assert await in_transaction(pools.write, work) == 42


async def test_the_read_pool_answers_without_a_transaction(pools: Pools) -> None:
    assert await pools.read.fetchval("select pg_current_xact_id_if_assigned() is null")


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (asyncpg.DeadlockDetectedError("x"), True),
        (asyncpg.ReadOnlySQLTransactionError("x"), True),
        (asyncpg.DiskFullError("no space left on device"), True),
        (asyncpg.TooManyConnectionsError("x"), True),
        (asyncpg.InterfaceError("the connection is closed"), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (asyncpg.UniqueViolationError("x"), False),
        (asyncpg.DataError("invalid input"), False),
        (ValueError(), False),
    ],
)
def test_only_errors_that_say_nothing_about_the_work_are_transient(error: Exception, transient: bool) -> None:
    assert is_transient(error) is transient


async def test_production_refuses_a_server_that_could_forget(db: Connection) -> None:
    with pytest.raises(UnsafeDatabase, match="fsync is off"):
        await check_durability(db)


class Durable:
    """A server as production wants it, but for what a test changes."""

    def __init__(self, **changes: str) -> None:
        self.settings = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", **changes}

    async def fetchval(self, query: str) -> str:
        return self.settings[query.removeprefix("show ")]


@pytest.mark.parametrize(
    "change",
    [
        {"full_page_writes": "off"},
        {"synchronous_commit": "off"},
        {"synchronous_commit": "local"},
        {"synchronous_commit": "remote_write"},
    ],
)
async def test_each_unsafe_setting_is_refused(change: dict[str, str]) -> None:
    await check_durability(Durable(synchronous_commit="remote_apply"))  # type: ignore[arg-type]  # only settings
    with pytest.raises(UnsafeDatabase, match=next(iter(change))):
        await check_durability(Durable(**change))  # type: ignore[arg-type]  # only settings


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (ConnectionRefusedError(), True),
        (OSError("Multiple exceptions: none answered"), True),
        (asyncpg.CannotConnectNowError("the database system is starting up"), True),
        (asyncpg.AdminShutdownError("terminating connection"), True),
        (asyncpg.ConnectionDoesNotExistError("closed in the middle"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (NoConnectionInTime(), True),
        (TimeoutError(), False),
        (FileNotFoundError(), False),
        (asyncpg.InterfaceError("another operation is in progress"), False),
        (asyncpg.UniqueViolationError("twice"), False),
    ],
)
def test_a_database_that_went_away_is_told_from_what_went_wrong_in_it(
    error: Exception, is_away: bool
) -> None:
    assert is_unreachable(error) is is_away


async def test_a_pool_that_has_no_connection_in_time_says_so(
    pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commons.database.ACQUIRE_TIMEOUT_SECONDS", 0.05)
    async with contextlib.AsyncExitStack() as taken:
        for _ in range(pools.write.get_max_size()):
            await taken.enter_async_context(pools.write.acquire())
        with pytest.raises(NoConnectionInTime):
            async with transaction(pools.write):
                pytest.fail("there was a connection")

"""PostgreSQL: two pools a process, transactions, and what to do when the connection or the lock is lost."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import asyncpg
import orjson

from commons.sql import load

if TYPE_CHECKING:
    Record = asyncpg.Record
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Record, Connection, Pool = asyncpg.Record, asyncpg.Connection, asyncpg.Pool

log = logging.getLogger(__name__)
T = TypeVar("T")

COMMONS_SQL: Final = load(Path(__file__).parent / "sql")
"""The statements of this library."""

CONNECT_TIMEOUT_SECONDS: Final = 10.0
ACQUIRE_TIMEOUT_SECONDS: Final = 10.0
COMMAND_TIMEOUT_SECONDS: Final = 30.0  # a black-holed connection ends by this alone
WRITE_POOL_SIZE_MAX: Final = 10
READ_POOL_SIZE_MAX: Final = 10
TRANSIENT_ATTEMPTS_MAX: Final = 12  # with the delays below: about 30 s, the longest planned write pause
TRANSIENT_DELAY_SECONDS: Final = 0.05
TRANSIENT_DELAY_MAX_SECONDS: Final = 5.0

TRANSIENT: Final[tuple[type[Exception], ...]] = (
    asyncpg.PostgresConnectionError,
    asyncpg.ConnectionFailureError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,  # a full disk, no memory, too many connections: somebody makes room
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,  # a migration changed a table under a prepared statement
    asyncpg.OutdatedSchemaCacheError,
    ConnectionError,
    TimeoutError,
)


UNREACHABLE: Final[tuple[type[Exception], ...]] = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    socket.gaierror,
)


def is_transient(error: BaseException) -> bool:
    """Whether an error says nothing about the work: the same transaction may succeed a moment later."""
    if isinstance(error, TRANSIENT):
        return True
    # asyncpg has no class of its own for a connection that was lost between two calls.
    return isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)


def is_unreachable(error: BaseException) -> bool:
    """Whether the database could not be reached, or left in the middle: what was asked may be asked again."""
    if isinstance(error, (*UNREACHABLE, NoConnectionInTime)):
        return True
    # asyncio has no class of its own for several addresses of which none answered; its subclasses are other
    # things, a missing file for example.
    if type(error) is OSError:
        return True
    return isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)


class NoConnectionInTime(TimeoutError):
    """The pool had no connection to give in time, and could make none."""


class UnsafeDatabase(Exception):
    """The database could lose what it confirmed; the message names the setting."""


@dataclass(frozen=True, slots=True)
class Pools:
    """`write` for transactions; `read` for single reads, without a reset between two uses."""

    write: Pool
    read: Pool

    async def close(self) -> None:
        """Close both; connections still in use after the time limit are cut."""
        for pool in (self.read, self.write):
            try:
                await asyncio.wait_for(pool.close(), ACQUIRE_TIMEOUT_SECONDS)
            except TimeoutError:
                pool.terminate()


async def create_pools(
    url: str,
    name: str,
    *,
    write_size_max: int = WRITE_POOL_SIZE_MAX,
    read_size_max: int = READ_POOL_SIZE_MAX,
) -> Pools:
    """Both pools of a process. `name` is shown in `pg_stat_activity`, for example `invoicing api`.

    Nothing may set session state on the read pool: no `SET` without `LOCAL`, no session lock, no `LISTEN`,
    no temporary table. Its reset is switched off because it costs as much as a query.
    """
    write = await _create_pool(url, name, write_size_max, reset=None)
    try:
        return Pools(write, await _create_pool(url, name, read_size_max, reset=_no_reset))
    except BaseException:
        write.terminate()
        raise


async def connect(url: str, name: str) -> Connection:
    """One connection of its own, set up like those of the pools; the caller closes it."""
    db: Connection = await asyncpg.connect(
        url,
        timeout=CONNECT_TIMEOUT_SECONDS,
        command_timeout=COMMAND_TIMEOUT_SECONDS,
        server_settings=_server_settings(name),
    )
    await _set_up(db)
    return db


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool inside a transaction: committed at the end, rolled back on an exception.

    Raises NoConnectionInTime where the pool has none to give.
    """
    try:
        db = await pool.acquire(timeout=ACQUIRE_TIMEOUT_SECONDS)
    except TimeoutError:
        raise NoConnectionInTime from None
    try:
        async with db.transaction():
            yield db
    finally:
        await pool.release(db)


async def in_transaction(pool: Pool, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Run `work` in a transaction, again from the start after a transient error, a limited number of times.

    `work` may run more than once and must have no effect outside the transaction.
    """
    for attempt in range(1, TRANSIENT_ATTEMPTS_MAX + 1):
        try:
            async with transaction(pool) as db:
                return await work(db)
        except Exception as error:
            if attempt == TRANSIENT_ATTEMPTS_MAX or not is_transient(error):
                raise
            log.warning(
                "the transaction is tried again", extra={"error": type(error).__name__, "attempt": attempt}
            )
            await asyncio.sleep(min(TRANSIENT_DELAY_SECONDS * 2**attempt, TRANSIENT_DELAY_MAX_SECONDS))
    raise AssertionError("the last attempt returns or raises")


async def check_durability(db: Connection) -> None:
    """Refuse a server that could forget a commit after a power loss. Raises UnsafeDatabase.

    Called at the start in the production profile: a lost commit is an invoice that never existed.
    """
    settings = {name: await db.fetchval(f"show {name}") for name in _DURABLE}
    for name, safe in _DURABLE.items():
        if settings[name] not in safe:
            raise UnsafeDatabase(f"{name} is {settings[name]}; production needs {' or '.join(safe)}")


_DURABLE: Final = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
}


async def _create_pool(
    url: str, name: str, size_max: int, reset: Callable[[Connection], Awaitable[None]] | None
) -> Pool:
    pool: Pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size_max,
        init=_set_up,
        reset=reset,
        timeout=CONNECT_TIMEOUT_SECONDS,
        command_timeout=COMMAND_TIMEOUT_SECONDS,
        server_settings=_server_settings(name),
    )
    return pool


def _server_settings(name: str) -> dict[str, str]:
    return {"application_name": name, "timezone": "UTC", "tcp_keepalives_idle": "30", "jit": "off"}


async def _set_up(db: Connection) -> None:
    for kind in ("json", "jsonb"):
        await db.set_type_codec(kind, encoder=_to_json, decoder=orjson.loads, schema="pg_catalog")


async def _no_reset(db: Connection) -> None:
    return None


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()

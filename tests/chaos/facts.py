"""Waiting for what the services have stored, while their database dies and comes back."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, Self

import asyncpg

from commons.database import Connection, connect, is_transient
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.waiting import NeverHappened

PATIENCE_SECONDS: Final = 240.0
PAUSE_SECONDS_MIN: Final = 0.1
PAUSE_SECONDS_MAX: Final = 1.0


class Facts:
    """Reads of the five databases; a lost connection is made again."""

    def __init__(self, addresses: Addresses, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._addresses = addresses
        self._connections: dict[str, Connection] = {}
        self._locks = {service: asyncio.Lock() for service in SERVICES}
        self.patience_seconds = patience_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for db in self._connections.values():
            db.terminate()

    async def value(self, service: str, sql: str, *arguments: object) -> Any:
        """The single value of a query, asked again where the connection was lost."""
        rows = await self.rows(service, sql, *arguments)
        return rows[0][0] if rows else None

    async def rows(self, service: str, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """The rows of a query, asked again where the connection was lost."""
        end = time.monotonic() + self.patience_seconds
        while True:
            try:
                async with self._locks[service]:
                    db = self._connections.get(service)
                    if db is None or db.is_closed():
                        db = await connect(self._addresses.databases[service], "chaos")
                        self._connections[service] = db
                    return await _fetched(db, sql, *arguments)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not (is_transient(error) or isinstance(error, OSError)) or time.monotonic() > end:
                    raise
            await asyncio.sleep(PAUSE_SECONDS_MAX)

    async def until(self, what: str, service: str, sql: str, *arguments: object, seen: object) -> None:
        """Wait until a query's value is `seen`. Raises NeverHappened after the patience."""
        end, pause = time.monotonic() + self.patience_seconds, PAUSE_SECONDS_MIN
        while (found := await self.value(service, sql, *arguments)) != seen:
            if time.monotonic() > end:
                raise NeverHappened(
                    f"Awaited for {self.patience_seconds:.0f} s: {what}. Last seen: {found}, not {seen}."
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, PAUSE_SECONDS_MAX)


async def _fetched(db: Connection, sql: str, *arguments: object) -> list[asyncpg.Record]:
    try:
        return await db.fetch(sql, *arguments)
    except asyncpg.InternalClientError as error:
        # The connection was lost in the middle of an answer, and its client no longer knows where it stands.
        db.terminate()
        raise ConnectionResetError(str(error)) from error

"""Keeps one party's state in one SQLite file, so that it survives a restart without filling memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Value = str | int | bytes | None
Row = sqlite3.Row
busy_timeout_seconds = 5.0


class Store:
    """One file, one connection, one writer: every party runs in a single event loop."""

    def __init__(self, file: Path, schema: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            file, timeout=busy_timeout_seconds, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(schema)

    def one(self, sql: str, *values: Value) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def many(self, sql: str, *values: Value) -> list[Row]:
        """All rows; the statement names its own limit."""
        return self._connection.execute(sql, values).fetchall()

    def number(self, sql: str, *values: Value) -> int:
        """The single whole number that the statement computes."""
        return int(self._connection.execute(sql, values).fetchone()[0] or 0)

    def insert(self, sql: str, *values: Value) -> int:
        """Writes a row and returns its row number."""
        return int(self._connection.execute(sql, values).lastrowid or 0)

    def write(self, sql: str, *values: Value) -> int:
        """Writes and returns the number of rows touched."""
        return self._connection.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Hold no `await` inside: the connection is shared by all requests."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def is_alive(self) -> bool:
        """Whether the file still answers."""
        return self.number("select 1") == 1

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

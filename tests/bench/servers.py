"""A PostgreSQL and a Kafka of the bench's own, as the local stack starts them, with every commit on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.kafka import Kafka
from local.postgres import Postgres


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """A server with durable commits."""
    server = Postgres(folder / "postgres", durable=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def kafka(folder: Path) -> Iterator[Kafka]:
    """A broker."""
    server = Kafka(folder / "kafka")
    server.start()
    try:
        yield server
    finally:
        server.stop()

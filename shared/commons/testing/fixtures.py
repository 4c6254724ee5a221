"""Fixtures: a PostgreSQL per test run, a fresh database per module, a fake topic, a real Kafka on demand."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from commons.database import Connection, Pool, Pools, connect, create_pools, transaction
from commons.migrate import COMMONS_MESSAGING, migrate
from commons.testing.broker import FakeBroker
from commons.uuid7 import uuid7

if TYPE_CHECKING:
    from local.kafka import Kafka
    from local.postgres import Postgres


class Databases:
    """Makes databases on one server: a list of migrations is applied once, to a template that is copied."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._templates: set[str] = set()

    async def create(self, migrations: Sequence[Path]) -> str:
        """A fresh database with these migrations; its address."""
        names = "\n".join(str(folder) for folder in migrations)
        template = f"template_{hashlib.sha256(names.encode()).hexdigest()[:16]}"
        name = f"test_{uuid7().hex}"
        db = await connect(self._postgres.url(), "tests")
        try:
            if template not in self._templates:
                await db.execute(f'create database "{template}"')
                await migrate(self._postgres.url(template), migrations)
                self._templates.add(template)
            # The files are copied: twice as fast here as going through the log.
            await db.execute(f'create database "{name}" template "{template}" strategy file_copy')
        finally:
            await db.close()
        return self._postgres.url(name)

    async def drop(self, url: str) -> None:
        """Remove a database made here, whoever is still connected."""
        db = await connect(self._postgres.url(), "tests")
        try:
            await db.execute(f'drop database "{url.rpartition("/")[2]}" with (force)')
        finally:
            await db.close()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server of this test process, without fsync."""
    from local.postgres import Postgres  # loaded where a test asks for it: not every test needs a server

    server = Postgres(tmp_path_factory.mktemp("postgres") / "data", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def databases(postgres: Postgres) -> Databases:
    """Makes further databases, for tests of several services at once."""
    return Databases(postgres)


@pytest.fixture(scope="session")
def migrations() -> Sequence[Path]:
    """The folders a test's database is made from. A service overrides this in its own conftest."""
    return [COMMONS_MESSAGING]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database_url(databases: Databases, migrations: Sequence[Path]) -> AsyncIterator[str]:
    """The address of a database that is fresh for this module."""
    url = await databases.create(migrations)
    yield url
    await databases.drop(url)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pools(database_url: str) -> AsyncIterator[Pools]:
    """Both pools on the module's database; what a test commits stays for the module."""
    pools = await create_pools(database_url, "tests")
    yield pools
    await pools.close()


@pytest.fixture(scope="module")
def pool(pools: Pools) -> Pool:
    """The write pool on the module's database."""
    return pools.write


@pytest_asyncio.fixture(loop_scope="session")
async def db(pools: Pools) -> AsyncIterator[Connection]:
    """A connection inside a transaction that is rolled back after the test."""

    class _RollBack(Exception):
        pass

    try:
        async with transaction(pools.write) as connection:
            yield connection
            raise _RollBack
    except _RollBack:
        pass


@pytest.fixture
def broker() -> FakeBroker:
    """A broker in memory that behaves well; a test that wants misfortune makes its own."""
    return FakeBroker()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A real Kafka of this test process; tests that use it are marked slow."""
    from local.kafka import Kafka  # as above

    server = Kafka(tmp_path_factory.mktemp("kafka") / "data")
    server.start()
    yield server
    server.stop()

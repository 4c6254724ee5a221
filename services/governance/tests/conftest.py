"""What the tests of this service start from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.an_assembly import Assembly, Handle

from commons.context import Ctx
from commons.country import Country, load_country
from commons.database import Pools, transaction
from commons.testing import a_ctx
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from governance.api.schema import schema
from governance.app import SERVICE
from governance.consumers.entity_registered import entity_registered
from governance.events.consumed import EntityRegistered


@pytest.fixture(scope="session")
def migrations() -> Sequence[Path]:
    """All migrations of this service."""
    return SERVICE.migrations


@pytest.fixture(scope="session")
def belgium() -> Country:
    """The country with its law."""
    return load_country("be")


@pytest.fixture(scope="module")
def api(pools: Pools, belgium: Country) -> AskedApi:
    """This service's GraphQL on the module's database."""
    return AskedApi(schema, pools=pools, country=belgium, name="governance")


@pytest.fixture
def handle(pools: Pools, belgium: Country) -> Handle:
    """Run something in a transaction of its own, as the worker would."""

    async def run(work: Callable[[Ctx], Awaitable[Any]]) -> None:
        async with transaction(pools.write) as db:
            await work(a_ctx(db, country=belgium))

    return run


@pytest.fixture
async def nobody_yet(api: AskedApi, handle: Handle) -> Assembly:
    """A simulated entity of the test's own without members, on 3 August 2026."""
    event = EntityRegistered.model_validate(
        {
            "entity_id": uuid7(),
            "name": "Coopérative d'essai",
            "legal_form": "SC agréée ES",
            "address": {"street": "Rue Coenraets 72", "post_code": "1060", "city": "Bruxelles"},
            "simulated": True,
            "day": "2026-08-03",
        }
    )
    await handle(lambda ctx: entity_registered(ctx, event))
    return Assembly(api, handle, event.entity_id)


@pytest.fixture
async def assembly(nobody_yet: Assembly) -> Assembly:
    """The same with four members who paid a share in June."""
    for _ in range(4):
        await nobody_yet.admit()
    return nobody_yet

"""What the tests of this service start from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from uuid import UUID

import pytest

from commons.claims import Claims
from commons.context import Ctx
from commons.country import Country, load_country
from commons.database import Pools, transaction
from commons.testing import a_ctx
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from members.api.schema import schema
from members.app import SERVICE
from members.consumers.entity_registered import entity_registered
from members.events.consumed import EntityRegistered


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
    return AskedApi(schema, pools=pools, country=belgium, name="members")


Handle = Callable[[Callable[[Ctx], Awaitable[None]]], Awaitable[None]]


@pytest.fixture
def handle(pools: Pools, belgium: Country) -> Handle:
    """Run something in a transaction of its own, as the worker would."""

    async def run(work: Callable[[Ctx], Awaitable[None]]) -> None:
        async with transaction(pools.write) as db:
            await work(a_ctx(db, country=belgium, who=Claims(subject=str(uuid7()))))

    return run


@pytest.fixture
async def entity(handle: Handle) -> UUID:
    """A simulated entity of the test's own, on 5 June 2026."""
    event = EntityRegistered.model_validate(
        {
            "entity_id": uuid7(),
            "name": "Coopérative d'essai",
            "legal_form": "SC agréée ES",
            "currency": "EUR",
            "iban": "BE68539007547034",
            "simulated": True,
            "day": "2026-06-05",
        }
    )
    await handle(lambda ctx: entity_registered(ctx, event))
    return event.entity_id

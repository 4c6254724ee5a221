"""The trying finds what it is there to find: one rule loosened, everything else as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from commons.claims import Claims
from commons.context import Ctx
from commons.country import load_country
from commons.database import Pools, transaction
from commons.global_id import encode
from commons.graphql import Permission, permission_table
from commons.money import Money
from commons.testing import a_ctx
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from guarantee.api.schema import schema
from guarantee.app import SERVICE
from guarantee.capabilities.open_fund import open_fund
from guarantee.consumers.entity_registered import entity_registered
from guarantee.events.consumed import EntityRegistered
from tests.permissions.attempts import attempts_at_a_service, documents
from tests.permissions.trying import Ask, Visitor, try_document
from tests.permissions.whole_table import COLUMNS, claims_of, committed_table


@pytest.fixture(scope="session")
def migrations() -> Sequence[Path]:
    """The service whose rules are loosened."""
    return SERVICE.migrations


@pytest.fixture(scope="module")
def api(pools: Pools) -> AskedApi:
    """The service on a database of its own."""
    return AskedApi(schema, pools=pools, country=load_country("be"), name="guarantee")


@pytest.fixture(scope="module")
async def entity(pools: Pools) -> UUID:
    """An entity with a fund that has a movement."""
    event = EntityRegistered.model_validate(
        {
            "entity_id": uuid7(),
            "name": "Coopérative",
            "legal_form": "SC",
            "currency": "EUR",
            "simulated": True,
            "day": "2026-06-05",
        }
    )
    async with transaction(pools.write) as db:
        ctx: Ctx[Any] = a_ctx(db, country=load_country("be"))
        await entity_registered(ctx, event)
        await open_fund(ctx, entity_id=event.entity_id, endowment=Money.of("100.00", "EUR"))
    return event.entity_id


async def complaints(api: AskedApi, entity: UUID) -> list[str]:
    """What everybody finds who tries every line of the service."""
    attempts = attempts_at_a_service("guarantee", schema, committed_table())
    found = []
    for column in COLUMNS:
        visitor = Visitor(
            name=column,
            column=column,
            reads=lambda name: encode("BE", name, entity),
            writes=lambda name: encode("BE", name, uuid7()),
            hidden=frozenset(),
        )
        for document in documents(attempts):
            found += await try_document(document, visitor, _asker(api, claims_of(column)))
    return found


def _asker(api: AskedApi, who: Claims) -> Ask:
    async def ask(text: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return (await api.ask(text, who=who, **variables)).body

    return ask


def line(kind: str, field: str) -> Permission:
    [found] = [each for each in permission_table(schema) if (each.kind, each.field) == (kind, field)]
    return found


async def test_nothing_is_found_where_nothing_is_loosened(api: AskedApi, entity: UUID) -> None:
    assert await complaints(api, entity) == []


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("query", "advances"),
        ("query", "fund"),
        ("mutation", "openFund"),
        ("entity", "Fund"),
        ("nested", "Fund.movements"),
    ],
)
async def test_a_loosened_rule_is_found(
    kind: str, field: str, api: AskedApi, entity: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line(kind, field).rule, "asks", lambda who, arguments: True)
    assert f"guarantee {kind} {field}: may not" in "\n".join(await complaints(api, entity))


@pytest.mark.parametrize(
    ("kind", "field"), [("query", "advances"), ("mutation", "openFund"), ("nested", "Fund.movements")]
)
async def test_a_tightened_rule_is_found(
    kind: str, field: str, api: AskedApi, entity: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line(kind, field).rule, "asks", lambda who, arguments: False)
    assert f"guarantee {kind} {field}: may (" in "\n".join(await complaints(api, entity))


async def test_an_auditor_who_may_write_is_found(
    api: AskedApi, entity: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line("mutation", "openFund").rule, "writes", lambda who, arguments: True)
    assert "auditor: guarantee mutation openFund: may not" in "\n".join(await complaints(api, entity))

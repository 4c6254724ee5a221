"""Every line of the permission table, tried as everybody, at each service and through the gateway."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import build_schema

from commons.global_id import decode, encode
from commons.uuid7 import uuid7
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.client import Door
from tests.e2e.databases import Databases
from tests.e2e.story import Story
from tests.permissions.attempts import (
    Attempt,
    Document,
    attempts_at_a_service,
    attempts_through_the_gateway,
    documents,
)
from tests.permissions.trying import Ask, Visitor, named_types, try_document
from tests.permissions.whole_table import (
    APPLICANT,
    AUDITOR,
    FILE,
    MEMBER,
    NOBODY,
    ROLES,
    ROOT,
    committed_table,
    schemas,
)
from tests.permissions.world import World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

EVERYTHING = "MATRIX"
"""With this variable set, everything is tried through the gateway too, not a tenth: what `make matrix` does."""
TENTH = 10
AT_ONCE_MAX = 4
GATEWAY = "gateway"
OWNED = frozenset(
    line.field for line in committed_table() if line.kind == "entity" and line.cells[MEMBER] == "own"
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who tries, each with a token or without one."""

    visitors: Sequence[tuple[Visitor, str | None]]
    world: World


@pytest.fixture(scope="module")
async def crowd(story: Story, door: Door, databases: Databases) -> Crowd:
    """One of each role, a member whose things are asked about, another one, and those with a bad token."""
    await databases.when_quiet()
    gateway, _ = door
    member = decode(story.anna.id).key
    world = await World.read(
        databases.connections,
        country=story.addresses.country,
        member=member,
        entity=decode(story.house.entity_id).key,
    )
    hidden = world.hidden(sorted({line.field for line in committed_table() if line.kind == "entity"}))
    owner = uuid7()

    async def token(role: str, **claims: Any) -> str:
        persona = await gateway.persona(role, **claims)
        assert persona.token is not None
        return persona.token

    def somebody(name: str, column: str, **known: Any) -> Visitor:
        known = {"reads": world.real, "writes": world.real} | known
        return Visitor(name=name, column=column, hidden=hidden, **known)

    def unknown(type_name: str) -> str:
        return (
            encode(story.addresses.country, "Member", owner)
            if type_name == "Member"
            else world.nothing(type_name)
        )

    def foreign(type_name: str) -> str:
        return encode("FR", type_name, world.key_of(type_name) or uuid7())

    anna = await token(MEMBER, member_id=member)
    visitors = [
        (somebody("nobody", NOBODY, writes=world.nothing), None),
        (somebody("an applicant", APPLICANT, writes=world.nothing), await token(APPLICANT, name="matrix")),
        (
            somebody("another member", MEMBER),
            await token(MEMBER, member_id=decode(story.bruno.id).key),
        ),
        (somebody("the member", MEMBER, is_owner=True), anna),
        (
            somebody("an expired token", MEMBER, whole="UNAUTHENTICATED"),
            await token(MEMBER, member_id=member, expires_in=-3600),
        ),
        (somebody("a forged token", MEMBER, whole="UNAUTHENTICATED"), _forged(anna)),
        (
            somebody("a token of another country", MEMBER, whole="COUNTRY_MISMATCH"),
            await token(MEMBER, member_id=member, country="FR"),
        ),
        (
            somebody("an auditor of another country", AUDITOR, whole="COUNTRY_MISMATCH"),
            await token(AUDITOR, country="FR"),
        ),
        (
            somebody(
                "an auditor with ids of another country",
                AUDITOR,
                reads=foreign,
                writes=foreign,
                sees_nothing=True,
            ),
            await token(AUDITOR),
        ),
        (
            somebody(
                "a member with ids of another country",
                MEMBER,
                reads=foreign,
                writes=foreign,
                sees_nothing=True,
            ),
            anna,
        ),
    ]
    for role in ROLES:
        if role != MEMBER:
            seen = world.has if role == AUDITOR else None
            visitors.append(
                (somebody(f"the {role}", role, writes=world.nothing, sees_all_of=seen), await token(role))
            )
    visitors.append(
        (
            somebody("a member nobody knows", MEMBER, writes=unknown, is_owner=True),
            await token(MEMBER, member_id=owner),
        )
    )
    return Crowd(visitors, world)


@pytest.fixture(scope="module")
def at_the_gateway() -> list[Attempt]:
    """All that the public schema has a way to."""
    api = build_schema((ROOT / "gateway" / "schema" / "api.graphql").read_text(encoding="utf-8"))
    return attempts_through_the_gateway(schemas(), api, committed_table())


def _forged(token: str) -> str:
    head, body, signature = token.split(".")
    return ".".join((head, body, signature[::-1]))


def _asker(door: Door, stack: Addresses, where: str, token: str | None) -> Ask:
    _, http = door
    url = f"{stack.gateway}/graphql" if where == GATEWAY else f"{stack.services[where]}/graphql"

    async def ask(text: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        headers = {"X-Country": stack.country} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = await http.post(url, json={"query": text, "variables": variables}, headers=headers)
        body: Mapping[str, Any] = answer.json()
        return body

    return ask


def _wishes(crowd: Crowd, attempts: Sequence[Attempt]) -> list[tuple[Visitor, str | None, Document]]:
    """Who asks what: everybody everything that says something about them."""
    found = []
    for visitor, token in crowd.visitors:
        asked = [attempt for attempt in attempts if _says_something(attempt, visitor, crowd.world)]
        texts = documents(asked, all_at_once=visitor.whole is not None)
        found += [(visitor, token, document) for document in texts]
    return found


def _says_something(attempt: Attempt, visitor: Visitor, world: World) -> bool:
    named = named_types(attempt)
    is_write = attempt.operation == "mutation"
    cell = attempt.cell(visitor.column)
    if visitor.whole is not None:
        return True
    if visitor.sees_nothing:
        return bool(named) and cell != "no"
    if visitor.is_owner:
        # Who is known changes nothing here; who is unknown has nothing to read.
        return cell == "own" and is_write == (visitor.writes != world.real)
    if is_write and visitor.writes == world.real and cell != "no":
        # Whoever may change everything would; and of what the member has none, nobody can be kept.
        return cell == "own" and all(world.is_owned(name) for name in named if name in OWNED)
    return True


async def _tried(
    door: Door, stack: Addresses, where: str, wishes: Sequence[tuple[Visitor, str | None, Document]]
) -> list[str]:
    places = asyncio.Semaphore(AT_ONCE_MAX)

    async def one(visitor: Visitor, token: str | None, document: Document) -> list[str]:
        async with places:
            return await try_document(document, visitor, _asker(door, stack, where, token))

    found = await asyncio.gather(*(one(*wish) for wish in wishes))
    return [sentence for each in found for sentence in each]


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_asked_without_the_gateway_answers_as_the_table_says(
    service: str, crowd: Crowd, door: Door, stack: Addresses
) -> None:
    attempts = attempts_at_a_service(service, schemas()[service], committed_table())
    assert await _tried(door, stack, service, _wishes(crowd, attempts)) == []


def test_whatever_a_member_may_do_with_the_own_is_tried_as_another_member(crowd: Crowd) -> None:
    """Of what the member has none nobody could be kept, so the story must leave one of each."""
    of = schemas()
    writes = [
        attempt
        for service in SERVICES
        for attempt in attempts_at_a_service(service, of[service], committed_table())
        if attempt.operation == "mutation" and attempt.cell(MEMBER) == "own"
    ]
    missing = {
        (attempt.name, name)
        for attempt in writes
        for name in named_types(attempt)
        if name in OWNED and not crowd.world.is_owned(name)
    }
    assert writes
    assert missing == set()


async def test_the_gateway_answers_as_the_table_says(
    crowd: Crowd, door: Door, stack: Addresses, at_the_gateway: list[Attempt]
) -> None:
    """A tenth of everything, another one whenever the table changes; all of it with `make matrix`."""
    wishes = _wishes(crowd, at_the_gateway)
    if not os.environ.get(EVERYTHING):
        seed = hashlib.sha256(FILE.read_bytes()).hexdigest()
        wishes = random.Random(seed).sample(wishes, len(wishes) // TENTH)  # noqa: S311  (which tenth is no secret)
    assert await _tried(door, stack, GATEWAY, wishes) == []

"""Whatever is sent to the one door of a cell, it answers in order, keeps nothing refused and does not grow."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from graphql import build_schema

from commons.global_id import decode, encode
from commons.testing.hostile import (
    MEMORY_GROWTH_BYTES_MAX,
    Attack,
    Reply,
    faults_of,
    requests_that_are_none,
    resident_bytes,
)
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door
from tests.e2e.databases import Databases
from tests.e2e.house import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

SCHEMA: Final = Path(__file__).parents[2] / "gateway" / "schema" / "api.graphql"
EACH: Final = os.environ.get("HOSTILE_EACH", "0")
BODY_BYTES_MAX: Final = 1_048_576
HUNG_UP: Final = b'{"errors":[{"message":"It hung up.","extensions":{"code":"BAD_USER_INPUT"}}]}'
SEED: Final = int(os.environ.get("HOSTILE_SEED", "1"))


class HostileDoor:
    """The gateway as an attack asks it: a member, a person of every role that may change something, nobody."""

    def __init__(
        self, addresses: Addresses, http: httpx.AsyncClient, tokens: Mapping[str, str | None]
    ) -> None:
        self._url = addresses.gateway
        self._country = addresses.country
        self._http = http
        self._tokens = tokens

    @property
    def people(self) -> Sequence[str]:
        """Who can ask."""
        return list(self._tokens)

    async def send(
        self,
        body: bytes,
        who: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        path: str = "/graphql",
    ) -> Reply:
        """The reply to a body. A server may hang up on one that is too large while it is being sent."""
        token = self._tokens[who]
        all_headers = {"content-type": "application/json", "x-country": self._country}
        all_headers |= {} if token is None else {"authorization": f"Bearer {token}"}
        all_headers |= headers or {}
        sent = {name: value for name, value in all_headers.items() if value}
        try:
            answer = await self._http.request(method, f"{self._url}{path}", content=body, headers=sent)
        except (httpx.WriteError, httpx.ReadError):
            if len(body) <= BODY_BYTES_MAX:
                raise
            return Reply(413, HUNG_UP)
        return Reply(answer.status_code, answer.content)


@dataclass(frozen=True, slots=True)
class Scene:
    """A house with a member, an activity and a client, and everybody who may ask for something."""

    door: HostileDoor
    keys: Mapping[str, Sequence[UUID]]


@pytest.fixture(scope="module")
async def scene(stack: Addresses, door: Door) -> Scene:
    house = await House.founded(*door, stack, name="Atelier des Attaques SC", day=date(2026, 6, 5))
    anna = await house.stranger("Anna", "Peeters", date(1991, 3, 14))
    await house.turn_to(date(2026, 6, 8))
    await house.admit([anna])
    ids = {
        "Entity": house.entity_id,
        "Member": anna.id,
        "Activity": await house.open_activity(anna, "Illustration"),
        "Party": (await house.client(anna, name="Studio Noord BV", contact="Sofie Janssens")).id,
    }
    tokens: dict[str, str | None] = {"member": anna.persona.token}
    for role in fields(house.staff):
        if role.name != "auditor":  # changes nothing anyway
            tokens[role.name] = getattr(house.staff, role.name).token
    tokens["nobody"] = None
    return Scene(HostileDoor(stack, door[1], tokens), {name: [decode(id).key] for name, id in ids.items()})


@pytest.fixture(autouse=True)
def nobody_grows(stack: Addresses) -> Iterator[None]:
    """No process that answers requests keeps the memory of what it refused."""
    before = _memory_of(stack)
    yield
    after = _memory_of(stack)
    grown = {name: after[name] - before[name] for name in before if name in after}
    assert {name: more for name, more in grown.items() if more > MEMORY_GROWTH_BYTES_MAX} == {}
    assert after.keys() == before.keys(), "no process died of it"


def _memory_of(stack: Addresses) -> dict[str, int]:
    rows = json.loads((stack.run_dir / "processes.json").read_text())
    return {f"{row['name']} {row['pid']}": resident_bytes(row["pid"]) for row in rows if row["pid"]}


async def test_a_request_that_is_none_is_refused_by_the_gateway_and_keeps_nothing(
    scene: Scene, databases: Databases
) -> None:
    before = await databases.when_quiet()
    findings = []
    for name, method, body, headers in requests_that_are_none("{ me { id } }"):
        reply = await scene.door.send(body, "member", method=method, headers=headers)
        if method == "POST":
            findings += [f"{name}: {fault}" for fault in faults_of(reply)]
        elif reply.status >= 500 or b'"data"' in reply.body:
            findings.append(f"{name}: HTTP {reply.status}")
    assert findings == []
    assert await databases.when_quiet() == before


async def test_a_mutation_is_not_asked_with_get(scene: Scene, databases: Databases) -> None:
    before = await databases.when_quiet()
    entity = encode("BE", "Entity", scene.keys["Entity"][0])
    query = f'mutation {{ openActivity(entityId: "{entity}", name: "By GET") {{ __typename }} }}'
    reply = await scene.door.send(b"", "member", method="GET", path=f"/graphql?query={quote(query)}")
    assert reply.status < 500
    assert b"__typename" not in reply.body
    assert await databases.when_quiet() == before


async def test_no_input_breaks_the_gateway_or_what_is_behind_it(scene: Scene) -> None:
    async def nothing() -> Mapping[str, int]:
        return {}  # each service counts its own rows, in the same attack without a gateway

    schema = build_schema(SCHEMA.read_text(), assume_valid=True)
    each = None if EACH == "all" else int(EACH)
    report = await Attack(scene.door, schema, scene.keys, nothing, seed=SEED, each=each).run()
    assert report.findings == [], str(report)
    assert report.codes, "something was refused"

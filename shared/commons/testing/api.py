"""Ask a service's schema in a test, as anybody, and compare what is committed beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

from commons.auth import Rejected, Verifier
from commons.claims import ANONYMOUS, Claims
from commons.clock import REAL_CLOCK, Clock
from commons.country import Country
from commons.database import Pools
from commons.graphql import Schema, permission_table, permissions_markdown, print_schema
from commons.graphql.asgi import GraphQL, Message
from commons.graphql.documents import Limits
from commons.testing.hostile import (
    MEMORY_GROWTH_BYTES_MAX,
    Attack,
    Reply,
    faults_of,
    keys_in,
    representations_that_are_none,
    requests_that_are_none,
    resident_bytes,
    rows_in,
)
from commons.uuid7 import uuid7

STAFF: Final = (
    "adviser",
    "payroll_officer",
    "accountant",
    "credit_controller",
    "board",
    "returning_officer",
    "operator",
)
"""Every role of architecture.md 5 that changes something for others; an auditor never does."""

REWRITE: Final = "REWRITE_COMMITTED"
"""With this variable set, the comparisons write the files instead: what `make schema` does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, the headers and the body."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        """The data; fails the test where there are errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.body.get("errors", [])]


class AskedApi:
    """A schema behind its real HTTP door, without a network; whoever asks is believed."""

    def __init__(
        self,
        schema: Schema,
        *,
        pools: Pools,
        country: Country,
        service: object = None,
        name: str = "tested",
        clock: Clock = REAL_CLOCK,
        limits: Limits | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        self._people = _People()
        self._country = country
        self._door = GraphQL(
            schema,
            name=name,
            country=country,
            verifier=verifier or self._people,
            pools=pools,
            service=service,
            clock=clock,
            limits=limits,
        )

    def header(self, who: Claims) -> dict[str, str]:
        """The header by which somebody is known."""
        return self._people.header(who)

    async def ask(self, text: str, /, *, who: Claims = ANONYMOUS, **variables: Any) -> Answer:
        """Ask a document with variables, as somebody."""
        return await self.post(
            orjson.dumps({"query": text, "variables": variables}, default=str), self._people.header(who)
        )

    async def post(
        self, body: bytes, headers: Mapping[str, str] | None = None, *, method: str = "POST"
    ) -> Answer:
        """Send a body as it is. Headers replace those that a good request has; an empty one is left out."""
        all_headers = {
            "content-type": "application/json",
            "x-country": self._country.upper,
            **(headers or {}),
        }
        raw = [(name.encode(), value.encode("latin-1")) for name, value in all_headers.items() if value]
        scope = {"type": "http", "method": method, "path": "/graphql", "headers": raw}
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._door(scope, receive, send)
        start, content = sent
        given = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], given, orjson.loads(content["body"]))


class HostileTarget:
    """A schema behind its door, as an attack asks it: a member, staff of every role, strangers."""

    def __init__(self, api: AskedApi, member_id: UUID) -> None:
        self._api = api
        self._headers = {
            "member": api.header(Claims("hostile member", frozenset({"member"}), member_id)),
            "staff": api.header(Claims("hostile staff", frozenset(STAFF))),
            "applicant": api.header(Claims("hostile applicant")),
            "nobody": {},
        }

    @property
    def people(self) -> Sequence[str]:
        """Who can ask."""
        return list(self._headers)

    async def send(
        self, body: bytes, who: str, *, method: str = "POST", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The reply to a body."""
        answer = await self._api.post(body, {**self._headers[who], **(headers or {})}, method=method)
        return Reply(answer.status, orjson.dumps(answer.body))


async def attack_api(api: AskedApi, schema: Schema, pools: Pools) -> None:
    """Ask the schema everything that nobody should, and requests that are none. Fails with what was found.

    The environment's HOSTILE_EACH and HOSTILE_SEED make it longer or another one: `make hostile`.
    """
    keys = await keys_in(pools.read)
    target = HostileTarget(api, (keys.get("Member") or [uuid7()])[0])
    each = os.environ.get("HOSTILE_EACH", "1")
    attack = Attack(
        target,
        schema.graphql,
        keys,
        rows_in(pools.read),
        seed=int(os.environ.get("HOSTILE_SEED", "1")),
        each=None if each == "all" else int(each),
    )
    report = await attack.run()
    query = "{ _service { sdl } }"
    before = resident_bytes(os.getpid())
    for name, method, body, headers in requests_that_are_none(query):
        reply = await target.send(body, "staff", method=method, headers=headers)
        report.asked += 1
        report.findings += [f"{name}: {fault}" for fault in faults_of(reply)]
    for name, body in representations_that_are_none(schema.graphql):
        reply = await target.send(body, "staff")
        report.asked += 1
        report.findings += [f"_entities {name}: {fault}" for fault in faults_of(reply)]
    grown = resident_bytes(os.getpid()) - before
    if grown > MEMORY_GROWTH_BYTES_MAX:
        report.findings.append(f"the process grew by {grown} bytes")
    assert not report.findings, str(report)
    assert report.places, "something was attacked"
    assert report.codes, "something was refused"


class _People(Verifier):
    """Knows its people by a header that only it can have given out."""

    def __init__(self) -> None:
        self._known: dict[bytes, Claims] = {}

    def header(self, who: Claims) -> dict[str, str]:
        if who is ANONYMOUS:
            return {}
        header = f"known {len(self._known)}"
        self._known[header.encode()] = who
        return {"authorization": header}

    async def claims(self, authorization: bytes | None) -> Claims:
        if authorization is None:
            return ANONYMOUS
        if authorization not in self._known:
            raise Rejected("nobody issued this token")
        return self._known[authorization]


def assert_committed_schema(schema: Schema, file: Path) -> None:
    """`schema.graphql` is what the code says. `make schema` rewrites it."""
    _assert_committed(file, print_schema(schema))


def assert_committed_permissions(schema: Schema, service: str, file: Path) -> None:
    """`permissions.md` is what the code says. `make schema` rewrites it."""
    _assert_committed(file, permissions_markdown(service, permission_table(schema)))


def _assert_committed(file: Path, text: str) -> None:
    if os.environ.get(REWRITE):
        file.write_text(text, encoding="utf-8")
    committed = file.read_text(encoding="utf-8") if file.is_file() else ""
    assert committed == text, f"{file.name} is not what the code says; run: make schema"

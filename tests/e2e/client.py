"""GraphQL as named people ask it: a token each, documents by name, answers without wrapping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from graphql import FieldNode, OperationDefinitionNode, parse

from tests.e2e.addresses import Addresses
from tests.e2e.answers import is_unavailable, until_answered

DOCUMENTS = Path(__file__).parent / "documents"
REQUEST_SECONDS_MAX = 30.0
# What may pass when asked again; a mutation is asked with the same key, so it happens once.
_PASSING_CODES = frozenset({"SUBGRAPH_UNAVAILABLE", "TIMEOUT", "RATE_LIMITED"})


class Refused(Exception):
    """The service said no, in a sentence that a person can act on."""

    def __init__(self, refusal: Mapping[str, Any], answer: Answer | None = None) -> None:
        self.answer = answer
        self.code: str = refusal["code"]
        self.message: str = refusal["message"]
        self.path: Sequence[str] | None = refusal.get("path")
        self.facts: Mapping[str, Any] = refusal.get("facts") or {}
        super().__init__(f"{self.message} ({self.code}, {dict(self.facts)})")


class Failed(Exception):
    """The answer has errors: the codes of the closed list, and what was said."""

    def __init__(self, operation: str, answer: Answer) -> None:
        self.codes = answer.codes
        self.answer = answer
        super().__init__(
            f"{operation} at {answer.url}: HTTP {answer.status}, "
            f"{answer.body.get('errors') or answer.text[:500]}"
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP, untouched."""

    url: str
    status: int
    body: Mapping[str, Any]
    text: str

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [error["extensions"]["code"] for error in self.body.get("errors") or ()]


@dataclass(frozen=True, slots=True)
class Document:
    """One operation of `documents/`."""

    name: str
    text: str
    is_mutation: bool
    takes_key: bool
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked which operation."""

    who: str
    operation: str
    is_mutation: bool


@dataclass(slots=True)
class Persona:
    """Somebody with a token, or without one."""

    name: str
    role: str
    token: str | None
    _gateway: Gateway = field(repr=False)

    async def ask(self, name: str, /, **variables: Any) -> Any:
        """Asks the operation of `documents/<name>.graphql`; variables are written in snake_case.

        Gives the value of its root field, or of all its root fields by name where it has several. A mutation
        gets an idempotency key and is asked again with it when no answer came. Raises Refused, Failed, NoAnswer.
        """
        document = read_document(name)
        given = {_camel_case(key): value for key, value in variables.items()}
        if document.takes_key:
            given.setdefault("idempotencyKey", str(uuid4()))
        self._gateway.asked.append(Asked(self.name, name, document.is_mutation))
        answer = await self._gateway.asked_until_answered(document, given, self.token)
        if answer.body.get("errors") or not answer.body.get("data"):
            raise Failed(name, answer)
        data = answer.body["data"]
        for value in data.values():
            if isinstance(value, dict) and value.get("__typename") == "Refusal":
                raise Refused(value, answer)
        return data[document.roots[0]] if len(document.roots) == 1 else data

    async def post(self, query: str, /, variables: Mapping[str, Any] | None = None) -> Answer:
        """Sends any text as a query and gives the answer untouched."""
        return await self._gateway.post({"query": query, "variables": dict(variables or {})}, self.token)


class Gateway:
    """The one door to the cell. `asked` is everything that was asked, in order."""

    def __init__(self, http: httpx.AsyncClient, addresses: Addresses) -> None:
        self._http = http
        self._addresses = addresses
        self._url = f"{addresses.gateway}/graphql"
        self.asked: list[Asked] = []

    async def persona(
        self, role: str, name: str | None = None, *, title: str | None = None, **claims: Any
    ) -> Persona:
        """Somebody with a fresh token of the development issuer; `claims` are those of its `POST /token`."""
        wish = {"persona": role, "country": self._addresses.country, **claims}
        if name is not None:
            wish["name"] = name
        url, body = f"{self._addresses.identity}/token", _plain(wish)
        # One token more harms nobody.
        answer = await until_answered(url, lambda: self._http.post(url, json=body), is_unavailable)
        answer.raise_for_status()
        return Persona(title or name or role, role, answer.json()["access_token"], self)

    def nobody(self, title: str, token: str | None = None) -> Persona:
        """Somebody without a token, or with one that nobody issued."""
        return Persona(title, "nobody", token, self)

    async def post(self, body: object, token: str | None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request; `headers` replace those that a good request has."""
        all_headers = {"X-Country": self._addresses.country, **(headers or {})}
        if token is not None:
            all_headers.setdefault("Authorization", f"Bearer {token}")
        answer = await self._http.post(self._url, json=body, headers=all_headers)
        try:
            read = answer.json()
        except ValueError:
            read = {}
        return Answer(self._url, answer.status_code, read if isinstance(read, dict) else {}, answer.text)

    async def asked_until_answered(
        self, document: Document, variables: Mapping[str, Any], token: str | None
    ) -> Answer:
        """The answer; where none came, or one that may pass, the same is asked again."""
        body = {"query": document.text, "variables": _plain(variables)}
        return await until_answered(
            self._url,
            lambda: self.post(body, token),
            lambda answer: not _PASSING_CODES.isdisjoint(answer.codes),
        )


Door = tuple[Gateway, httpx.AsyncClient]
"""The gateway, and the connections it uses: the simulators are reached with them too."""


@asynccontextmanager
async def open_gateway(addresses: Addresses) -> AsyncIterator[Door]:
    """The gateway of a stack, and the connections it uses."""
    # A machine's proxy has nothing to do with addresses of this machine.
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS_MAX, trust_env=False) as http:
        yield Gateway(http, addresses), http


@cache
def read_document(name: str) -> Document:
    """The operation of a file, with the fields at its root."""
    text = (DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8")
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode), f"{name} holds one operation"
    roots = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    return Document(
        name=name,
        text=text,
        is_mutation=operation.operation.value == "mutation",
        takes_key="$idempotencyKey" in text,
        roots=tuple((root.alias or root.name).value for root in roots),
    )


def document_names() -> list[str]:
    """All documents."""
    return sorted(file.stem for file in DOCUMENTS.glob("*.graphql"))


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value

"""Two services that cost nearly nothing: they answer what a gateway may ask from prepared bytes.

`python -m tests.bench.cheap_services PORT KEYS_FILE`: /members and /invoicing take the calls of a gateway, /jwks.json
serves the file. A text of a query is read once; after that an answer is a matter of putting ids into bytes.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any, Final

import orjson
import uvloop
from graphql import FieldNode, OperationDefinitionNode, parse

MEMBERS_MAX: Final = 50
INVOICES_OF_EACH: Final = {1: 3, MEMBERS_MAX: 2}
_ID: Final = re.compile(rb'"([A-Za-z0-9_-]{40,90})"')
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_FIRST: Final = re.compile(rb"first\D{1,12}(\d+)|\"\w*first\w*\":(\d+)")


_MARK: Final = "@@key@@"
_SHORT: Final = "@@end@@"


def _short(key: str) -> str:
    return _SHORT if key == _MARK else key[-12:]


def member(key: str) -> dict[str, object]:
    """A member with all that the bench asks for."""
    return {
        "__typename": "Member",
        "id": key,
        "name": f"name of {_short(key)}",
        "email": f"{_short(key)}@example.coop",
    }


def invoices(key: str, count: int) -> list[dict[str, object]]:
    """The invoices of a member."""
    return [
        {
            "__typename": "Invoice",
            "id": f"{key}-{number}",
            "number": f"2026-{number}",
            "total": f"{number}00.00",
        }
        for number in range(count)
    ]


class _Prepared:
    """The answer to one text of a query, with every field it asks for and no other; ids are put in."""

    def __init__(self, query: str, members: list[str]) -> None:
        [operation] = [each for each in parse(query).definitions if isinstance(each, OperationDefinitionNode)]
        [field] = [each for each in operation.selection_set.selections if isinstance(each, FieldNode)]
        self._name = field.name.value
        self._key = (field.alias or field.name).value.encode()
        self._each = {
            count: orjson.dumps(_asked(field, {**member(_MARK), "invoices": invoices(_MARK, each)}))
            for count, each in INVOICES_OF_EACH.items()
        }
        many = self._each[MEMBERS_MAX]
        self._lists = {
            count: b"[%s]" % b",".join(_filled(many, key.encode()) for key in members[:count])
            for count in (20, 50)
        }

    def answer(self, body: bytes) -> bytes:
        """The answer to a call with this query."""
        if self._name == "members":
            first = _FIRST.search(body)
            value = self._lists[int(first[1] or first[2]) if first else 20]
        else:
            ids = _ID.findall(body)
            each = self._each.get(len(ids), self._each[MEMBERS_MAX])
            value = b",".join(_filled(each, key) for key in ids)
            if self._name == "_entities":
                value = b"[%s]" % value
        return b'{"data":{"%s":%s}}' % (self._key, value)


def _filled(each: bytes, key: bytes) -> bytes:
    return each.replace(_MARK.encode(), key).replace(_SHORT.encode(), key[-12:])


def _asked(field: FieldNode, found: Any) -> Any:
    """A record with the fields that are selected, by their aliases."""
    if isinstance(found, list):
        return [_asked(field, each) for each in found]
    if not isinstance(found, dict):
        return found
    return {
        (each.alias or each.name).value: _asked(each, found[each.name.value])
        for each in _fields(field.selection_set)
    }


def _fields(selections: Any) -> list[FieldNode]:
    found = []
    for each in selections.selections:
        found += [each] if isinstance(each, FieldNode) else _fields(each.selection_set)
    return found


class _Service(asyncio.Protocol):
    def __init__(self, keys: bytes, members: list[str], prepared: dict[str, _Prepared]) -> None:
        self._keys, self._members, self._prepared = keys, members, prepared
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            self._answer(self._keys if head.startswith(b"GET") else self._for(body))

    def _for(self, body: bytes) -> bytes:
        query = orjson.loads(body)["query"]
        prepared = self._prepared.get(query)
        if prepared is None:
            prepared = self._prepared[query] = _Prepared(query, self._members)
        return prepared.answer(body)

    def _answer(self, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (len(body), body)
        )


async def serve(port: int, keys: bytes, members: list[str]) -> None:
    """Serve until killed."""
    prepared: dict[str, _Prepared] = {}
    server = await asyncio.get_running_loop().create_server(
        lambda: _Service(keys, members, prepared), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    port, keys_file, members_file = sys.argv[1:]
    uvloop.run(serve(int(port), Path(keys_file).read_bytes(), orjson.loads(Path(members_file).read_bytes())))

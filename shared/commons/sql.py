"""Named SQL statements from `.sql` files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

KINDS: Final = ("one", "many", "value", "exec")
_HEADER = re.compile(r"^-- name:[ \t]*(?P<name>\w+)[ \t]+:(?P<kind>\w+)[ \t]*$", re.MULTILINE)


class SqlFileError(Exception):
    """A file of statements that cannot be read as one; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its text, its name, its kind (one, many, value, exec) and its file."""

    text: str
    name: str
    kind: str
    file: Path


class Statements(Mapping[str, str]):
    """The texts of statements by name: `SQL["next_invoice_number"]`; `details` has what else is known.

    The texts are plain `str`: asyncpg takes no subclass of it.
    """

    def __init__(self, details: Mapping[str, Statement]) -> None:
        self.details: Mapping[str, Statement] = MappingProxyType(dict(details))
        self._texts = {name: statement.text for name, statement in details.items()}

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def load(folder: Path) -> Statements:
    """Every statement of the `.sql` files directly in a folder, by name.

    A statement begins with `-- name: next_invoice_number :one` and ends where the next one begins.
    Raises SqlFileError for a duplicate name, an unknown kind, an empty statement or text before the first.
    """
    statements: dict[str, Statement] = {}
    for file in sorted(folder.glob("*.sql")):
        for statement in _read(file):
            if statement.name in statements:
                other = statements[statement.name].file
                raise SqlFileError(f"{file.name}: {statement.name} is also in {other.name}")
            statements[statement.name] = statement
    if not statements:
        raise SqlFileError(f"{folder}: no statement found")
    return Statements(statements)


def _read(file: Path) -> list[Statement]:
    text = file.read_text(encoding="utf-8")
    headers = list(_HEADER.finditer(text))
    before = text[: headers[0].start()] if headers else text
    if any(line.strip() and not line.startswith("--") for line in before.splitlines()):
        raise SqlFileError(f"{file.name}: a statement without `-- name: … :{'|'.join(KINDS)}`")
    ends = [*(header.start() for header in headers[1:]), len(text)][: len(headers)]
    return [
        _statement(header, text[header.end() : end], file) for header, end in zip(headers, ends, strict=True)
    ]


def _statement(header: re.Match[str], body: str, file: Path) -> Statement:
    name, kind, body = header["name"], header["kind"], body.strip().removesuffix(";")
    if kind not in KINDS:
        raise SqlFileError(f"{file.name}: {name} is :{kind}, but a kind is one of {', '.join(KINDS)}")
    if all(line.startswith("--") or not line.strip() for line in body.splitlines()):
        raise SqlFileError(f"{file.name}: {name} is empty")
    return Statement(body, name, kind, file)

"""The permission table: who may ask for what, read off the declarations of the schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from commons.graphql.rules import READS_ALL

if TYPE_CHECKING:
    from commons.graphql.schema import Schema

_KINDS: Final = ("query", "mutation", "entity", "nested")


@dataclass(frozen=True, slots=True)
class Permission:
    """One line: a field of the schema, who may, and the function that answers."""

    kind: str
    field: str
    who: str
    answered_by: str


def permission_table(schema: Schema) -> list[Permission]:
    """Every field with a rule: queries, mutations, entities, guarded nested fields, each by name."""
    return sorted(schema.permissions, key=lambda line: (_KINDS.index(line.kind), line.field))


def permissions_markdown(service: str, table: Iterable[Permission]) -> str:
    """The table as it is committed beside the schema."""
    lines = [
        f"# Who may do what in {service}",
        "",
        f"Generated from the schema by `make schema`. `{READS_ALL}` reads everything and changes nothing.",
        "",
        "| kind | field | who may | answered by |",
        "|---|---|---|---|",
    ]
    lines += [f"| {line.kind} | `{line.field}` | {line.who} | {line.answered_by} |" for line in table]
    return "\n".join(lines) + "\n"

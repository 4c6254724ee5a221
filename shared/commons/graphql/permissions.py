"""The permission table: who may ask for what, read off the declarations of the schema."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_origin

from commons.arguments import Node
from commons.claims import Claims
from commons.graphql.rules import READS_ALL, Rule, SignedIn

if TYPE_CHECKING:
    from commons.graphql.schema import Schema

_KINDS: Final = ("query", "mutation", "entity", "nested")
_CELLS: Final[Mapping[bool | None, str]] = {True: "yes", None: "own", False: "no"}


@dataclass(frozen=True, slots=True)
class Permission:
    """One line: a field of the schema, who may, and the function that answers.

    `rule` and `function` are the declaration itself, for what the texts do not tell.
    """

    kind: str
    field: str
    who: str
    answered_by: str
    rule: Rule = dataclasses.field(default_factory=SignedIn, compare=False, repr=False)
    function: Callable[..., Any] | None = dataclasses.field(default=None, compare=False, repr=False)


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


def owned_types(tables: Iterable[Iterable[Permission]], who: Claims) -> frozenset[str]:
    """The types of which such a person may see the own ones alone, wherever they live."""
    lines = [line for table in tables for line in table]
    return frozenset(line.field for line in lines if line.kind == "entity" and _verdict(line, who) is None)


def cell(line: Permission, who: Claims, owned: Collection[str]) -> str:
    """`yes`, `own` or `no` for such a person, before any argument or row is known.

    A mutation that takes the id of something owned changes the own things alone (`must_be_own`) for a person
    of whom the rule asks no more than a role. Members are named in rules (`OwnArgument`): an id of one says
    nothing.
    """
    verdict = _verdict(line, who)
    if verdict and line.kind == "mutation" and who.member_id is not None:
        named = {node for _, node in node_arguments(line)} - {"Member"}
        return "own" if named.intersection(owned) else "yes"
    return _CELLS[verdict]


def node_arguments(line: Permission) -> list[tuple[str, str]]:
    """The parameters of the answering function that are ids, each with its type."""
    if line.function is None or line.kind not in ("query", "mutation"):
        return []
    hints = typing.get_type_hints(line.function, include_extras=True)
    return [(name, node) for name, hint in hints.items() for node in _nodes(hint)]


def _verdict(line: Permission, who: Claims) -> bool | None:
    if line.kind == "mutation":
        return line.rule.writes(who, {})
    return line.rule.shown(who)


def _nodes(hint: Any) -> list[str]:
    if get_origin(hint) is Annotated:
        return [mark.type_name for mark in get_args(hint)[1:] if isinstance(mark, Node)]
    return [node for part in get_args(hint) for node in _nodes(part)]

"""Try attempts as somebody, and say where what happened is not what the table says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from commons.access import NotYours
from commons.refusal import Refusal
from tests.permissions.arguments import Ids
from tests.permissions.attempts import Attempt, Document
from tests.permissions.whole_table import NOBODY

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""A door as somebody: a document and its variables in, the body of the answer out."""

DENIED: Final = frozenset({"UNAUTHENTICATED", "FORBIDDEN"})
_IDS: Final = frozenset({"ID", "ID!", "[_Any!]!"})
# An answer without data that is no verdict about a person: the question itself was wrong, or nobody was there.
_BROKEN: Final = frozenset(
    {
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "QUERY_TOO_DEEP",
        "QUERY_TOO_COSTLY",
        "SUBGRAPH_UNAVAILABLE",
        "TIMEOUT",
        "INTERNAL",
    }
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who tries.

    `reads` and `writes` are the ids that the questions name. `whole` is the one code with which everything is
    refused, where no table is asked. `is_owner`: what the reads name is this person's own; what the writes name
    then exists for nobody, so that nothing is changed by whoever may. `sees_nothing` is for ids of another country.
    `sees_all_of` says of which types the reads name something that exists, and that this person must be shown.
    """

    name: str
    column: str
    reads: Ids
    writes: Ids
    hidden: frozenset[str]
    is_owner: bool = False
    whole: str | None = None
    sees_nothing: bool = False
    sees_all_of: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt."""

    value: Any
    codes: frozenset[str]

    @property
    def refusal(self) -> str | None:
        """The code of a refusal that was the answer of a mutation."""
        refused = isinstance(self.value, dict) and self.value.get("__typename") == "Refusal"
        return self.value["code"] if refused else None


async def try_document(document: Document, visitor: Visitor, ask: Ask) -> list[str]:
    """The sentences about what is not as the table says; none where all is."""
    ids = visitor.writes if _is_mutation(document) else visitor.reads
    body = await ask(document.text, document.variables(ids))
    wrong = []
    for alias, attempt in document.attempts.items():
        outcome = _outcome(body, alias, attempt)
        complaint = _complaint(attempt, visitor, outcome)
        if complaint is not None:
            wrong.append(f"{visitor.name}: {attempt.name}: {complaint} ({attempt.selection})")
    return wrong


def named_types(attempt: Attempt) -> list[str]:
    """The types of which a question names an id."""
    named: list[str] = []

    def ids(type_name: str) -> str:
        named.append(type_name)
        return type_name

    attempt.given(ids)
    return named


def _codes_of(refusal: type[Refusal]) -> set[str]:
    """The code of a refusal and of those that are kinds of it."""
    return {refusal.__name__}.union(*(_codes_of(each) for each in refusal.__subclasses__()))


def _is_mutation(document: Document) -> bool:
    return any(attempt.operation == "mutation" for attempt in document.attempts.values())


def _outcome(body: Mapping[str, Any], alias: str, attempt: Attempt) -> Outcome:
    errors = [error for error in body.get("errors", ()) if (error.get("path") or [alias])[0] == alias]
    value = (body.get("data") or {}).get(alias)
    if attempt.selection.startswith("_entities"):
        value = value[0] if value else None
    return Outcome(value, frozenset(error["extensions"]["code"] for error in errors))


def _complaint(attempt: Attempt, visitor: Visitor, outcome: Outcome) -> str | None:
    said = f"got {outcome.value!r:.300} {sorted(outcome.codes)}"
    if broken := outcome.codes & _BROKEN:
        return f"could not be tried: {sorted(broken)}"
    if visitor.whole is not None:
        right = outcome.value is None and outcome.codes == {visitor.whole}
        return None if right else f"everything is refused with {visitor.whole}, but {said}"
    cell = attempt.cell(visitor.column)
    values = list(_values(outcome.value, attempt.path))
    is_denied = bool(outcome.codes & DENIED)
    if visitor.sees_all_of is not None and attempt.line.kind in ("query", "entity") and not values:
        named = named_types(attempt)
        asks_by_ids_alone = all(kind in _IDS for _, kind in attempt.variables)
        if named and asks_by_ids_alone and not attempt.path and all(map(visitor.sees_all_of, named)):
            return f"is there to be seen, but {said}"
    if visitor.sees_nothing:
        return (
            None if not values or outcome.refusal else f"an id of another country opens nothing, but {said}"
        )
    if cell == "yes" or (cell == "own" and visitor.is_owner):
        return f"may ({cell}), but {said}" if is_denied else None
    if attempt.operation == "mutation":
        right = outcome.value is None and is_denied
        if cell == "own":
            right = right or outcome.refusal in _codes_of(NotYours)
    elif cell == "own":
        right = not visitor.hidden.intersection(_ids(outcome.value, attempt.path)) and (
            is_denied or not values or _is_list_of_root(outcome.value, attempt.path)
        )
    else:
        right = not values and (is_denied or bool(attempt.path))
    if right and is_denied:
        expected = "UNAUTHENTICATED" if visitor.column == NOBODY else "FORBIDDEN"
        right = outcome.codes & DENIED == {expected}
    return None if right else f"may not ({cell}), but {said}"


def _values(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """What is at the end of a path, through lists, without the nulls."""
    if isinstance(value, list):
        for each in value:
            yield from _values(each, path)
    elif value is not None:
        if path:
            yield from _values(value.get(path[0]), path[1:])
        else:
            yield value


def _ids(value: Any, path: Sequence[str]) -> Iterator[str]:
    for found in _values(value, path):
        nodes = found["nodes"] if isinstance(found, dict) and "nodes" in found else [found]
        yield from (node["id"] for node in nodes if isinstance(node, dict) and node.get("id"))


def _is_list_of_root(value: Any, path: Sequence[str]) -> bool:
    """A page of rows: the own ones, which may be none."""
    return not path and isinstance(value, dict | list) and (isinstance(value, list) or "nodes" in value)

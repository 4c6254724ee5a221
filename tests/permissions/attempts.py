"""Everything that can be tried: each line of the table as a question to a service, or to the gateway."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_list_type,
)

from commons.graphql import Permission, Schema
from tests.permissions.arguments import Ids, arguments_of
from tests.permissions.whole_table import NOBODY, Line, declared

ATTEMPTS_A_DOCUMENT_MAX: Final = 10
_STEPS_MAX: Final = 5
_ORDER: Final = ("no", "own", "yes")

Declared = Mapping[tuple[str, str, str], Permission]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One question. `guards` are all lines of the table on the way, the tried one among them.

    `selection` uses variables `$<alias>_<name>` of the types in `variables`; `path` leads from the value of its
    root field to what is tried.
    """

    line: Line
    guards: tuple[Line, ...]
    operation: str
    selection: str
    variables: tuple[tuple[str, str], ...]
    path: tuple[str, ...]
    may_share: bool
    given: Callable[[Ids], Mapping[str, Any]]

    @property
    def name(self) -> str:
        """As it is reported."""
        return f"{self.line.service} {self.line.kind} {self.line.field}"

    def cell(self, column: str) -> str:
        """What a column may: no more than the narrowest line on the way says."""
        return min((guard.cells[column] for guard in self.guards), key=_ORDER.index)


@dataclass(frozen=True, slots=True)
class Document:
    """Several attempts in one text, each under an alias of its own."""

    text: str
    attempts: Mapping[str, Attempt]

    def variables(self, ids: Ids) -> dict[str, Any]:
        """The values of its variables."""
        return {
            f"{alias}_{name}": value
            for alias, attempt in self.attempts.items()
            for name, value in attempt.given(ids).items()
        }


def attempts_at_a_service(service: str, schema: Schema, table: Sequence[Line]) -> list[Attempt]:
    """Every line of a service, asked of the service itself."""
    by_name = _by_name({service: schema})
    roads = _Roads({service: schema.graphql}, schema.graphql, table, by_name, lone=service)
    found: list[Attempt | None] = []
    for line in table:
        if line.service == service:
            found.append(roads.at_service(line))
    return [attempt for attempt in found if attempt is not None]


def attempts_through_the_gateway(
    schemas: Mapping[str, Schema], api: GraphQLSchema, table: Sequence[Line]
) -> list[Attempt]:
    """Every line that the public schema has a way to: an entity is one service's continuation of another's."""
    subgraphs = {service: schema.graphql for service, schema in schemas.items()}
    roads = _Roads(subgraphs, api, table, _by_name(schemas), lone=None)
    return [attempt for line in table if (attempt := roads.at_the_gateway(line)) is not None]


def documents(attempts: Sequence[Attempt], *, all_at_once: bool = False) -> list[Document]:
    """As few texts as can be told apart: a null that would take its neighbors along is asked about alone.

    `all_at_once` is for somebody who is refused before anything is executed.
    """
    alone = [] if all_at_once else [attempt for attempt in attempts if not attempt.may_share]
    groups = [[attempt] for attempt in alone]
    for operation in ("query", "mutation"):
        shared = [
            attempt
            for attempt in attempts
            if attempt.operation == operation and (attempt.may_share or all_at_once)
        ]
        groups += [
            shared[start : start + ATTEMPTS_A_DOCUMENT_MAX]
            for start in range(0, len(shared), ATTEMPTS_A_DOCUMENT_MAX)
        ]
    return [_document(group) for group in groups]


def _document(group: Sequence[Attempt]) -> Document:
    aliased = {f"a{number}": attempt for number, attempt in enumerate(group)}
    variables = ", ".join(
        f"${alias}_{name}: {type_name}"
        for alias, attempt in aliased.items()
        for name, type_name in attempt.variables
    )
    body = "\n".join(
        f"  {alias}: {attempt.selection.replace('$', f'${alias}_')}" for alias, attempt in aliased.items()
    )
    head = f"{group[0].operation} Try" + (f"({variables})" if variables else "")
    return Document(f"{head} {{\n{body}\n}}", aliased)


def _by_name(schemas: Mapping[str, Schema]) -> Declared:
    return {(service, line.kind, line.field): line for service, line in declared(schemas)}


@dataclass(frozen=True, slots=True)
class _Step:
    """One field on the way, and who answers it."""

    type_name: str
    field: str
    service: str


class _Roads:
    """Ways from a root field to anything that has a rule."""

    def __init__(
        self,
        subgraphs: Mapping[str, GraphQLSchema],
        asked: GraphQLSchema,
        table: Sequence[Line],
        permissions: Declared,
        *,
        lone: str | None,
    ) -> None:
        self._subgraphs = subgraphs
        self._asked = asked
        self._lines = {(line.service, line.kind, line.field): line for line in table}
        self._permissions = permissions
        self._lone = lone

    def at_service(self, line: Line) -> Attempt | None:
        """A line as its service is asked about it."""
        if line.kind in ("query", "mutation"):
            return self.root(line)
        return self.entity(line) if line.kind == "entity" else self.nested(line)

    def at_the_gateway(self, line: Line) -> Attempt | None:
        """A line as the gateway is asked about it; None where there is no way to it."""
        if line.kind in ("query", "mutation"):
            return self.root(line)
        return self.crossing(line) if line.kind == "entity" else self.nested(line)

    def root(self, line: Line) -> Attempt:
        """A field of Query or Mutation."""
        return self._attempt(line, (_Step(line.kind.capitalize(), line.field, line.service),))

    def entity(self, line: Line) -> Attempt:
        """A reference, as the gateway resolves it."""
        return self._reference(line, (line,), "__typename id", [], (), [])

    def nested(self, line: Line) -> Attempt | None:
        """A guarded field: by a reference to what carries it where the service itself is asked, else by a way."""
        type_name, field = line.field.split(".")
        last = _Step(type_name, field, line.service)
        parent = self._lines.get((line.service, "entity", type_name))
        if self._lone is not None and parent is not None:
            chosen, taken = self._field(last, "")
            functions = [(field, self._function(last))] if taken else []
            return self._reference(line, (parent, line), chosen, taken, (field,), functions)
        for way in self._ways_to(type_name):
            return self._attempt(line, (*way, last))
        return None

    def crossing(self, line: Line) -> Attempt | None:
        """Another service's thing, continued by this one with a field that this one alone has."""
        own = self._subgraphs[line.service].type_map[line.field]
        assert isinstance(own, GraphQLObjectType)
        for name, field in own.fields.items():
            others = [
                schema.type_map.get(line.field)
                for service, schema in self._subgraphs.items()
                if service != line.service
            ]
            is_alone = not any(isinstance(each, GraphQLObjectType) and name in each.fields for each in others)
            if not is_alone or any(_is_needed(argument) for argument in field.args.values()):
                continue
            for way in self._ways_to(line.field):
                if way[-1].service != line.service:
                    last = _Step(line.field, name, line.service)
                    return self._attempt(line, (*way, last), extra=(line,))
        return None

    def _ways_to(self, type_name: str) -> Iterator[tuple[_Step, ...]]:
        """The ways to a type, the shortest first; those of things asked for by id before those of lists."""
        roots = [
            _Step("Query", name, service)
            for (service, kind, name), _ in self._lines.items()
            if kind == "query" and service in self._subgraphs
        ]
        asked_by_id = [step for step in roots if list(self._field_of(step).args) == ["id"]]
        rest = [step for step in roots if step not in asked_by_id]
        waiting: deque[tuple[_Step, ...]] = deque((step,) for step in (*asked_by_id, *rest))
        seen: set[tuple[str, str]] = set()
        while waiting:
            way = waiting.popleft()
            reached = get_named_type(self._field_of(way[-1]).type)
            if reached.name == type_name:
                yield way
                continue
            if (
                not isinstance(reached, GraphQLObjectType)
                or len(way) > _STEPS_MAX
                or (reached.name, way[-1].service) in seen
            ):
                continue
            seen.add((reached.name, way[-1].service))
            for name, field in reached.fields.items():
                if not is_leaf_type(get_named_type(field.type)) and not any(
                    _is_needed(each) for each in field.args.values()
                ):
                    service = self._answers(reached.name, name, way[-1].service)
                    waiting.append((*way, _Step(reached.name, name, service)))

    def _answers(self, type_name: str, field: str, current: str) -> str:
        """The service that answers a field, the one that is there already if it can."""
        for service in (current, *self._subgraphs):
            found = self._subgraphs[service].type_map.get(type_name)
            if isinstance(found, GraphQLObjectType) and field in found.fields:
                return service
        raise AssertionError(f"no service has {type_name}.{field}")

    def _field_of(self, step: _Step) -> GraphQLField:
        carrier = self._asked.type_map[step.type_name]
        assert isinstance(carrier, GraphQLObjectType)
        field: GraphQLField = carrier.fields[step.field]
        return field

    def _guards(self, way: Sequence[_Step], extra: tuple[Line, ...]) -> tuple[Line, ...]:
        found = list(extra)
        for number, step in enumerate(way):
            root = self._lines.get((step.service, step.type_name.lower(), step.field))
            nested = self._lines.get((step.service, "nested", f"{step.type_name}.{step.field}"))
            crossed = number > 0 and way[number - 1].service != step.service
            entity = self._lines.get((step.service, "entity", step.type_name)) if crossed else None
            found += [line for line in (root, entity, nested) if line is not None]
        return tuple(found)

    def _attempt(self, line: Line, way: Sequence[_Step], *, extra: tuple[Line, ...] = ()) -> Attempt:
        first = way[0]
        chosen, variables, functions = "", [], []
        for step in reversed(way):
            chosen, taken = self._field(step, chosen)
            variables += taken
            functions += [(step.field, self._function(step))] if taken else []
        root = self._field_of(first)
        return Attempt(
            line=line,
            guards=self._guards(way, extra),
            operation=first.type_name.lower(),
            selection=chosen,
            variables=tuple(variables),
            path=tuple(step.field for step in way[1:]),
            # One that is open to nobody in particular is let through without a token only by itself.
            may_share=first.type_name == "Query"
            and not isinstance(root.type, GraphQLNonNull)
            and line.cells[NOBODY] == "no",
            given=lambda ids: _given(functions, ids),
        )

    def _function(self, step: _Step) -> Callable[..., Any]:
        root = (step.service, step.type_name.lower(), step.field)
        nested = (step.service, "nested", f"{step.type_name}.{step.field}")
        declared_as = self._permissions.get(root) or self._permissions[nested]
        assert declared_as.function is not None, "a field with arguments is answered by a function"
        return declared_as.function

    def _field(self, step: _Step, selection: str) -> tuple[str, list[tuple[str, str]]]:
        """The text of a field and the variables that it takes: what it needs, and every id that it may take."""
        field = self._field_of(step)
        is_root = step.type_name in ("Query", "Mutation")
        named = {}
        if is_root or any(_is_needed(each) for each in field.args.values()):
            named = {name: field.args[name] for name in arguments_of(self._function(step), str)}
        chosen = ", ".join(f"{name}: ${step.field}_{name}" for name in named)
        inner = selection or _least(get_named_type(field.type))
        text = step.field + (f"({chosen})" if chosen else "") + (f" {{ {inner} }}" if inner else "")
        return text, [(f"{step.field}_{name}", str(argument.type)) for name, argument in named.items()]

    def _reference(
        self,
        line: Line,
        guards: tuple[Line, ...],
        chosen: str,
        variables: Sequence[tuple[str, str]],
        path: tuple[str, ...],
        functions: Sequence[tuple[str, Callable[..., Any]]],
    ) -> Attempt:
        type_name = line.field.split(".")[0]

        def given(ids: Ids) -> dict[str, Any]:
            reference = {"__typename": type_name, "id": ids(type_name)}
            return {**_given(functions, ids), "representations": [reference]}

        return Attempt(
            line=line,
            guards=guards,
            operation="query",
            selection=f"_entities(representations: $representations) {{ ... on {type_name} {{ {chosen} }} }}",
            variables=(*variables, ("representations", "[_Any!]!")),
            path=path,
            may_share=True,
            given=given,
        )


def _given(functions: Sequence[tuple[str, Callable[..., Any]]], ids: Ids) -> dict[str, Any]:
    return {
        f"{field}_{name}": value
        for field, function in functions
        for name, value in arguments_of(function, ids).items()
    }


def _least(reached: Any) -> str:
    """The least that can be asked of a type, with ids where it has them."""
    if is_leaf_type(reached):
        return ""
    if isinstance(reached, GraphQLUnionType):
        return "__typename ... on Refusal { code }"
    assert isinstance(reached, GraphQLObjectType | GraphQLInterfaceType)
    nodes = reached.fields.get("nodes")
    if nodes is not None and is_list_type(getattr(nodes.type, "of_type", nodes.type)):
        return f"nodes {{ {_least(get_named_type(nodes.type))} }}"
    return "__typename id" if "id" in reached.fields else "__typename"


def _is_needed(argument: Any) -> bool:
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined

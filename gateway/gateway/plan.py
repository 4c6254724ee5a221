"""The planner's query plans as typed values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec
from graphql import Node as SyntaxNode
from graphql import OperationDefinitionNode, parse
from graphql.language import NullValueNode, ValueNode, VariableNode

RECURSION_MAX = 200


class PlanUnsupported(Exception):
    """The plan holds something that the executor does not know."""


class Field(msgspec.Struct, frozen=True, tag=True):
    """A path segment that descends into a response key."""

    key: str


class Elements(msgspec.Struct, frozen=True, tag=True):
    """A path segment that replaces a list by its elements."""


class TypeCondition(msgspec.Struct, frozen=True, tag=True):
    """A path segment that keeps the objects of certain types."""

    names: tuple[str, ...]


Segment: TypeAlias = Field | Elements | TypeCondition
Path: TypeAlias = tuple[Segment, ...]


class RequiredField(msgspec.Struct, tag_field="kind", tag="Field", frozen=True):
    """A key of the target that a representation needs: read as `name`, written as `alias`."""

    name: str
    alias: str | None = None
    selections: list[Requirement] = []

    @property
    def key(self) -> str:
        """The key in the representation."""
        return self.alias or self.name


class RequiredFragment(msgspec.Struct, tag_field="kind", tag="InlineFragment", frozen=True, rename="camel"):
    """Requirements that hold for targets of one type."""

    type_condition: str
    selections: list[Requirement]
    skip_if: str | None = None
    include_if: str | None = None


class RequiredSpread(msgspec.Struct, tag_field="kind", tag="FragmentSpread", frozen=True):
    """Declared by the planner's types, never seen: refused."""

    value: str


Requirement: TypeAlias = RequiredField | RequiredFragment | RequiredSpread


class TypenameEquals(msgspec.Struct, frozen=True):
    """A step of a rewrite's path that goes on only for some types."""

    names: tuple[str, ...]


class SetValue(msgspec.Struct, frozen=True, tag=True):
    """Sets a key, even if absent."""

    path: tuple[TypenameEquals | str, ...]
    value: str


class RenameKey(msgspec.Struct, frozen=True, tag=True):
    """Moves the value of a key, if present, to another name."""

    path: tuple[TypenameEquals | str, ...]
    name: str


Rewrite: TypeAlias = SetValue | RenameKey


class Fetch(msgspec.Struct, tag_field="kind", tag="Fetch", rename="camel"):
    """One operation sent to one service."""

    service_name: str
    operation: str
    operation_kind: str = "query"
    operation_name: str | None = None
    variable_usages: list[str] = []
    requires: list[Requirement] = []
    input_rewrites: list[dict[str, Any]] = []
    output_rewrites: list[dict[str, Any]] = []
    number: int = 0
    inputs: tuple[Rewrite, ...] = ()
    outputs: tuple[Rewrite, ...] = ()
    retry: Retry | None = None


class EntityBatchAlias(msgspec.Struct, rename="camel"):
    """One aliased `_entities` field of a batch."""

    alias: str
    representations_variable_name: str
    paths: list[list[Any]]
    requires: list[Requirement]
    input_rewrites: list[dict[str, Any]] = []
    output_rewrites: list[dict[str, Any]] = []
    targets: tuple[Path, ...] = ()
    inputs: tuple[Rewrite, ...] = ()
    outputs: tuple[Rewrite, ...] = ()


class EntityBatch(msgspec.Struct):
    """The aliases of a batch."""

    aliases: list[EntityBatchAlias]


class BatchFetch(msgspec.Struct, tag_field="kind", tag="BatchFetch", rename="camel"):
    """Several `_entities` fields in one request."""

    service_name: str
    operation: str
    entity_batch: EntityBatch
    operation_kind: str = "query"
    operation_name: str | None = None
    variable_usages: list[str] = []
    number: int = 0


class Sequence(msgspec.Struct, tag_field="kind", tag="Sequence"):
    """One node after the other."""

    nodes: list[PlanNode]


class Parallel(msgspec.Struct, tag_field="kind", tag="Parallel"):
    """All nodes at once."""

    nodes: list[PlanNode]


class Flatten(msgspec.Struct, tag_field="kind", tag="Flatten"):
    """An entity fetch for the objects found at a path."""

    path: list[Any]
    node: PlanNode
    target: Path = ()


class Condition(msgspec.Struct, tag_field="kind", tag="Condition", rename="camel"):
    """A choice by the value of a variable."""

    condition: str
    if_clause: PlanNode | None = None
    else_clause: PlanNode | None = None


class Subscription(msgspec.Struct, tag_field="kind", tag="Subscription"):
    """A stream of events."""

    primary: PlanNode


class Defer(msgspec.Struct, tag_field="kind", tag="Defer"):
    """Declared by the planner's types; `@defer` is refused at validation."""


PlanNode: TypeAlias = Fetch | BatchFetch | Sequence | Parallel | Flatten | Condition | Subscription | Defer


class QueryPlan(msgspec.Struct, tag_field="kind", tag="QueryPlan"):
    """What to ask of which service, in which order. Without a node there is nothing to ask."""

    node: PlanNode | None = None


class Retry(msgspec.Struct, frozen=True):
    """Which variables must not be null for a mutation to be safe to send again."""

    variables: tuple[str, ...]


def read_plan(raw: object) -> QueryPlan:
    """A typed plan of the planner's JSON value; raises `PlanUnsupported`."""
    try:
        plan = msgspec.convert(raw, QueryPlan)
    except msgspec.ValidationError as failure:
        raise PlanUnsupported(str(failure)) from failure
    for number, node in enumerate(calls_of(plan.node)):
        node.number = number
    return plan


def calls_of(node: PlanNode | None, depth: int = 0) -> Iterator[Fetch | BatchFetch]:
    """Every node that makes a call, in the order of the plan; refuses what cannot be executed."""
    if depth > RECURSION_MAX:
        raise PlanUnsupported("the plan is nested too deeply")
    match node:
        case None:
            return
        case Fetch():
            _prepare_fetch(node)
            yield node
        case BatchFetch():
            for alias in node.entity_batch.aliases:
                alias.targets = tuple(_path(path) for path in alias.paths)
                alias.inputs = tuple(_rewrite(raw) for raw in alias.input_rewrites)
                alias.outputs = tuple(_rewrite(raw) for raw in alias.output_rewrites)
                _check_requirements(alias.requires)
            yield node
        case Sequence(nodes=nodes) | Parallel(nodes=nodes):
            for child in nodes:
                yield from calls_of(child, depth + 1)
        case Flatten():
            if not isinstance(node.node, Fetch):
                raise PlanUnsupported("Flatten over anything but a Fetch")
            node.target = _path(node.path)
            yield from calls_of(node.node, depth + 1)
        case Condition():
            yield from calls_of(node.if_clause, depth + 1)
            yield from calls_of(node.else_clause, depth + 1)
        case Subscription() | Defer():
            raise PlanUnsupported(type(node).__name__)


def _prepare_fetch(node: Fetch) -> None:
    node.inputs = tuple(_rewrite(raw) for raw in node.input_rewrites)
    node.outputs = tuple(_rewrite(raw) for raw in node.output_rewrites)
    _check_requirements(node.requires)
    if node.operation_kind == "query":
        node.retry = Retry(())
    elif node.operation_kind == "mutation":
        node.retry = _retry_of_mutation(node.operation)
    else:
        raise PlanUnsupported(node.operation_kind)


def _retry_of_mutation(operation: str) -> Retry | None:
    """A mutation may be sent again only if each of its fields carries an idempotency key."""
    [definition, *_] = parse(operation, no_location=True).definitions
    assert isinstance(definition, OperationDefinitionNode), "the planner puts the operation first"
    variables: list[str] = []
    for selection in definition.selection_set.selections:
        key = _argument(selection, "idempotencyKey")
        if key is None or isinstance(key, NullValueNode):
            return None
        if isinstance(key, VariableNode):
            variables.append(key.name.value)
    return Retry(tuple(variables))


def _argument(field: SyntaxNode, name: str) -> ValueNode | None:
    for argument in getattr(field, "arguments", None) or ():
        if argument.name.value == name:
            value: ValueNode = argument.value
            return value
    return None


def _path(raw: list[Any]) -> Path:
    return tuple(_segment(segment) for segment in raw)


def _segment(raw: Any) -> Segment:
    match raw:
        case "@":
            return Elements()
        case {"Field": str(key)}:
            return Field(key)
        case {"TypeCondition": str(name)}:
            return TypeCondition((name,))
        case {"TypeCondition": list(names)}:
            return TypeCondition(tuple(names))
    raise PlanUnsupported(f"path segment {raw!r}")


def _rewrite(raw: dict[str, Any]) -> Rewrite:
    match raw:
        case {"ValueSetter": {"path": path, "setValueTo": str(value)}}:
            return SetValue(_rewrite_path(path), value)
        case {"KeyRenamer": {"path": path, "renameKeyTo": str(name)}}:
            return RenameKey(_rewrite_path(path), name)
        case {"kind": "ValueSetter", "path": path, "setValueTo": str(value)}:
            return SetValue(_rewrite_path(path), value)
        case {"kind": "KeyRenamer", "path": path, "renameKeyTo": str(name)}:
            return RenameKey(_rewrite_path(path), name)
    raise PlanUnsupported(f"rewrite {sorted(raw)}")


def _rewrite_path(raw: list[Any]) -> tuple[TypenameEquals | str, ...]:
    path: list[TypenameEquals | str] = []
    for step in raw:
        match step:
            case {"Key": str(key)}:
                path.append(key)
            case {"TypenameEquals": list(names)}:
                path.append(TypenameEquals(tuple(names)))
            case _:
                raise PlanUnsupported(f"rewrite path {step!r}")
    if not path or not isinstance(path[-1], str):
        raise PlanUnsupported("a rewrite without a key")
    return tuple(path)


def _check_requirements(requirements: list[Requirement], depth: int = 0) -> None:
    if depth > RECURSION_MAX:
        raise PlanUnsupported("the requirements are nested too deeply")
    for requirement in requirements:
        match requirement:
            case RequiredSpread():
                raise PlanUnsupported("FragmentSpread in requires")
            case RequiredFragment(skip_if=skip, include_if=include) if skip or include:
                raise PlanUnsupported("a condition in requires")
            case RequiredFragment(selections=selections) | RequiredField(selections=selections):
                _check_requirements(selections, depth + 1)

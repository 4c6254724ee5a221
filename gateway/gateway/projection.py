"""Shapes the answer after the client's operation and the public schema: a plain walk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    is_interface_type,
    is_leaf_type,
)
from graphql.language import BooleanValueNode, VariableNode

from gateway.errors import MISSING_MESSAGE, Code, Path
from gateway.executor import Run

FragmentMap = Mapping[str, FragmentDefinitionNode]


class _NullPropagates(Exception):
    """A value that must not be null is null: its parent becomes null."""


def project(run: Run, operation: OperationDefinitionNode, fragments: FragmentMap) -> dict[str, Any] | None:
    """The client's `data`, made from the run's data; adds errors for nulls that nothing explains."""
    root = run.schema.schema.get_root_type(operation.operation)
    assert root is not None, "the operation was validated against the schema"
    walk = _Walk(run, fragments)
    try:
        return walk.object(root, [operation.selection_set], run.data, ())
    except _NullPropagates:
        return None


def is_selected(
    node: FieldNode | InlineFragmentNode | FragmentSpreadNode, variables: Mapping[str, Any]
) -> bool:
    """Whether `@skip` and `@include` leave the selection in."""
    for directive in node.directives or ():
        name = directive.name.value
        if name not in ("skip", "include"):
            continue
        [argument] = directive.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            condition = bool(variables.get(value.name.value))
        else:
            condition = isinstance(value, BooleanValueNode) and value.value
        if condition is (name == "skip"):
            return False
    return True


class _Walk:
    def __init__(self, run: Run, fragments: FragmentMap) -> None:
        self._run = run
        self._schema = run.schema
        self._fragments = fragments
        self._collected: dict[tuple[str, tuple[int, ...]], dict[str, list[FieldNode]]] = {}
        self._explained: tuple[set[Path], set[Path]] | None = None

    def object(
        self,
        kind: GraphQLObjectType,
        selection_sets: list[SelectionSetNode],
        value: dict[str, Any],
        path: Path,
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, nodes in self._fields(kind, selection_sets).items():
            if nodes[0].name.value == "__typename":
                result[key] = kind.name
            else:
                definition = kind.fields[nodes[0].name.value]
                result[key] = self._complete(definition.type, nodes, value.get(key), (*path, key))
        return result

    def _complete(self, kind: GraphQLOutputType, nodes: list[FieldNode], value: Any, path: Path) -> Any:
        if isinstance(kind, GraphQLNonNull):
            completed = self._complete(kind.of_type, nodes, value, path)
            if completed is None:
                self._explain(path)
                raise _NullPropagates
            return completed
        if value is None:
            return None
        try:
            return self._complete_value(kind, nodes, value, path)
        except _NullPropagates:
            return None

    def _complete_value(self, kind: GraphQLOutputType, nodes: list[FieldNode], value: Any, path: Path) -> Any:
        if isinstance(kind, GraphQLList):
            if not isinstance(value, list):
                return None
            return [
                self._complete(kind.of_type, nodes, element, (*path, index))
                for index, element in enumerate(value)
            ]
        if is_leaf_type(kind):
            if isinstance(kind, GraphQLEnumType):
                return value if isinstance(value, str) and value in kind.values else None
            return value
        if not isinstance(value, dict):
            return None
        runtime = self._runtime_type(kind, value)
        if runtime is None:
            return None
        return self.object(runtime, self._selection_sets(nodes), value, path)

    def _runtime_type(self, kind: Any, value: dict[str, Any]) -> Any:
        if not is_abstract_type(kind):
            return kind
        name = value.get("__typename")
        if is_interface_type(kind) and (name is None or name == kind.name):
            # An interface object: its service does not know the concrete type.
            return kind
        runtime = self._schema.schema.get_type(name) if isinstance(name, str) else None
        if isinstance(runtime, GraphQLObjectType) and self._schema.is_subtype(runtime.name, kind.name):
            return runtime
        return None

    def _selection_sets(self, nodes: list[FieldNode]) -> list[SelectionSetNode]:
        return [node.selection_set for node in nodes if node.selection_set is not None]

    def _fields(self, kind: Any, selection_sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        # The elements of a list share their selections: collect once. The document keeps the sets, so their
        # ids stay theirs.
        identity = (kind.name, tuple(map(id, selection_sets)))
        collected = self._collected.get(identity)
        if collected is None:
            collected = {}
            for key, node in collect(
                kind.name, selection_sets, self._fragments, self._run.variables, self._schema
            ):
                collected.setdefault(key, []).append(node)
            self._collected[identity] = collected
        return collected

    def _explain(self, path: Path) -> None:
        if self._explained is None:
            exact = set(self._run.explained)
            self._explained = exact, {place[:length] for place in exact for length in range(len(place) + 1)}
        exact, above = self._explained
        if path in above or any(path[:length] in exact for length in range(len(path) + 1)):
            return
        self._run.errors.append(self._run.origin.error(Code.INTERNAL, MISSING_MESSAGE, path))


def collect(
    type_name: str,
    selection_sets: list[SelectionSetNode],
    fragments: FragmentMap,
    variables: Mapping[str, Any],
    schema: Any,
) -> Iterator[tuple[str, FieldNode]]:
    """The fields that apply to a runtime type, with their response keys, in the order of the query."""
    seen: set[str] = set()

    def walk(selections: SelectionSetNode) -> Iterator[tuple[str, FieldNode]]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if is_selected(node, variables):
                    yield (node.alias or node.name).value, node
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                applies = condition is None or schema.is_subtype(type_name, condition.name.value)
                if applies and is_selected(node, variables):
                    yield from walk(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and is_selected(node, variables):
                name = node.name.value
                fragment = fragments.get(name)
                if fragment is None or name in seen:
                    continue
                seen.add(name)
                if schema.is_subtype(type_name, fragment.type_condition.name.value):
                    yield from walk(fragment.selection_set)

    for selections in selection_sets:
        yield from walk(selections)

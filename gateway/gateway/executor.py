"""The general executor: walks a plan as the planner wrote it.

It makes no calls itself. It is a generator of waves: it yields the calls that can be made at the same time
and is sent their answers. Compiled plans have the same shape, and this one is their judge and their fallback.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import msgspec

from gateway.errors import UNAVAILABLE_MESSAGES, Code, ErrorBody, Origin, error_path
from gateway.errors import Path as ClientPath
from gateway.plan import (
    BatchFetch,
    Condition,
    Elements,
    Fetch,
    Field,
    Flatten,
    Parallel,
    Path,
    PlanNode,
    PlanUnsupported,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Requirement,
    Retry,
    Rewrite,
    Sequence,
    SetValue,
    TypeCondition,
    TypenameEquals,
)
from gateway.supergraph import PublicSchema

Object: TypeAlias = dict[str, Any]

# Integers of any size come through unchanged.
encode = msgspec.json.Encoder().encode
encode_sorted = msgspec.json.Encoder(order="sorted").encode
decode = msgspec.json.Decoder().decode


class Call(NamedTuple):
    """One request to one service. `number` is the place of its node in the plan."""

    number: int
    service: str
    body: bytes
    is_entities: bool
    may_retry: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A service that gave no answer."""

    code: Code


Answer: TypeAlias = bytes | Failure
Wave: TypeAlias = tuple[Call, ...]
Answers: TypeAlias = tuple[Answer, ...]


@dataclass(slots=True)
class Run:
    """The state of one execution. `explained` are places whose nulls an error already accounts for."""

    schema: PublicSchema
    variables: Mapping[str, Any]
    origin: Origin
    data: Object = field(default_factory=dict)
    errors: list[ErrorBody] = field(default_factory=list)
    explained: list[ClientPath] = field(default_factory=list)


class Target(NamedTuple):
    """An object of the answer that an entity fetch completes, with its place in the client's answer."""

    value: Object
    path: ClientPath


def execute(plan: QueryPlan, run: Run) -> Generator[Wave, Answers, None]:
    """Executes the plan into `run.data` and `run.errors`."""
    if plan.node is not None:
        yield from _node(plan.node, run)


def _node(node: PlanNode, run: Run) -> Generator[Wave, Answers, None]:
    match node:
        case Fetch():
            yield from _root_fetch(node, run)
        case Sequence(nodes=nodes):
            for child in nodes:
                yield from _node(child, run)
        case Parallel(nodes=nodes):
            yield from _together([_node(child, run) for child in nodes])
        case Flatten(node=Fetch() as fetch):
            yield from _entity_fetch(node, fetch, run)
        case BatchFetch():
            yield from _batch_fetch(node, run)
        case Condition():
            clause = node.if_clause if run.variables.get(node.condition) else node.else_clause
            if clause is not None:
                yield from _node(clause, run)
        case _:
            raise PlanUnsupported(type(node).__name__)


def _together(children: list[Generator[Wave, Answers, None]]) -> Generator[Wave, Answers, None]:
    waiting: list[tuple[Generator[Wave, Answers, None], Wave]] = []
    for child in children:
        _advance(child, None, waiting)
    while waiting:
        answers = yield tuple(call for _, calls in waiting for call in calls)
        asked, waiting, start = waiting, [], 0
        for child, calls in asked:
            _advance(child, answers[start : start + len(calls)], waiting)
            start += len(calls)


def _advance(
    child: Generator[Wave, Answers, None],
    answers: Answers | None,
    waiting: list[tuple[Generator[Wave, Answers, None], Wave]],
) -> None:
    try:
        calls = next(child) if answers is None else child.send(answers)
    except StopIteration:
        return
    waiting.append((child, calls))


# ------------------------------------------------------------------------------------------------- root fetch


def _root_fetch(node: Fetch, run: Run) -> Generator[Wave, Answers, None]:
    [answer] = yield (_call(node, node.retry, used_variables(node, run.variables), False, run),)
    data, raw_errors = _read(answer, node.service_name, [()], run)
    _add_errors(raw_errors, node.service_name, {}, [()], run)
    if isinstance(data, dict):
        for rewrite in node.outputs:
            _rewrite(rewrite.path, rewrite, data, run.schema)
        merge(run.data, data)


def used_variables(node: Fetch | BatchFetch, variables: Mapping[str, Any]) -> Object:
    """The request's variables that the node's operation uses."""
    return {name: variables[name] for name in node.variable_usages if name in variables}


def _call(
    node: Fetch | BatchFetch, retry: Retry | None, variables: Object, is_entities: bool, run: Run
) -> Call:
    body: Object = {"query": node.operation, "variables": variables}
    if node.operation_name is not None:
        body["operationName"] = node.operation_name
    may_retry = retry is not None and all(run.variables.get(name) is not None for name in retry.variables)
    return Call(node.number, node.service_name, encode(body), is_entities, may_retry)


def _read(answer: Answer, service: str, paths: list[ClientPath], run: Run) -> tuple[Any, list[object]]:
    """The data and the raw errors of an answer; one error of our own if there is no answer."""
    failure = answer.code if isinstance(answer, Failure) else None
    parsed: Any = None
    if not isinstance(answer, Failure):
        try:
            parsed = decode(answer)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            parsed = None
        if not isinstance(parsed, dict) or ("data" not in parsed and not parsed.get("errors")):
            failure = Code.SUBGRAPH_UNAVAILABLE
    if failure is not None:
        run.errors.append(run.origin.error(failure, UNAVAILABLE_MESSAGES[failure], paths[0], service))
        run.explained.extend(paths)
        return None, []
    raw_errors = parsed.get("errors")
    return parsed.get("data"), raw_errors if isinstance(raw_errors, list) else []


# --------------------------------------------------------------------------------------------- entity fetches


@dataclass(slots=True)
class _Entities:
    """The targets of one `_entities` field and which of its representations each one got."""

    targets: list[Target] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    representations: list[Object] = field(default_factory=list)


def _entity_fetch(flatten: Flatten, node: Fetch, run: Run) -> Generator[Wave, Answers, None]:
    entities = _entities_of((flatten.target,), node.requires, node.inputs, run)
    if not entities.representations:
        return
    variables = used_variables(node, run.variables)
    variables["representations"] = entities.representations
    [answer] = yield (_call(node, node.retry, variables, True, run),)
    paths = [target.path for target in entities.targets]
    data, raw_errors = _read(answer, node.service_name, paths, run)
    _add_errors(raw_errors, node.service_name, {"_entities": entities}, paths, run)
    _distribute(data, "_entities", entities, node.outputs, run)


def _batch_fetch(node: BatchFetch, run: Run) -> Generator[Wave, Answers, None]:
    aliases = node.entity_batch.aliases
    fields: dict[str, _Entities] = {}
    lists: dict[str, list[Object]] = {}
    for alias in aliases:
        entities = _entities_of(alias.targets, alias.requires, alias.inputs, run)
        fields[alias.alias] = entities
        # Aliases that share a variable carry the same list.
        lists.setdefault(alias.representations_variable_name, entities.representations)
    if not any(lists.values()):
        return
    variables: Object = {**used_variables(node, run.variables), **lists}
    [answer] = yield (_call(node, Retry(()), variables, True, run),)
    paths = [target.path for entities in fields.values() for target in entities.targets]
    data, raw_errors = _read(answer, node.service_name, paths, run)
    _add_errors(raw_errors, node.service_name, fields, paths, run)
    for alias in aliases:
        _distribute(data, alias.alias, fields[alias.alias], alias.outputs, run)


def _entities_of(
    paths: Iterable[Path], requires: list[Requirement], inputs: tuple[Rewrite, ...], run: Run
) -> _Entities:
    entities = _Entities()
    seen: dict[bytes, int] = {}
    for path in paths:
        for target in targets_of(run.data, path, run.schema):
            representation = represent(requires, target.value, run.schema)
            if representation is None or "__typename" not in representation:
                continue
            for rewrite in inputs:
                _rewrite(rewrite.path, rewrite, representation, run.schema)
            canonical = encode_sorted(representation)
            place = seen.setdefault(canonical, len(entities.representations))
            if place == len(entities.representations):
                entities.representations.append(representation)
            entities.targets.append(target)
            entities.places.append(place)
    return entities


def _distribute(data: Any, key: str, entities: _Entities, outputs: tuple[Rewrite, ...], run: Run) -> None:
    answered = data.get(key) if isinstance(data, dict) else None
    if not isinstance(answered, list):
        return
    for entity in answered:
        if isinstance(entity, dict):
            for rewrite in outputs:
                _rewrite(rewrite.path, rewrite, entity, run.schema)
    for target, place in zip(entities.targets, entities.places, strict=True):
        entity = answered[place] if place < len(answered) else None
        if isinstance(entity, dict):
            merge(target.value, copy_value(entity))


def targets_of(data: Object, path: Path, schema: PublicSchema) -> list[Target]:
    """The objects at a path, in order, each with its place in the client's answer."""
    current: list[tuple[Any, ClientPath]] = [(data, ())]
    for segment in path:
        match segment:
            case Field(key=key):
                current = [
                    (value[key], (*place, key))
                    for value, place in current
                    if isinstance(value, dict) and value.get(key) is not None
                ]
            case Elements():
                current = [
                    (element, (*place, index))
                    for value, place in current
                    if isinstance(value, list)
                    for index, element in enumerate(value)
                    if element is not None
                ]
            case TypeCondition(names=names):
                current = [
                    (value, place)
                    for value, place in _flattened(current)
                    if isinstance(value, dict)
                    and isinstance(name := value.get("__typename"), str)
                    and any(schema.is_subtype(name, condition) for condition in names)
                ]
    return [Target(value, place) for value, place in _flattened(current) if isinstance(value, dict)]


def _flattened(values: list[tuple[Any, ClientPath]]) -> list[tuple[Any, ClientPath]]:
    while any(isinstance(value, list) for value, _ in values):
        flat: list[tuple[Any, ClientPath]] = []
        for value, place in values:
            if isinstance(value, list):
                flat.extend((element, (*place, index)) for index, element in enumerate(value))
            else:
                flat.append((value, place))
        values = flat
    return values


# -------------------------------------------------------------------------------------------- representations

_MISSING: Any = object()


def represent(requires: list[Requirement], value: Object, schema: PublicSchema) -> Object | None:
    """What a service needs to find the object again, or nothing if the object lacks a part of it."""
    representation: Object = {}
    for requirement in requires:
        match requirement:
            case RequiredField():
                found = value.get(requirement.name, _MISSING)
                if found is not _MISSING:
                    representation[requirement.key] = (
                        represent_nested(requirement.selections, found, schema)
                        if requirement.selections
                        else copy_value(found)
                    )
                elif requirement.name != "__typename":
                    return None
            case RequiredFragment():
                name = value.get("__typename")
                if isinstance(name, str) and not schema.is_subtype(name, requirement.type_condition):
                    continue
                part = represent(requirement.selections, value, schema)
                if part is None:
                    return None
                merge(representation, part)
            case _:
                raise PlanUnsupported(type(requirement).__name__)
    return representation


def represent_nested(selections: list[Requirement], value: Any, schema: PublicSchema) -> Any:
    """The required part of a value below the object itself; null for an object that lacks some of it."""
    if isinstance(value, list):
        return [represent_nested(selections, element, schema) for element in value]
    return represent(selections, value, schema) if isinstance(value, dict) else value


# ------------------------------------------------------------------------------------ rewrites, merge, errors


def _rewrite(
    steps: tuple[TypenameEquals | str, ...], rewrite: Rewrite, value: Any, schema: PublicSchema
) -> None:
    if isinstance(value, list):
        for element in value:
            _rewrite(steps, rewrite, element, schema)
        return
    if not isinstance(value, dict):
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, TypenameEquals):
        name = value.get("__typename")
        if isinstance(name, str) and any(schema.is_subtype(name, condition) for condition in step.names):
            _rewrite(rest, rewrite, value, schema)
    elif rest:
        _rewrite(rest, rewrite, value.get(step), schema)
    elif isinstance(rewrite, SetValue):
        value[step] = rewrite.value
    elif step in value:
        value[rewrite.name] = value.pop(step)


def merge(into: Object, other: Object) -> None:
    """Merges `other` into `into`; what is null in `other` takes nothing away."""
    for key, value in other.items():
        into[key] = _merged(into[key], value) if key in into else value


def _merged(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return right if left is None else left
    if isinstance(left, dict) and isinstance(right, dict):
        merge(left, right)
        return left
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        left[:] = [_merged_element(a, b) for a, b in zip(left, right, strict=True)]
        return left
    return right


def _merged_element(left: Any, right: Any) -> Any:
    if left is None or (isinstance(left, dict | list) and isinstance(right, type(left))):
        return _merged(left, right)
    return left


def copy_value(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if isinstance(value, dict):
        return {key: copy_value(element) for key, element in value.items()}
    if isinstance(value, list):
        return [copy_value(element) for element in value]
    return value


def _add_errors(
    raw_errors: list[object], service: str, fields: Mapping[str, _Entities], paths: list[ClientPath], run: Run
) -> None:
    if not fields:
        for raw in raw_errors:
            run.errors.append(run.origin.of_service(raw, service, error_path(raw)))
            run.explained.append(error_path(raw))
        return
    places = {
        key: [(target.path, place) for target, place in zip(entities.targets, entities.places, strict=True)]
        for key, entities in fields.items()
    }
    for body, explained in placed_errors(raw_errors, service, places, paths, run.origin):
        run.errors.append(body)
        run.explained.extend(explained)


def placed_errors(
    raw_errors: list[object],
    service: str,
    places: Mapping[str, list[tuple[ClientPath, int]]],
    paths: list[ClientPath],
    origin: Origin,
) -> Iterator[tuple[ErrorBody, list[ClientPath]]]:
    """The errors of an entity call at the client's paths, each with the places whose nulls it explains.

    `places` has, for each `_entities` field, the path of every target and the index of its representation; an
    error without an index goes to the first of `paths` and explains them all.
    """
    for raw in raw_errors:
        path = error_path(raw)
        index = path[1] if len(path) > 1 else None
        at = [
            (*target, *path[2:])
            for target, place in (places.get(str(path[0]), ()) if isinstance(index, int) else ())
            if place == index
        ]
        if not at:
            yield origin.of_service(raw, service, paths[0]), paths
        for place_of_error in at:
            yield origin.of_service(raw, service, place_of_error), [place_of_error]

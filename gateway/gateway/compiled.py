"""What compiled plans call at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

import msgspec

from gateway.errors import UNAVAILABLE_MESSAGES, ErrorBody, Origin, error_path
from gateway.errors import Path as ClientPath
from gateway.executor import Answer, Failure, placed_errors

encode_deterministic = msgspec.json.Encoder(order="deterministic").encode


class Miss(Exception):
    """An answer does not fit its compiled plan: the general executor answers with what was received."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Step(NamedTuple):
    """One step from the root to the targets of an entity call."""

    kind: str
    attribute: str = ""
    key: str = ""
    made: Any = None


class Aliased(NamedTuple):
    """One `_entities` field of a call: a key for each target, and the distinct keys that were sent."""

    key: str
    keys: list[bytes]
    sent: dict[bytes, None]
    steps: tuple[tuple[Step, ...], ...]


def given_up(reason: str) -> NoReturn:
    """Hands the request over to the general executor."""
    raise Miss(reason)


def used(variables: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The request's variables that an operation uses."""
    return {name: variables[name] for name in names if name in variables}


def may_retry(variables: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    """Whether the variables that carry idempotency keys all do."""
    return all(variables.get(name) is not None for name in names)


def root_answer(
    decode: Callable[[bytes], Any], answer: Answer, service: str, origin: Origin, errors: list[ErrorBody]
) -> Any:
    """The data of a root fetch, or nothing."""
    if isinstance(answer, Failure):
        errors.append(origin.error(answer.code, UNAVAILABLE_MESSAGES[answer.code], (), service))
        return None
    envelope = _envelope(decode, answer)
    if envelope.errors:
        errors.extend(origin.of_service(raw, service, error_path(raw)) for raw in envelope.errors)
    return None if envelope.data is msgspec.UNSET else envelope.data


def entity_answer(
    decode: Callable[[bytes], Any],
    answer: Answer,
    service: str,
    origin: Origin,
    errors: list[ErrorBody],
    root: Any,
    fields: Iterable[Aliased],
) -> Any:
    """The data of an entity fetch, or nothing; its errors are placed on every target they concern."""
    envelope = None if isinstance(answer, Failure) else _envelope(decode, answer)
    if envelope is not None and not envelope.errors:
        return None if envelope.data is msgspec.UNSET else envelope.data
    places: dict[str, list[tuple[ClientPath, int]]] = {}
    for aliased in fields:
        sent = {key: place for place, key in enumerate(aliased.sent)}
        paths = [path for steps in aliased.steps for path in _paths(root, steps)]
        places[aliased.key] = [(path, sent[key]) for path, key in zip(paths, aliased.keys, strict=True)]
    first = next((path for placed in places.values() for path, _ in placed), ())
    if isinstance(answer, Failure):
        errors.append(origin.error(answer.code, UNAVAILABLE_MESSAGES[answer.code], first, service))
        return None
    assert envelope is not None, "an answer came"
    errors.extend(body for body, _ in placed_errors(envelope.errors, service, places, [first], origin))
    return None if envelope.data is msgspec.UNSET else envelope.data


def _envelope(decode: Callable[[bytes], Any], answer: bytes) -> Any:
    try:
        envelope = decode(answer)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Miss("answer") from None
    if envelope.errors and not isinstance(envelope.errors, list):
        raise Miss("errors")
    if envelope.data is msgspec.UNSET and not envelope.errors:
        raise Miss("answer")
    return envelope


def _paths(root: Any, steps: tuple[Step, ...]) -> list[ClientPath]:
    """The places of the targets in the client's answer, in the order in which the compiled plan met them."""
    current: list[tuple[Any, ClientPath]] = [(root, ())]
    for step in steps:
        if step.kind == "field":
            current = [
                (value, (*path, step.key))
                for holder, path in current
                if (value := getattr(holder, step.attribute)) is not None
            ]
        elif step.kind == "each":
            current = [
                (element, (*path, index))
                for holder, path in current
                for index, element in enumerate(holder)
                if element is not None
            ]
        else:
            current = [(value, path) for value, path in current if value.__class__ is step.made]
    return [path for _, path in current]

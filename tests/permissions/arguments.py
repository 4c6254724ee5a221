"""Arguments for any field, made from the signature of the function that answers it."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from strawberry.utils.str_converters import to_camel_case

from commons.arguments import Between, Node, Text
from commons.money import Money

Ids = Callable[[str], str]
"""The global id to use for a type."""

_A_TEXT = "Nobody in particular"
_A_DAY = "2026-06-30"


def arguments_of(function: Callable[..., Any], ids: Ids) -> dict[str, Any]:
    """What the function must be given as GraphQL variables, and every id that it may be given.

    The values fit their types and say nothing: what they ask for is refused by the capability, not by its door.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    return {
        to_camel_case(name): _value(hints[name], ids)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        and (parameter.default is inspect.Parameter.empty or names_a_node(hints[name]))
    }


def names_a_node(hint: Any) -> bool:
    """Whether a value of this type is or holds an id."""
    if get_origin(hint) is Annotated:
        return any(isinstance(mark, Node) for mark in get_args(hint)[1:]) or names_a_node(get_args(hint)[0])
    if dataclasses.is_dataclass(hint) and isinstance(hint, type) and hint is not Money:
        return any(names_a_node(inner) for inner in typing.get_type_hints(hint, include_extras=True).values())
    return any(names_a_node(part) for part in get_args(hint))


def _value(hint: Any, ids: Ids) -> Any:
    marks: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        marks = tuple(rest)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        [inner] = [part for part in get_args(hint) if part is not types.NoneType]
        return _value(Annotated[(inner, *marks)] if marks else inner, ids)
    if origin is list:
        return [_value(get_args(hint)[0], ids)]
    if hint is UUID:
        [node] = [mark for mark in marks if isinstance(mark, Node)]
        return ids(node.type_name)
    if hint is str:
        text = next((mark for mark in marks if isinstance(mark, Text)), Text())
        return _A_TEXT.ljust(text.min, "x")[: text.max]
    if hint is int:
        between = next((mark for mark in marks if isinstance(mark, Between)), Between(1, 1))
        return between.low
    if hint is Money:
        return {"amount": "1.00", "currency": "EUR"}
    if hint is bool:
        return False
    if hint is Decimal:
        return "1"
    if hint is datetime:
        return f"{_A_DAY}T12:00:00Z"
    if hint is date:
        return _A_DAY
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint)).name
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _record(hint, ids)
    raise AssertionError(f"no value is known for {hint}")


def _record(cls: type, ids: Ids) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    needed = {
        field.name
        for field in dataclasses.fields(cls)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    return {
        to_camel_case(name): _value(hint, ids)
        for name, hint in hints.items()
        if name in needed or names_a_node(hint)
    }

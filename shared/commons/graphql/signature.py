"""The GraphQL arguments of a field, read off the signature of its capability."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from typing import Annotated, Any, Final, TypeVar, Union, cast
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from commons import global_id
from commons.arguments import FIRST_MAX, Between, Items, Node, Text
from commons.money import Money
from commons.refusal import Refusal

M = TypeVar("M")
Decode = Callable[[Any, str], object]
"""Makes the domain's value of what GraphQL gives; the second argument is the country (upper case)."""

_PLAIN: Final = (bool, date, datetime, Decimal)


_being_made: Final[set[type]] = set()


class SchemaFault(Exception):
    """The schema breaks a rule of this library; the process must not start."""


@strawberry.input(name="MoneyInput", description="An amount of money in major units.")
class MoneyInput:
    """How clients write money: `{amount: "12.50", currency: "EUR"}`."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a field: its GraphQL type, and how its value becomes the domain's."""

    name: str
    graphql_type: object
    decode: Decode
    default: object

    @property
    def graphql_name(self) -> str:
        return to_camel_case(self.name)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a capability or loader takes from the client."""

    function: Callable[..., Any]
    arguments: tuple[Argument, ...]

    def decode(self, raw: Mapping[str, Any], country: str) -> dict[str, object]:
        """The capability's keyword arguments. Raises the refusal of the first one that is not acceptable."""
        found: dict[str, object] = {}
        for argument in self.arguments:
            if argument.name in raw:
                found[argument.name] = _at(
                    argument.graphql_name, argument.decode, raw[argument.name], country
                )
            elif argument.default is inspect.Parameter.empty:
                found[argument.name] = None  # optional and left out: anything else GraphQL has refused
        return found

    def parameters(self) -> list[inspect.Parameter]:
        """The parameters as strawberry reads them."""
        return [
            inspect.Parameter(
                argument.name,
                inspect.Parameter.KEYWORD_ONLY,
                # a default of None is said by the type already
                default=inspect.Parameter.empty if argument.default is None else argument.default,
                annotation=argument.graphql_type,
            )
            for argument in self.arguments
        ]


def signature_of(function: Callable[..., Any], *, given: int) -> Signature:
    """What a function takes beyond its first `given` parameters (ctx, or ctx and keys).

    Raises SchemaFault for a parameter that no GraphQL argument can carry.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())[given:]
    arguments = []
    for parameter in parameters:
        where = f"{function.__module__}.{function.__qualname__}({parameter.name})"
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise SchemaFault(f"{where}: the arguments of a capability are keyword-only")
        hint = hints[parameter.name]
        if parameter.name == "first" and hint is int:
            hint = Annotated[int, Between(1, FIRST_MAX)]
        graphql_type, decode = _convert(hint, where)
        if parameter.default is not inspect.Parameter.empty:
            _check_default(parameter.default, where)
        arguments.append(Argument(parameter.name, graphql_type, decode, parameter.default))
    return Signature(function, tuple(arguments))


def callable_with(
    function: Callable[..., Any], parameters: list[inspect.Parameter], doc: str | None = None
) -> Callable[..., Any]:
    """The function, seen by strawberry as one with these parameters."""
    described = cast(Any, function)
    described.__signature__ = inspect.Signature(parameters)
    described.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    described.__doc__ = doc
    return function


def description_of(thing: object) -> str | None:
    """The first paragraph of a docstring, as schemas show it."""
    doc = getattr(thing, "__doc__", None)
    if not doc or doc.startswith(f"{getattr(thing, '__name__', '')}("):  # the one that dataclasses invents
        return None
    return " ".join(inspect.cleandoc(doc).split("\n\n", 1)[0].split())


def _at(name: str, decode: Decode, value: Any, country: str) -> object:
    try:
        return decode(value, country)
    except Refusal as refusal:
        raise refusal.at(name) from None


def _convert(hint: Any, where: str) -> tuple[object, Decode]:
    """The GraphQL type of an annotation and the way from its value to the domain's."""
    marks: tuple[object, ...] = ()
    if typing.get_origin(hint) is Annotated:
        hint, *rest = typing.get_args(hint)
        marks = tuple(rest)
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = [part for part in typing.get_args(hint) if part is not types.NoneType]
        if len(inner) != 1:
            raise SchemaFault(f"{where}: GraphQL has no unions of arguments")
        graphql_type, decode = _convert(Annotated[(inner[0], *marks)] if marks else inner[0], where)
        return cast(Any, graphql_type) | None, partial(_or_none, decode)
    if origin is list:
        graphql_type, decode = _convert(typing.get_args(hint)[0], where)
        return list[graphql_type], partial(_each, _mark(marks, Items) or Items(), decode)  # type: ignore[valid-type]  # made at run time
    if hint is UUID:
        node = _mark(marks, Node)
        if node is None:
            raise SchemaFault(f'{where}: say of which type it is the key: Annotated[UUID, Node("Member")]')
        return strawberry.ID, partial(_key, node.type_name)
    if hint is str:
        return str, partial(_text, _mark(marks, Text) or Text())
    if hint is int:
        between = _mark(marks, Between)
        return int, partial(_number, between) if between else _same
    if hint is Money:
        return MoneyInput, _money
    if hint in _PLAIN or (isinstance(hint, type) and issubclass(hint, Enum)):
        return hint, _same
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if hasattr(hint, "__strawberry_definition__"):
            raise SchemaFault(
                f"{where}: {hint.__name__} describes an answer; take the domain's class instead"
            )
        if hint in _being_made:
            raise SchemaFault(f"{where}: an input that contains itself has no limit")
        return _input(hint)
    raise SchemaFault(f"{where}: no GraphQL argument is a {hint}")


def _check_default(default: object, where: str) -> None:
    if not isinstance(default, str | int | bool | Decimal | date | Enum | None):
        raise SchemaFault(f"{where}: this default cannot be written in a schema")


def _mark(marks: tuple[object, ...], kind: type[M]) -> M | None:
    return next((mark for mark in marks if isinstance(mark, kind)), None)


@cache
def _input(cls: type) -> tuple[type, Decode]:
    """The GraphQL input of a frozen dataclass, made once."""
    _being_made.add(cls)
    hints = typing.get_type_hints(cls, include_extras=True)
    fields: dict[str, Decode] = {}
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": cls.__module__}
    for field in dataclasses.fields(cls):
        graphql_type, fields[field.name] = _convert(hints[field.name], f"{cls.__qualname__}.{field.name}")
        namespace["__annotations__"][field.name] = graphql_type
        if field.default is not dataclasses.MISSING:
            _check_default(field.default, f"{cls.__qualname__}.{field.name}")
            namespace[field.name] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            namespace[field.name] = strawberry.field(default_factory=field.default_factory)
    name = cls.__name__ if cls.__name__.endswith("Input") else f"{cls.__name__}Input"
    _being_made.discard(cls)
    described = strawberry.input(type(name, (), namespace), name=name, description=description_of(cls))
    return described, partial(_record, cls, fields)


def _same(value: Any, country: str) -> object:
    return value


def _or_none(decode: Decode, value: Any, country: str) -> object:
    return None if value is None else decode(value, country)


def _each(items: Items, decode: Decode, value: list[Any], country: str) -> object:
    items.check(len(value))
    return [_at(str(index), decode, item, country) for index, item in enumerate(value)]


def _key(type_name: str, value: str, country: str) -> object:
    return global_id.decode_as(value, type_name, country)


def _text(text: Text, value: str, country: str) -> object:
    return text.check(value)


def _number(between: Between, value: int, country: str) -> object:
    return between.check(value)


def _money(value: MoneyInput, country: str) -> object:
    return Money.of(value.amount, value.currency)


def _record(cls: type, fields: Mapping[str, Decode], value: Any, country: str) -> object:
    return cls(
        **{
            name: _at(to_camel_case(name), decode, getattr(value, name), country)
            for name, decode in fields.items()
        }
    )

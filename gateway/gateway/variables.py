"""Reads a request's variables straight from its bytes into checked values, where they fit as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, NotRequired, Required, TypedDict, cast

import msgspec
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    OperationDefinitionNode,
    type_from_ast,
    value_from_ast_untyped,
)
from graphql.language import BooleanValueNode, EnumValueNode, IntValueNode, NullValueNode, StringValueNode
from msgspec import UNSET, UnsetType

from gateway.positions import list_of, literal, union
from gateway.supergraph import PublicSchema

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
_SCALARS: Mapping[str, Any] = {
    "String": str,
    "ID": str,
    "Boolean": bool,
    "Int": Annotated[int, msgspec.Meta(ge=INT_MIN, le=INT_MAX)],
    "Float": int | float,
}
_PLAIN_DEFAULTS = (BooleanValueNode, EnumValueNode, IntValueNode, NullValueNode, StringValueNode)

ReadVariables = Callable[[bytes], dict[str, Any] | None]


class _Unreadable(Exception):
    """A variable has a type or a default that is left to graphql-core."""


def reader_of(definition: OperationDefinitionNode, schema: PublicSchema) -> ReadVariables | None:
    """A function from the bytes of the variables to their values with defaults.

    It gives nothing where the variables do not fit as they are: graphql-core then coerces them or says why
    not. There is no such function for custom scalars (their depth is checked elsewhere), recursive inputs and
    defaults that are not plain.
    """
    kinds: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    try:
        for variable in definition.variable_definitions or ():
            name = variable.variable.name.value
            kind = type_from_ast(schema.schema, variable.type)
            value = _kind(kind, inputs)
            if variable.default_value is not None:
                if not isinstance(variable.default_value, _PLAIN_DEFAULTS) or _is_list(kind):
                    raise _Unreadable
                if isinstance(variable.default_value, IntValueNode) and not _is_int(kind):
                    raise _Unreadable  # a whole number may stand for an ID or a Float of any length
                defaults[name] = value_from_ast_untyped(variable.default_value)
            is_required = isinstance(kind, GraphQLNonNull) and name not in defaults
            kinds[name] = Required[value] if is_required else NotRequired[value]
    except _Unreadable:
        return None
    make = cast("Callable[..., Any]", TypedDict)
    decode = msgspec.json.Decoder(make("Variables", kinds)).decode

    def read(raw: bytes) -> dict[str, Any] | None:
        try:
            values: dict[str, Any] = decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return {**defaults, **values} if defaults else values

    return read


def _is_list(kind: Any) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def _is_int(kind: Any) -> bool:
    return bool((kind.of_type if isinstance(kind, GraphQLNonNull) else kind) == GraphQLInt)


def _kind(kind: Any, inputs: dict[str, Any]) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, inputs)
    return union(_value(kind, inputs), None)


def _value(kind: Any, inputs: dict[str, Any]) -> Any:
    if isinstance(kind, GraphQLList):
        return list_of(_kind(kind.of_type, inputs))
    if isinstance(kind, GraphQLEnumType):
        return literal(*kind.values)
    if isinstance(kind, GraphQLInputObjectType):
        return _input(kind, inputs)
    if kind is None or kind.name not in _SCALARS:
        raise _Unreadable
    return _SCALARS[kind.name]


def _input(kind: GraphQLInputObjectType, inputs: dict[str, Any]) -> Any:
    if kind.name in inputs:
        if inputs[kind.name] is None:
            raise _Unreadable
        return inputs[kind.name]
    if kind.is_one_of:
        raise _Unreadable
    inputs[kind.name] = None
    fields: list[Any] = []
    names: dict[str, str] = {}
    for number, (name, field) in enumerate(kind.fields.items()):
        attribute = f"f{number}"
        names[attribute] = name
        value = _kind(field.type, inputs)
        is_optional = not isinstance(field.type, GraphQLNonNull) or _has_default(field)
        # The service fills its own defaults in.
        fields.append((attribute, union(value, UnsetType), UNSET) if is_optional else (attribute, value))
    made = msgspec.defstruct(
        kind.name, fields, rename=names, kw_only=True, gc=False, forbid_unknown_fields=True
    )
    inputs[kind.name] = made
    return made


def _has_default(field: Any) -> bool:
    return field.ast_node is not None and field.ast_node.default_value is not None

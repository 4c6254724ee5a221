"""The positions of an answer where objects are, and the msgspec types made for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

import msgspec
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
)
from msgspec import UNSET, UnsetType

from gateway.projection import FragmentMap, collect
from gateway.supergraph import PublicSchema

POSITIONS_MAX = 400
_JSON = bool | int | float | str | list[Any] | dict[str, Any]
_SCALARS: Mapping[str, Any] = {"String": str, "ID": str, "Boolean": bool, "Int": int, "Float": int | float}


class NotCompiled(Exception):
    """The plan has something that the compiler leaves to the general executor."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True, eq=False)
class Slot:
    """One response key of one type at one position.

    A helper is a key that the client did not ask for but a representation needs. A chained slot is needed by
    a representation although another entity call fills it.
    """

    key: str
    attribute: str
    name: str
    kind: Any
    below: Shape | None = None
    given_by: int | None = None
    is_helper: bool = False
    is_chained: bool = False

    @property
    def is_nullable(self) -> bool:
        """Whether null may stand there."""
        return not isinstance(self.kind, GraphQLNonNull)

    @property
    def is_text(self) -> bool:
        """Whether equal values have equal bytes: true of texts."""
        kind = nullable(self.kind)
        return isinstance(kind, GraphQLEnumType) or getattr(kind, "name", None) in ("ID", "String")

    @property
    def is_dirty(self) -> bool:
        """Whether what is decoded there is not yet what is encoded: an abstract position is below."""
        return self.below is not None and self.below.is_dirty


@dataclass(slots=True, eq=False)
class Variant:
    """One runtime type at one position. `spare`: keys that a fetch brings unasked, with field and fetch."""

    type: GraphQLObjectType
    shape: Shape
    slots: dict[str, Slot] = field(default_factory=dict)
    spare: dict[str, tuple[str, int]] = field(default_factory=dict)
    typename_from: set[int] = field(default_factory=set)
    made: Any = None

    def required(self, key: str) -> Slot | None:
        """The slot of a key that a representation needs: a helper if the client did not ask for it."""
        slot = self.slots.get(key)
        if slot is None and key in self.spare:
            name, fetch = self.spare[key]
            definition = self.type.fields.get(name)
            is_leaf = definition is not None and is_leaf_type(get_named_type(definition.type))
            kind = definition.type if definition is not None and is_leaf else None
            slot = Slot(key, f"f{len(self.slots)}", name, kind, given_by=fetch, is_helper=True)
            self.slots[key] = slot
        return slot

    @property
    def is_whole(self) -> bool:
        """Whether some fetch fills each slot. If not, the type is left to the general executor."""
        return all(
            slot.name == "__typename"
            or (slot.given_by is not None and (slot.below is None or slot.below.is_whole))
            for slot in self.slots.values()
        )

    def given(self, fetch: int | None) -> list[Slot]:
        """The slots that a fetch fills."""
        return [slot for slot in self.slots.values() if slot.given_by == fetch and slot.name != "__typename"]


@dataclass(slots=True, eq=False)
class Shape:
    """A position: of one type, or of each possible one. `creator` is the fetch that brings its objects."""

    is_abstract: bool
    variants: list[Variant] = field(default_factory=list)
    creator: int | None = None

    @property
    def whole(self) -> list[Variant]:
        """The variants that can be there."""
        return [variant for variant in self.variants if variant.is_whole]

    @property
    def is_whole(self) -> bool:
        """Whether any object can be there."""
        return any(variant.is_whole for variant in self.variants)

    @property
    def is_dirty(self) -> bool:
        """Whether its objects are decoded as one type and encoded as another."""
        return self.is_abstract or any(slot.is_dirty for slot in self.variants[0].given(self.creator))


class Tree:
    """Reads the client's operation into positions."""

    def __init__(self, schema: PublicSchema, fragments: FragmentMap, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._count = 0

    def shape(self, kind: Any, selection_sets: list[SelectionSetNode]) -> Shape:
        """The position of a composite type with the client's selections; raises `NotCompiled`."""
        types: Iterable[GraphQLObjectType] = (
            self._schema.schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
        )
        shape = Shape(is_abstract_type(kind))
        for possible in types:
            self._count += 1
            if self._count > POSITIONS_MAX:
                raise NotCompiled("too_large")
            shape.variants.append(self._variant(possible, selection_sets, shape))
        if not shape.variants:
            raise NotCompiled("no_type")
        return shape

    def _variant(
        self, kind: GraphQLObjectType, selection_sets: list[SelectionSetNode], shape: Shape
    ) -> Variant:
        nodes: dict[str, list[FieldNode]] = {}
        for key, node in collect(kind.name, selection_sets, self._fragments, self._variables, self._schema):
            nodes.setdefault(key, []).append(node)
        variant = Variant(kind, shape)
        for number, (key, same) in enumerate(nodes.items()):
            slot = Slot(key, f"f{number}", same[0].name.value, None)
            if slot.name != "__typename":
                slot.kind = kind.fields[slot.name].type
                named = get_named_type(slot.kind)
                if is_composite_type(named):
                    slot.below = self.shape(named, selections_below(same))
            variant.slots[key] = slot
        return variant


class Types:
    """Makes the types of answers. Equal types are one: positions of the same shape can share answers."""

    def __init__(self) -> None:
        self._made: dict[Any, Any] = {}

    def output(self, variant: Variant) -> Any:
        """The type that is encoded at a position, and decoded as well unless the position is abstract."""
        if variant.made is None:
            fields: list[tuple[str, str, Any, Any]] = []
            for slot in variant.slots.values():
                if slot.name == "__typename":
                    default = ... if slot.is_helper else variant.type.name
                    fields.append((slot.attribute, slot.key, literal(variant.type.name), default))
                elif slot.given_by is None:
                    raise NotCompiled("not_given")
                elif slot.given_by == variant.shape.creator:
                    fields.append((slot.attribute, slot.key, self.of_slot(slot), ...))
                else:
                    # A later fetch fills it: this one must not bring it.
                    fields.append((slot.attribute, slot.key, UnsetType, UNSET))
            variant.made = self.struct(fields)
        return variant.made

    def tagged(self, variant: Variant) -> Any:
        """The type that is decoded for one type of an abstract position."""
        creator = variant.shape.creator
        fields = [(slot.attribute, slot.key, self.of_slot(slot), ...) for slot in variant.given(creator)]
        return self.struct([*fields, *not_given([variant], creator)], variant.type.name)

    def of_slot(self, slot: Slot) -> Any:
        """The type of a slot that a fetch gives; any JSON where the public schema does not know it."""
        return Any if slot.kind is None else self._of(slot.kind, slot.below)

    def struct(self, fields: list[tuple[str, str, Any, Any]], tag: str | None = None) -> Any:
        """A struct of (attribute, key, type, default or ...), tagged by `__typename` if there is a tag."""
        identity = (tuple(fields), tag)
        known = self._made.get(identity)
        if known is None:
            known = self._made[identity] = msgspec.defstruct(
                f"T{len(self._made)}",
                [
                    (name, kind) if default is ... else (name, kind, default)
                    for name, _, kind, default in fields
                ],
                rename={name: key for name, key, _, _ in fields},
                tag_field="__typename" if tag is not None else None,
                tag=tag,
                kw_only=True,
                gc=False,
            )
        return known

    def _of(self, kind: Any, below: Shape | None) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._of_value(kind.of_type, below)
        return union(self._of_value(kind, below), None)

    def _of_value(self, kind: Any, below: Shape | None) -> Any:
        if isinstance(kind, GraphQLList):
            return list_of(self._of(kind.of_type, below))
        if isinstance(kind, GraphQLEnumType):
            return literal(*kind.values)
        if below is None:
            return _SCALARS.get(kind.name, _JSON)
        if not below.is_abstract:
            return self.output(below.variants[0])
        # A union of one would let an object without a type name pass.
        return union(*(self.tagged(variant) for variant in below.whole), self.struct([], "\0"))


def not_given(variants: list[Variant], fetch: int | None) -> list[tuple[str, str, Any, Any]]:
    """Fields that refuse what other fetches bring: a service that sends it unasked must not be believed."""
    slots = [slot for variant in variants for slot in variant.slots.values() if slot.name != "__typename"]
    given = {slot.key for slot in slots if slot.given_by == fetch}
    refused = dict.fromkeys(slot.key for slot in slots if slot.key not in given)
    return [(f"not_{number}", key, UnsetType, UNSET) for number, key in enumerate(refused)]


def selections_below(nodes: Iterable[FieldNode]) -> list[SelectionSetNode]:
    """The selections that the same field has in several places."""
    return [node.selection_set for node in nodes if node.selection_set is not None]


def nullable(kind: Any) -> Any:
    """The type without its outermost non-null."""
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def list_levels(kind: Any) -> list[bool]:
    """Whether the elements may be null, for each list that the type has around its objects."""
    levels: list[bool] = []
    inner = nullable(kind)
    while isinstance(inner, GraphQLList):
        levels.append(not isinstance(inner.of_type, GraphQLNonNull))
        inner = nullable(inner.of_type)
    return levels


# Types that are made at run time are beyond what annotations can say.


def union(*kinds: Any) -> Any:
    """Any of the types."""
    return Union[kinds]  # noqa: UP007  # the types are known at run time only


def literal(*values: str) -> Any:
    """One of the texts."""
    return Literal[values]


def list_of(kind: Any) -> Any:
    """A list of the type."""
    return list[kind]

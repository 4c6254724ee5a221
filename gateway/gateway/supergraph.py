"""The supergraph and its public schema."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from graphql import (
    DefinitionNode,
    DocumentNode,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    build_ast_schema,
    is_abstract_type,
    is_interface_type,
    is_object_type,
    parse,
)


@dataclass(slots=True)
class PublicSchema:
    """What clients see: the schema that requests are validated against and answers are shaped by."""

    schema: GraphQLSchema
    _subtypes: dict[tuple[str, str], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, sdl: str) -> PublicSchema:
        """The public schema from the planner's SDL, without the internal types that it carries."""
        return cls(build_ast_schema(_without_internals(parse(sdl, no_location=True)), assume_valid=True))

    def is_subtype(self, name: str, condition: str) -> bool:
        """Whether the type `name` is `condition`, implements it or is a member of it."""
        if name == condition:
            return True
        pair = (name, condition)
        known = self._subtypes.get(pair)
        if known is None:
            known = self._is_subtype(name, condition)
            self._subtypes[pair] = known
        return known

    def _is_subtype(self, name: str, condition: str) -> bool:
        kind, of = self.schema.get_type(name), self.schema.get_type(condition)
        return (
            kind is not None
            and of is not None
            and is_abstract_type(of)
            and (is_object_type(kind) or is_interface_type(kind))
            and self.schema.is_sub_type(of, kind)
        )


@dataclass(frozen=True, slots=True)
class Supergraph:
    """A composed supergraph under the key that the planner knows it by."""

    sdl: str
    key: str

    @classmethod
    def of(cls, sdl: str) -> Supergraph:
        """The supergraph of a text: equal texts have equal keys."""
        return cls(sdl, hashlib.sha256(sdl.encode()).hexdigest())


PUBLIC_TAG = "public"


def public_fields(sdl: str) -> frozenset[str]:
    """The root fields that their service opened to everybody, as `Query.orderByLink`."""
    document = parse(sdl, no_location=True)
    return frozenset(
        f"{definition.name.value}.{field.name.value}"
        for definition in document.definitions
        if isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value in ("Query", "Mutation")
        for field in definition.fields or ()
        if any(
            directive.name.value == "tag"
            and any(
                isinstance(argument.value, StringValueNode) and argument.value.value == PUBLIC_TAG
                for argument in directive.arguments or ()
            )
            for directive in field.directives or ()
        )
    )


# Types of the introspection system, and types that composition made for itself.
_INTERNAL = ("__", "join__", "link__", "core__")


def _without_internals(document: DocumentNode) -> DocumentNode:
    definitions: list[DefinitionNode] = []
    for definition in document.definitions:
        if isinstance(definition, TypeDefinitionNode) and definition.name.value.startswith(_INTERNAL):
            continue
        if isinstance(definition, ObjectTypeDefinitionNode):
            fields = tuple(
                field for field in definition.fields or () if not field.name.value.startswith("__")
            )
            values = {key: getattr(definition, key) for key in definition.keys}
            definition = ObjectTypeDefinitionNode(**{**values, "fields": fields})
        definitions.append(definition)
    return DocumentNode(definitions=tuple(definitions))

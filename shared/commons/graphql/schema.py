"""Build a service's schema and check at the start that every field follows the rules of this library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import msgspec.inspect
import strawberry.federation
from graphql import GraphQLEnumType, GraphQLObjectType, GraphQLSchema
from strawberry import Info
from strawberry.annotation import StrawberryAnnotation
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema_directives import Key
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.union import StrawberryUnion
from strawberry.utils.str_converters import to_camel_case

from commons.graphql.declaration import Declaration, declaration_of
from commons.graphql.entities import Entity, resolve_entities
from commons.graphql.mutations import Constraints
from commons.graphql.permissions import Permission
from commons.graphql.records import Ref, read, row_of
from commons.graphql.request import Request
from commons.graphql.rules import Anyone, Rule, WithParent
from commons.graphql.scalars import SCALARS
from commons.graphql.signature import SchemaFault, description_of

FEDERATION_VERSION: Final = "2.9"  # the newest one that the composition library knows: gateway.md 2.1
_OPEN: Final = (Anyone, WithParent)
_FEDERATION_FIELDS: Final = ("_service", "_entities")


class Schema(strawberry.federation.Schema):
    """A checked schema: what it permits, its entities, which refusal a constraint means."""

    def __init__(
        self,
        query: type,
        mutation: type | None,
        types: Iterable[type],
        entities: Sequence[Entity],
        constraints: Constraints,
    ) -> None:
        self.entities = {entity.type_name: entity for entity in entities}
        self.constraints = constraints
        self.permissions: list[Permission] = []
        if mutation is not None:
            _name_unions(mutation)
        super().__init__(
            query=query,
            mutation=mutation,
            types=[*types, *(entity.described for entity in entities)],
            federation_version=FEDERATION_VERSION,
            config=StrawberryConfig(
                default_resolver=read, scalar_map=dict(SCALARS), disable_field_suggestions=True
            ),
        )
        _Check(self).run()
        _shorten(self)
        self.stored_rows = _stored_rows(mutation)

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema as graphql-core executes it."""
        return self._schema

    async def entities_resolver(  # type: ignore[override]  # the base one is sync; strawberry takes either
        self, info: Info[Request, None], representations: list[FederationAny]
    ) -> list[FederationAny]:
        return await resolve_entities(info.context, self.entities, representations)


def build_schema(
    query: type,
    mutation: type | None = None,
    *,
    entities: Sequence[Entity] = (),
    types: Iterable[type] = (),
    constraints: Constraints | None = None,
) -> Schema:
    """The schema of a service.

    `types` are those that no field names (members of interfaces); `constraints` say which refusal a violated
    constraint of the database means. Raises SchemaFault where a field breaks a rule of this library: no rule,
    a guarded field that is not nullable, an attribute that the row does not have.
    """
    return Schema(query, mutation, types, entities, constraints or {})


def print_schema(schema: Schema) -> str:
    """The schema as it is committed in `schema.graphql` and composed by the gateway."""
    return schema.as_str() + "\n"


def _name_unions(mutation: type) -> None:
    """`issue_invoice: Invoice | Refusal` is the union IssueInvoiceResult."""
    for field in _definition(mutation).fields:
        found = field.type
        if isinstance(found, StrawberryUnion) and found.graphql_name is None:
            camel = to_camel_case(field.python_name)
            named = StrawberryUnion(f"{camel[0].upper()}{camel[1:]}Result", found.type_annotations)
            field.type_annotation = StrawberryAnnotation(named)


def _shorten(schema: Schema) -> None:
    """Let fields without arguments be resolved by graphql-core directly.

    They use nothing but the row and `info.context`; strawberry's way to them costs more than they do.
    """
    for concrete in schema.schema_converter.type_map.values():
        definition, made = concrete.definition, concrete.implementation
        if not isinstance(definition, StrawberryObjectDefinition) or not isinstance(made, GraphQLObjectType):
            continue
        if row_of(definition.origin) is None:
            continue
        for field in definition.fields:
            graphql_field = made.fields[schema.config.name_converter.get_graphql_name(field)]
            declared = declaration_of(field)
            if declared is None:
                graphql_field.resolve = partial(_attribute, field.python_name)
            elif declared.attributes and not graphql_field.args and field.base_resolver is not None:
                graphql_field.resolve = field.base_resolver.wrapped_func


def _attribute(name: str, row: Any, _info: Any) -> Any:
    return read(row, name)


def _stored_rows(mutation: type | None) -> Mapping[str, type]:
    """The row classes that mutations answer with, by name: what a stored answer is read back as."""
    rows: dict[str, type] = {}
    for field in _definition(mutation).fields if mutation is not None else []:
        for described in _members(field.type):
            row = row_of(described)
            if row is None:
                raise SchemaFault(f"{field.python_name}: a mutation answers with records, not {described}")
            if rows.setdefault(row.__name__, row) is not row:
                raise SchemaFault(f"two rows that mutations answer with are called {row.__name__}")
            foreign = _foreign(msgspec.inspect.type_info(row), set())
            if foreign is not None:
                raise SchemaFault(f"{row.__name__} cannot be read back from a stored answer: {foreign}")
    return rows


def _foreign(node: Any, seen: set[type]) -> type | None:
    """A type inside that msgspec can write but not read."""
    if isinstance(node, msgspec.inspect.CustomType):
        return node.cls
    cls = getattr(node, "cls", None)
    if cls in seen:
        return None
    seen |= {cls} if cls is not None else set()
    for name in getattr(node, "__struct_fields__", ()):
        value = getattr(node, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, msgspec.inspect.Type | msgspec.inspect.Field):
                found = _foreign(inner, seen)
                if found is not None:
                    return found
    return None


def _members(answer: Any) -> Iterator[Any]:
    while isinstance(answer, StrawberryOptional | StrawberryList):
        answer = answer.of_type
    yield from answer.types if isinstance(answer, StrawberryUnion) else (answer,)


def _definition(described: Any) -> StrawberryObjectDefinition:
    found = described.__strawberry_definition__
    assert isinstance(found, StrawberryObjectDefinition)
    return found


class _Check:
    """Walks the finished schema once; the first broken rule stops the start."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.rows: dict[type, str] = {}

    def run(self) -> None:
        for concrete in list(self.schema.schema_converter.type_map.values()):
            definition = concrete.definition
            if isinstance(definition, StrawberryEnumDefinition) and isinstance(
                concrete.implementation, GraphQLEnumType
            ):
                concrete.implementation.description = definition.description or description_of(
                    definition.wrapped_cls
                )
            if not isinstance(definition, StrawberryObjectDefinition) or definition.is_input:
                continue
            if definition.name in ("Query", "Mutation"):
                self._root(definition)
            elif definition.name != "_Service":
                self._record(definition)
        for entity in self.schema.entities.values():
            self._permit("entity", entity.type_name, entity.rule, entity.load)

    def _root(self, definition: StrawberryObjectDefinition) -> None:
        kind = definition.name.lower()
        for field in definition.fields:
            name = self._graphql_name(field)
            if name in _FEDERATION_FIELDS:
                continue
            declared = declaration_of(field)
            if declared is None or declared.rule is None or declared.kind != kind:
                wanted = "root" if kind == "query" else "root_mutation"
                raise SchemaFault(
                    f"{definition.name}.{name}: declare it with its rule: {wanted}(rule, resolver=…)"
                )
            self._permit(kind, name, declared.rule, declared.answered_by)

    def _record(self, definition: StrawberryObjectDefinition) -> None:
        row = row_of(definition.origin)
        if row is not None:
            if self.rows.setdefault(row, definition.name) != definition.name:
                raise SchemaFault(f"{row.__name__} is the row of both {self.rows[row]} and {definition.name}")
            self._entity(definition)
        for field in definition.fields:
            where = f"{definition.name}.{self._graphql_name(field)}"
            declared = declaration_of(field)
            if declared is None and field.base_resolver is not None:
                raise SchemaFault(
                    f"{where}: a resolver of its own has no rule; use batched, guarded or attribute"
                )
            if row is not None:
                for attribute in _attributes(field, declared):
                    if not _has(row, attribute):
                        raise SchemaFault(f"{where}: {row.__name__} has no attribute {attribute}")
                if issubclass(row, Ref) and field.python_name != "id" and not _nullable(field):
                    raise SchemaFault(f"{where}: what is added to a foreign entity is nullable")
            if declared is not None and declared.kind == "nested":
                self._nested(where, field, declared)

    def _nested(self, where: str, field: StrawberryField, declared: Declaration) -> None:
        if declared.rule is None:
            raise SchemaFault(f"{where}: a field with I/O has a rule")
        if isinstance(declared.rule, _OPEN):
            return
        if not _nullable(field):
            raise SchemaFault(f"{where}: a guarded field is nullable")
        self._permit("nested", where, declared.rule, declared.answered_by)

    def _entity(self, definition: StrawberryObjectDefinition) -> None:
        keys = [each for each in definition.directives or () if isinstance(each, Key)]
        fetched = definition.name in self.schema.entities
        if any(key.resolvable is not False for key in keys) and not fetched:
            raise SchemaFault(
                f"{definition.name}: an entity needs entity(…), or resolvable=False where it is a stub"
            )
        if fetched and not keys:
            raise SchemaFault(f"{definition.name}: an entity has keys")

    def _permit(self, kind: str, field: str, rule: Rule, function: Callable[..., Any] | None) -> None:
        self.schema.permissions.append(Permission(kind, field, rule.text, _name(function), rule, function))

    def _graphql_name(self, field: StrawberryField) -> str:
        return self.schema.config.name_converter.get_graphql_name(field)


def _attributes(field: StrawberryField, declared: Declaration | None) -> tuple[str, ...]:
    if declared is not None and declared.attributes:
        return declared.attributes
    return (field.python_name,)


def _has(row: type, attribute: str) -> bool:
    return hasattr(row, attribute) or attribute in getattr(row, "__dataclass_fields__", ())


def _nullable(field: StrawberryField) -> bool:
    return isinstance(field.type, StrawberryOptional)


def _name(function: Any) -> str:
    return getattr(function, "__name__", "")

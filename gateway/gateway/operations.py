"""Documents made ready to run: checked, planned, compiled, and kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
    parse,
    specified_rules,
    validate,
)
from graphql.language import VariableNode, Visitor, visit
from graphql.validation import NoSchemaIntrospectionCustomRule

from gateway.config import Limits
from gateway.errors import Code, ErrorBody, RequestRefused
from gateway.hiding import without_values
from gateway.limits import check_document, check_text
from gateway.plan import PlanUnsupported, QueryPlan, read_plan
from gateway.planner import PlanFailed, Planner
from gateway.projection import FragmentMap
from gateway.supergraph import PublicSchema, Supergraph, public_fields
from gateway.variables import ReadVariables, reader_of

if TYPE_CHECKING:
    from gateway.generator import CompiledPlan

OPERATION_NAME_LENGTH_MAX = 200


@dataclass(slots=True)
class Operation:
    """One operation of one document. Without a plan the planner found none."""

    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: FragmentMap
    schema: PublicSchema
    plan: QueryPlan | None
    is_introspection: bool
    is_public: bool
    condition_variables: tuple[str, ...]
    read_variables: ReadVariables | None
    # One for each set of values of the condition variables; nothing where the compiler refused.
    compiled: dict[tuple[bool, ...], CompiledPlan | None] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`query` or `mutation`."""
        return self.definition.operation.value

    @property
    def name(self) -> str | None:
        """The operation's name in its document."""
        return self.definition.name.value if self.definition.name else None

    def coerced(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The request's variables with their defaults; raises `RequestRefused` in graphql-core's words."""
        values = get_variable_values(
            self.schema.schema, self.definition.variable_definitions or (), dict(given), max_errors=20
        )
        if isinstance(values, list):
            details = [_detail(error, "", given) for error in values]
            raise RequestRefused(Code.BAD_USER_INPUT, "The variables do not fit.", details=details)
        return dict(values.coerced)


class Operations:
    """The operations of one supergraph: a bounded cache, the least recently used one leaves first."""

    def __init__(
        self,
        supergraph: Supergraph,
        schema: PublicSchema,
        planner: Planner,
        limits: Limits,
        *,
        is_local: bool,
    ) -> None:
        self.supergraph = supergraph
        self.schema = schema
        self._planner = planner
        self._limits = limits
        self._is_local = is_local
        self._public_fields = public_fields(supergraph.sdl)
        self._kept: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()
        self._lock = asyncio.Lock()

    def kept(self, text: str, name: str | None) -> Operation | None:
        """The operation if it is ready."""
        identity = (text, name)
        operation = self._kept.get(identity)
        if operation is not None:
            self._kept.move_to_end(identity)
        return operation

    async def prepared(self, text: str, name: str | None, *, is_anonymous: bool = False) -> Operation:
        """The operation, made ready if it is not; raises `RequestRefused` or `PlannerDown`.

        Nothing is planned for somebody without a token but what is open to everybody.
        """
        operation = self.kept(text, name)
        if operation is not None:
            return operation
        document = self._checked(text)
        definition = _chosen(document, name)
        if is_anonymous and not (_is_introspection(definition) or self._is_public(definition)):
            raise RequestRefused(Code.UNAUTHENTICATED, "A token is required.")
        async with self._lock:
            operation = self.kept(text, name) or await self._planned(text, name, document, definition)
            self._kept[text, name] = operation
            if len(self._kept) > self._limits.cached_documents_max:
                self._kept.popitem(last=False)
        return operation

    def _checked(self, text: str) -> DocumentNode:
        check_text(text, self._limits)
        try:
            document = parse(text, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as failure:
            detail = _detail(failure, text)
            raise RequestRefused(Code.GRAPHQL_PARSE_FAILED, detail["message"], details=[detail]) from None
        check_document(document, self._limits)
        rules = specified_rules if self._is_local else (*specified_rules, NoSchemaIntrospectionCustomRule)
        found = validate(
            self.schema.schema,
            document,
            rules,
            max_errors=self._limits.validation_errors_max,
            hide_suggestions=not self._is_local,
        )
        if found:
            details = [_detail(error, text) for error in found]
            raise RequestRefused(Code.GRAPHQL_VALIDATION_FAILED, details[0]["message"], details=details)
        return document

    async def _planned(
        self, text: str, name: str | None, document: DocumentNode, definition: OperationDefinitionNode
    ) -> Operation:
        if definition.operation is OperationType.SUBSCRIPTION:
            raise RequestRefused(Code.GRAPHQL_VALIDATION_FAILED, "Subscriptions are not offered.")
        is_introspection = _is_introspection(definition)
        plan: QueryPlan | None = QueryPlan()
        if not is_introspection:
            try:
                plan = read_plan(await self._planner.plan(self.supergraph, text, name))
            except (PlanFailed, PlanUnsupported):
                plan = None
        return Operation(
            document=document,
            definition=definition,
            fragments={
                fragment.name.value: fragment
                for fragment in document.definitions
                if isinstance(fragment, FragmentDefinitionNode)
            },
            schema=self.schema,
            plan=plan,
            is_introspection=is_introspection,
            is_public=self._is_public(definition),
            condition_variables=_condition_variables(document),
            read_variables=None if is_introspection else reader_of(definition, self.schema),
        )

    def _is_public(self, definition: OperationDefinitionNode) -> bool:
        """Whether every root field is open to everybody; a fragment at the root is not looked into."""
        root = definition.operation.value.capitalize()
        return all(
            isinstance(node, FieldNode) and f"{root}.{node.name.value}" in self._public_fields
            for node in definition.selection_set.selections
        )


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is None:
        if len(operations) == 1:
            return operations[0]
        raise RequestRefused(Code.BAD_USER_INPUT, "Name the operation: the document has not exactly one.")
    for operation in operations:
        if operation.name is not None and operation.name.value == name:
            return operation
    raise RequestRefused(Code.BAD_USER_INPUT, "The document has no operation of that name.")


def _is_introspection(definition: OperationDefinitionNode) -> bool:
    names = [node.name.value for node in definition.selection_set.selections if isinstance(node, FieldNode)]
    asked = [name for name in names if name in ("__schema", "__type")]
    if not asked:
        return False
    if len(names) != len(definition.selection_set.selections) or any(
        not name.startswith("__") for name in names
    ):
        raise RequestRefused(
            Code.GRAPHQL_VALIDATION_FAILED, "Ask for the schema in an operation that asks for nothing else."
        )
    return True


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_directive(self, node: Any, *_: Any) -> None:
        if node.name.value in ("skip", "include"):
            value = node.arguments[0].value
            if isinstance(value, VariableNode):
                self.names[value.name.value] = None


def _condition_variables(document: DocumentNode) -> tuple[str, ...]:
    conditions = _Conditions()
    visit(document, conditions)
    return tuple(conditions.names)


def _detail(error: GraphQLError, text: str, variables: Mapping[str, Any] | None = None) -> ErrorBody:
    values = None if variables is None else dict(variables)
    detail: ErrorBody = {"message": without_values(error.message, text, values)}
    if error.locations:
        detail["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return detail

"""Every query and mutation that the committed schema offers runs as a compiled plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
)

from gateway.compiler import compile_plan
from gateway.compose import SCHEMA_FOLDER, service_schemas
from gateway.config import Limits
from gateway.operations import Operations
from gateway.planner import NodePlanner
from gateway.positions import NotCompiled
from gateway.supergraph import PublicSchema, Supergraph

DEPTH = 4
LIMITS = Limits(
    depth_max=20,
    fields_max=20_000,
    tokens_max=40_000,
    document_characters_max=1_000_000,
    aliases_max=10_000,
)
# "root field: reason"; a field is put here only with a reason that cannot be helped.
EXCEPTIONS: set[str] = set()


async def test_every_root_field_compiles(planner: NodePlanner) -> None:
    file = SCHEMA_FOLDER / "supergraph.graphql"
    if not service_schemas():
        pytest.skip("not run: no service has a schema.graphql yet")
    supergraph = Supergraph.of(file.read_text())
    schema = PublicSchema.of(await planner.load(supergraph))
    operations = Operations(supergraph, schema, planner, LIMITS, is_local=True)
    left = set()
    for text, name in _documents(schema):
        operation = await operations.prepared(text, None)
        assert operation.plan is not None, f"no plan for {name}"
        try:
            compile_plan(operation, {})
        except NotCompiled as refusal:
            left.add(f"{name}: {refusal.reason}")
    assert left == EXCEPTIONS


def _documents(schema: PublicSchema) -> Iterator[tuple[str, str]]:
    """An operation for each root field, with everything below it that needs no arguments."""
    roots = {"query": schema.schema.query_type, "mutation": schema.schema.mutation_type}
    for kind, root in roots.items():
        for name, field in root.fields.items() if root is not None else ():
            variables = ", ".join(f"${key}: {argument.type}" for key, argument in field.args.items())
            arguments = ", ".join(f"{key}: ${key}" for key in field.args)
            head = f"{kind}({variables})" if variables else kind
            call = f"{name}({arguments})" if arguments else name
            yield f"{head} {{ {call} {_selection(field, DEPTH, schema)} }}", name


def _selection(field: GraphQLField, depth: int, schema: PublicSchema) -> str:
    kind = get_named_type(field.type)
    possible: Sequence[GraphQLObjectType | GraphQLInterfaceType]
    if isinstance(kind, GraphQLUnionType):
        possible = schema.schema.get_possible_types(kind)
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        possible = [kind]
    else:
        return ""
    is_union = isinstance(kind, GraphQLUnionType)
    parts = []
    for number, member in enumerate(possible):
        inner = " ".join(
            # Members of a union may have fields of one name and different types.
            f"{f'u{number}_{name}: ' if is_union else ''}{name} {_selection(below, depth - 1, schema)}"
            for name, below in member.fields.items()
            if not below.args and (depth > 1 or not is_composite_type(get_named_type(below.type)))
        )
        inner = inner or "__typename"
        parts.append(f"... on {member.name} {{ {inner} }}" if is_union else inner)
    return "{ " + " ".join(parts) + " }"

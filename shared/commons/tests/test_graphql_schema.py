"""What stops the start: a schema that breaks a rule of the library. Deny by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
import strawberry
from strawberry import ID

from commons.arguments import Node
from commons.context import Ctx
from commons.graphql import (
    AllOf,
    AnyOf,
    Anyone,
    Own,
    OwnArgument,
    Permission,
    Ref,
    Role,
    SchemaFault,
    WithParent,
    attribute,
    batched,
    build_schema,
    entity,
    guarded,
    node_id,
    permission_table,
    print_schema,
    record,
    root,
    root_mutation,
)
from commons.graphql import Money as MoneyType
from commons.graphql import Refusal as RefusalType
from commons.money import Money
from commons.testing.api import REWRITE, assert_committed_permissions, assert_committed_schema
from commons.tests.lending_library import schema as library


class RowA(msgspec.Struct, frozen=True, gc=False):
    key: str
    name: str


class RowB(msgspec.Struct, frozen=True, gc=False):
    key: str
    thing: object


class FarRef(Ref, frozen=True):
    """Somewhere else."""


@dataclass(frozen=True)
class Itself:
    """A list of itself."""

    parts: list[Itself]


async def get_a(ctx: Ctx) -> RowA:
    """One."""
    return RowA("1", "one")


async def names(ctx: Ctx, keys: list[str]) -> list[str]:
    return keys


def built(answer: type, rule: Any = None) -> None:
    class Query:
        a = root(rule or Anyone(), resolver=get_a)

    Query.__annotations__ = {"a": answer}
    build_schema(strawberry.type(Query))


def a_record(
    fields: dict[str, Any], values: dict[str, Any] | None = None, row: type = RowA, **more: Any
) -> type:
    described = type("A", (), {"__annotations__": fields, "__module__": __name__, **(values or {})})
    return record(row, **more)(described)


def test_a_root_field_without_a_rule_stops_the_start() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def a(self) -> str:
            return "open to everybody"

    with pytest.raises(SchemaFault, match=r"Query\.a: declare it with its rule"):
        build_schema(Query)


def test_a_mutation_declared_as_a_read_stops_the_start() -> None:
    described = a_record({"name": str})

    class Query:
        a = root(Anyone(), resolver=get_a)

    class Mutation:
        a = root(Anyone(), resolver=get_a)

    Query.__annotations__ = {"a": described}
    Mutation.__annotations__ = {"a": described}
    with pytest.raises(SchemaFault, match=r"Mutation\.a: declare it with its rule: root_mutation"):
        build_schema(strawberry.type(Query), strawberry.type(Mutation))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: a_record({"surname": str}), "RowA has no attribute surname"),
        (lambda: a_record({"x": str}, {"x": attribute("y")}), "RowA has no attribute y"),
        (lambda: a_record({"x": ID}, {"x": node_id("A", "y")}), "RowA has no attribute y"),
        (lambda: a_record({"name": str}, {"name": guarded(Role("x"))}), "a guarded field is nullable"),
        (
            lambda: a_record({"n": str}, {"n": batched(names, key="key", rule=Role("x"))}),
            "a guarded field is nullable",
        ),
        (
            lambda: a_record({"n": str}, {"n": batched(names, key="y", rule=Anyone())}),
            "RowA has no attribute y",
        ),
        (
            lambda: a_record({"n": str}, {"n": strawberry.field(resolver=lambda: "x")}),
            "a resolver of its own has no rule",
        ),
        (lambda: a_record({"id": ID}, {"id": node_id("A")}, keys=["id"]), "an entity needs entity"),
        (lambda: a_record({"key": str}, row=FarRef), "what is added to a foreign entity is nullable"),
    ],
)
def test_a_record_that_breaks_a_rule_stops_the_start(make: Callable[[], type], why: str) -> None:
    with pytest.raises(SchemaFault, match=why):
        built(make())


def test_parts_that_go_with_their_parent_need_not_be_nullable() -> None:
    built(a_record({"n": str}, {"n": batched(names, key="key", rule=WithParent())}))


def test_one_row_class_describes_one_type() -> None:
    one = a_record({"name": str})
    two = a_record({"key": str}, name="Two")

    class Query:
        a = root(Anyone(), resolver=get_a)
        b = root(Anyone(), resolver=get_a)

    Query.__annotations__ = {"a": one, "b": two}
    with pytest.raises(SchemaFault, match="RowA is the row of both"):
        build_schema(strawberry.type(Query))


def test_a_mutations_rule_cannot_look_at_rows() -> None:
    for rule in (Own("key"), AnyOf(Role("x"), Own("key")), AllOf(Role("x"), Own("key"))):
        with pytest.raises(SchemaFault, match="no row yet"):
            root_mutation(rule, resolver=get_a)
    with pytest.raises(SchemaFault):
        batched(names, key="key", rule=OwnArgument("x"))
    with pytest.raises(SchemaFault):
        guarded(OwnArgument("x"))


def test_a_mutations_row_must_be_readable_from_its_stored_answer() -> None:
    class OddRow(msgspec.Struct, frozen=True):
        key: str
        odd: complex

    described = a_record({"key": str}, row=OddRow)

    class Query:
        a = root(Anyone(), resolver=get_a)

    class Mutation:
        a = root_mutation(Anyone(), resolver=get_a)

    Query.__annotations__ = {"a": a_record({"name": str}, name="Other")}
    Mutation.__annotations__ = {"a": described | RefusalType}
    with pytest.raises(SchemaFault, match="cannot be read back"):
        build_schema(strawberry.type(Query), strawberry.type(Mutation))


async def by_bare_uuid(ctx: Ctx, *, key: UUID) -> RowA:
    return RowA("1", "one")


async def by_position(ctx: Ctx, key: str) -> RowA:
    return RowA("1", "one")


async def by_mapping(ctx: Ctx, *, key: dict[str, str]) -> RowA:
    return RowA("1", "one")


async def by_union(ctx: Ctx, *, key: int | str) -> RowA:
    return RowA("1", "one")


async def by_float(ctx: Ctx, *, key: float) -> RowA:
    return RowA("1", "one")


async def by_description(ctx: Ctx, *, key: MoneyType | None = None) -> RowA:
    return RowA("1", "one")


async def by_itself(ctx: Ctx, *, key: Itself) -> RowA:
    return RowA("1", "one")


async def by_default(ctx: Ctx, *, key: Money = Money(1, "EUR")) -> RowA:
    return RowA("1", "one")


@pytest.mark.parametrize(
    "capability", [by_bare_uuid, by_position, by_mapping, by_union, by_float, by_default]
)
def test_an_argument_that_no_schema_can_say_stops_the_start(capability: Any) -> None:
    with pytest.raises(SchemaFault, match=capability.__name__):
        root(Anyone(), resolver=capability)


def test_the_description_of_money_is_not_the_money_of_an_argument() -> None:
    with pytest.raises(SchemaFault, match="Money describes an answer"):
        root(Anyone(), resolver=by_description)


def test_an_input_cannot_contain_itself() -> None:
    with pytest.raises(SchemaFault, match="contains itself"):
        root(Anyone(), resolver=by_itself)


def test_arguments_are_read_off_the_signature() -> None:
    class Color(Enum):
        """A color."""

        RED = "red"

    @dataclass(frozen=True)
    class Line:
        """A line."""

        text: str
        color: Color = Color.RED
        extra: list[Color] | None = None

    globals().update(Color=Color, Line=Line)

    async def find(
        ctx: Ctx,
        *,
        ids: list[Annotated[UUID, Node("A")]],
        line: Line,
        maybe: Line | None = None,
        color: Color = Color.RED,
        on: bool = False,
        first: int = 5,
    ) -> RowA:
        """Find. With more prose.

        And details.
        """
        return RowA("1", "one")

    class Query:
        a = root(Anyone(), resolver=find)

    Query.__annotations__ = {"a": a_record({"name": str}) | None}
    text = print_schema(build_schema(strawberry.type(Query)))
    assert (
        "a(ids: [ID!]!, line: LineInput!, maybe: LineInput, color: Color! = RED, on: Boolean! = false, "
        "first: Int! = 5): A"
    ) in text
    assert '"""Find. With more prose."""' in text


def test_the_permission_table_names_everything_with_a_rule() -> None:
    table = permission_table(library)
    assert Permission("mutation", "addBook", "librarian", "add_book") in table
    assert Permission("entity", "Member", "librarian or own (key)", "its key") in table
    assert Permission("nested", "Book.loans", "librarian", "loans_by_book") in table
    assert [line.kind for line in table] == sorted(
        (line.kind for line in table), key=["query", "mutation", "entity", "nested"].index
    )


def test_committed_files_are_compared_and_rewritten_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "schema.graphql"
    with pytest.raises(AssertionError, match="make schema"):
        assert_committed_schema(library, file)
    monkeypatch.setenv(REWRITE, "1")
    assert_committed_schema(library, file)
    assert_committed_permissions(library, "library", tmp_path / "permissions.md")
    monkeypatch.delenv(REWRITE)
    assert_committed_schema(library, file)
    assert_committed_permissions(library, "library", tmp_path / "permissions.md")


def test_an_entity_is_a_record_with_a_loader() -> None:
    with pytest.raises(SchemaFault):
        entity(RowA, rule=Anyone())
    with pytest.raises(SchemaFault, match="only a Ref needs no loader"):
        entity(a_record({"id": ID}, {"id": node_id("A")}, keys=["id"]), rule=Anyone())

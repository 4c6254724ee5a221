"""Variables are read from their bytes as graphql-core coerces them, or left to it."""

from __future__ import annotations

import msgspec
import orjson
import pytest
from graphql import OperationDefinitionNode, build_schema, get_variable_values, parse

from gateway.supergraph import PublicSchema
from gateway.variables import ReadVariables, reader_of

SCHEMA = PublicSchema(
    build_schema(
        """
        scalar JSON
        enum Kind { A B }
        input Line { text: String! count: Int = 1 }
        input Order { id: ID! lines: [Line!]! kind: Kind note: String }
        input Tree { below: [Tree!] }
        type Query {
            a(i: Int, f: Float, s: String, b: Boolean, d: ID, k: Kind, o: Order, l: [Int!], j: JSON, t: Tree): Int
        }
        """
    )
)


def reading(variables: str) -> tuple[ReadVariables | None, OperationDefinitionNode]:
    [definition] = parse(f"query({variables}){{a}}").definitions
    assert isinstance(definition, OperationDefinitionNode)
    return reader_of(definition, SCHEMA), definition


FITTING: list[tuple[str, dict[str, object]]] = [
    ("$i:Int!", {"i": 5}),
    ("$i:Int", {}),
    ("$i:Int", {"i": None}),
    ("$i:Int=7", {}),
    ("$i:Int!=7", {"i": 8}),
    ("$i:Int=7", {"i": None}),
    ("$k:Kind=A $s:String", {"s": "é"}),
    ("$f:Float! $b:Boolean! $d:ID!", {"f": 1, "b": False, "d": "x"}),
    ("$l:[Int!]", {"l": [1, 2]}),
    ("$i:Int", {"i": 1, "unused": {"a": 1}}),
    ("$o:Order!", {"o": {"id": "1", "lines": [{"text": "x", "count": 2}], "kind": "B", "note": None}}),
]
NOT_FITTING: list[tuple[str, object]] = [
    ("$i:Int!", {}),
    ("$i:Int!", {"i": None}),
    ("$i:Int!=7", {"i": None}),
    ("$i:Int", {"i": 2**31}),
    ("$i:Int", {"i": 1.0}),
    ("$i:Int", {"i": True}),
    ("$s:String", {"s": 1}),
    ("$d:ID", {"d": 1}),
    ("$k:Kind", {"k": "C"}),
    ("$l:[Int!]", {"l": 1}),
    ("$l:[Int!]", {"l": [None]}),
    ("$o:Order", {"o": {"id": "1"}}),
    ("$o:Order", {"o": {"id": "1", "lines": [], "unheard": 1}}),
    ("$i:Int", []),
    ("$i:Int", None),
]


@pytest.mark.parametrize(("variables", "given"), FITTING)
def test_what_fits_is_what_graphql_core_makes_of_it(variables: str, given: dict[str, object]) -> None:
    read, definition = reading(variables)
    assert read is not None
    coerced = get_variable_values(SCHEMA.schema, definition.variable_definitions or (), given)
    assert not isinstance(coerced, list)
    assert msgspec.to_builtins(read(orjson.dumps(given))) == coerced.coerced


@pytest.mark.parametrize(("variables", "given"), NOT_FITTING)
def test_what_does_not_fit_as_it_is_is_left_to_graphql_core(variables: str, given: object) -> None:
    read, _ = reading(variables)
    assert read is not None
    assert read(orjson.dumps(given)) is None


@pytest.mark.parametrize("variables", ["$j:JSON", "$t:Tree", "$l:[Int!]=[1]", '$o:Order={id:"1" lines:[]}'])
def test_some_types_are_always_left_to_graphql_core(variables: str) -> None:
    assert reading(variables)[0] is None


def test_a_whole_number_as_the_default_of_another_type_is_left_to_graphql_core() -> None:
    for variable in ("$d:ID=5", "$d:ID!=" + "1" * 5_000, "$f:Float=2"):
        assert reading(variable)[0] is None


def test_an_input_that_leaves_a_default_out_leaves_it_to_the_service() -> None:
    read, _ = reading("$o:Order!")
    assert read is not None
    values = read(b'{"o": {"id": "1", "lines": [{"text": "x"}]}}')
    assert msgspec.json.encode(values) == b'{"o":{"id":"1","lines":[{"text":"x"}]}}'

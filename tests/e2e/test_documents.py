"""The documents of the story ask what the cell really answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from tests.e2e.client import document_names, read_document

API = Path(__file__).parents[2] / "gateway" / "schema" / "api.graphql"


@cache
def schema() -> GraphQLSchema:
    """What the gateway offers."""
    return build_schema(API.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", document_names())
def test_a_document_is_valid_against_the_committed_schema(name: str) -> None:
    errors = validate(schema(), parse(read_document(name).text))
    assert not errors, [error.message for error in errors]

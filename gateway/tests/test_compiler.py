"""The function that a plan is compiled to."""

from __future__ import annotations

import pytest

from gateway.explain import explain
from gateway.testing.stack import Stack


async def test_the_source_can_be_read(supergraph_sdl: str) -> None:
    text = await explain("{documents{...on Invoice{number} ...on Member{name}}}", supergraph_sdl)
    plan, source = text.split("\n\n", 1)
    assert '"kind": "QueryPlan"' in plan
    assert "def run(variables, origin):" in source
    assert "def convert" in source
    assert "Rep" in source
    compile(source, "example", "exec")


@pytest.mark.parametrize("query", ["{members{invoices{member{name}}}}", "{documents{...on Member{name}}}"])
async def test_keys_and_type_names_of_the_planner_do_not_leak(stack: Stack, query: str) -> None:
    answer = await stack.client.post("/graphql", json={"query": query})
    assert b"__typename" not in answer.content
    assert b'"id"' not in answer.content


async def test_each_set_of_conditions_has_a_function_of_its_own(stack: Stack) -> None:
    query = "query($w:Boolean!){members{name email@include(if:$w)}}"
    for value in (True, False, True):
        members = (await stack.ask(query, w=value))["data"]["members"]
        assert all(("email" in member) is value for member in members)
    operations = stack.gateway.endpoint.operations
    assert operations is not None
    operation = operations.kept(query, None)
    assert operation is not None
    assert set(operation.compiled) == {(True,), (False,)}

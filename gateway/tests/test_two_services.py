"""A gateway over two real subgraphs: joins, unions, errors, retries; the same with both executors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest

from gateway.config import Limits
from gateway.testing.issuer import Issuer
from gateway.testing.stack import MakeStack, Stack

OPERATIONS: dict[str, tuple[str, dict[str, object]]] = {
    "a list with what another service adds": (
        "{members{id name invoices{number total{amount currency} lines member{name category}} }}",
        {},
    ),
    "an entity by a variable": (
        "query($i:ID!){member(id:$i){name email invoices(first:1){number}}}",
        {"i": "m1"},
    ),
    "nothing found": ("query($i:ID!){member(id:$i){name invoices{number}}}", {"i": "nobody"}),
    "a failing field": ("{members{name credit}}", {}),
    "a service that fails": ("{broken members{name}}", {}),
    "a union": ("{documents{__typename ...on Invoice{number member{name}} ...on Member{name credit}}}", {}),
    "a union without its type names": ("{documents{...on Invoice{number} ...on Member{id}}}", {}),
    "an aliased type name": ("{kind:__typename members{kind:__typename name}}", {}),
    "a condition": (
        "query($w:Boolean!){members{name email@include(if:$w) invoices@skip(if:$w){number}}}",
        {"w": True},
    ),
    "an input object with a default": (
        "mutation($i:ApplicationInput!){applyForMembership(input:$i)"
        "{...on Member{name category invoices{number}} ...on Refusal{code message path facts}}}",
        {"i": {"name": "Dora"}},
    ),
    "a refusal": (
        "mutation($i:ApplicationInput!){applyForMembership(input:$i)"
        "{__typename ...on Member{name} ...on Refusal{code message path facts}}}",
        {"i": {"name": ""}},
    ),
    "a mutation that answers across services": (
        "mutation($i:ID!){issueInvoice(invoiceId:$i)"
        "{...on Invoice{number member{name}} ...on Refusal{code facts}}}",
        {"i": "i1"},
    ),
    "a refusal with facts": (
        "mutation($i:ID!){issueInvoice(invoiceId:$i){...on Invoice{number} ...on Refusal{code facts}}}",
        {"i": "none"},
    ),
    "mutations of two services in their order": (
        'mutation{issueInvoice(invoiceId:"i1"){__typename} applyForMembership(input:{name:"E"}){__typename}}',
        {},
    ),
    "an enum variable": ("query($c:Category){members(category:$c){name}}", {"c": "SUPPORTER"}),
}


@pytest.fixture(scope="module")
async def both(make_stack: MakeStack) -> AsyncIterator[tuple[Stack, Stack]]:
    async with make_stack() as compiled, make_stack(is_compiled=False) as general:
        yield compiled, general


@pytest.mark.parametrize("name", OPERATIONS)
async def test_both_executors_give_the_same_answer(both: tuple[Stack, Stack], name: str) -> None:
    compiled, general = both
    query, variables = OPERATIONS[name]
    before = compiled.gateway.metrics.value("gateway_executions_total", executor="compiled")
    one = await compiled.ask(query, **variables)
    other = await general.ask(query, **variables)
    for answer in (one, other):
        for error in answer.get("errors", []):
            del error["extensions"]["requestId"]
    assert one == other
    assert "data" in one
    assert compiled.gateway.metrics.value("gateway_executions_total", executor="compiled") == before + 1


async def test_the_answer_has_the_order_of_the_query_and_nothing_else(stack: Stack) -> None:
    body = {"query": "{members(first:1){invoices{number} name}}"}
    answer = await stack.client.post("/graphql", json=body)
    assert answer.content == (
        b'{"data":{"members":[{"invoices":[{"number":"2026-0001"},{"number":"2026-0005"}],"name":"Ada"}]}}'
    )


async def test_equal_entities_are_asked_for_once(stack: Stack) -> None:
    stack.members.bodies.clear()
    await stack.ask("{invoices{number member{name}}}")
    [body] = stack.members.bodies
    ids = [entity["id"] for entity in orjson.loads(body)["variables"]["representations"]]
    assert ids == ["m1", "m2", "m3"]


async def test_subgraphs_get_the_original_token_and_the_trace(stack: Stack, issuer: Issuer) -> None:
    token = issuer.authorization()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    stack.members.headers.clear()
    await stack.client.post(
        "/graphql",
        json={"query": "{members{name}}"},
        headers={**token, "traceparent": trace, "x-request-id": "request-0001"},
    )
    [headers] = stack.members.headers
    assert headers["authorization"] == token["authorization"]
    assert headers["x-request-id"] == "request-0001"
    assert headers["x-country"] == "BE"
    assert headers["traceparent"].split("-")[1] == trace.split("-")[1]


async def test_a_dead_service_gives_nulls_and_one_error(make_stack: MakeStack) -> None:
    async with make_stack(services={"invoicing": "http://127.0.0.1:9/graphql"}) as stack:
        answer = await stack.ask("{members{name invoices{number}}}")
        assert [member["invoices"] for member in answer["data"]["members"]] == [None, None, None]
        [error] = answer["errors"]
        assert error["path"] == ["members", 0]
        assert error["extensions"]["code"] == "SUBGRAPH_UNAVAILABLE"
        assert error["extensions"]["service"] == "invoicing"
        assert stack.gateway.metrics.value("gateway_executions_total", executor="compiled") == 1


async def test_a_dead_service_behind_a_field_that_must_not_be_null_is_told_once(
    make_stack: MakeStack,
) -> None:
    async with make_stack(services={"members": "http://127.0.0.1:9/graphql"}) as stack:
        answer = await stack.ask("{invoices{number member{name}}}")
        assert {invoice["number"]: invoice["member"] for invoice in answer["data"]["invoices"]}[
            "2026-0001"
        ] is None
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["SUBGRAPH_UNAVAILABLE"]
        assert stack.gateway.metrics.value("gateway_fallbacks_total", reason="null_in_non_null") == 1


async def test_a_slow_service_is_given_up(make_stack: MakeStack) -> None:
    async with make_stack(limits=Limits(subgraph_seconds_max=0.2)) as stack:
        answer = await stack.ask("{slow(seconds:5)}")
        assert answer["data"] == {"slow": None}
        assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"


async def test_a_mutation_that_misses_its_compiled_plan_is_not_sent_again(make_stack: MakeStack) -> None:
    async with make_stack(services={"members": "http://127.0.0.1:9/graphql"}) as stack:
        answer = await stack.ask(
            'mutation{issueInvoice(invoiceId:"i1"){...on Invoice{number member{name}}}}',
        )
        assert answer["data"]["issueInvoice"] == {"number": "2026-0001", "member": None}
        assert stack.gateway.metrics.value("gateway_fallbacks_total", reason="null_in_non_null") == 1
        assert len(stack.invoicing.bodies) == 1


async def test_the_web_routes_answer(stack: Stack) -> None:
    for path in ("/startz", "/livez", "/readyz", "/metrics"):
        assert (await stack.client.get(path)).status_code == 200
    told = (await stack.client.get("/metrics")).text
    assert "gateway_requests_total" in told
    assert "gateway_planner_running 1.0" in told
    assert "gateway_planner_starts 1.0" in told
    assert "GraphiQL" in (await stack.client.get("/graphql")).text
    assert (await stack.client.get("/graphiql/graphiql.js")).status_code == 200
    assert (await stack.client.get("/graphiql/package.json")).status_code == 404


async def test_pages_of_orders_are_passed_on_to_invoicing(make_stack: MakeStack) -> None:
    async with make_stack(is_edge=True) as stack:
        answer = await stack.client.get("/orders/some%2Flink?x=1", headers={"accept": "text/html"})
        assert answer.status_code in (200, 404)
        assert stack.invoicing.headers[-1]["accept"] == "text/html"
        assert "authorization" not in stack.invoicing.headers[-1]
    async with make_stack() as stack:
        assert (await stack.client.get("/orders/link")).status_code == 404


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{door}", None),
        ("query A {front: door}", None),
        ("{members{name}}", "UNAUTHENTICATED"),
        ("{door members{name}}", "UNAUTHENTICATED"),
        ("{...on Query{members{name}}}", "UNAUTHENTICATED"),
        ('mutation {applyForMembership(input: {name: "x"}) {__typename}}', "UNAUTHENTICATED"),
    ],
)
async def test_without_a_token_only_what_a_service_opened_to_everybody_is_answered(
    make_stack: MakeStack, query: str, code: str | None
) -> None:
    async with make_stack() as stack:
        stack.client.headers.pop("authorization")
        answer = (await stack.client.post("/graphql", json={"query": query})).json()
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        assert codes == ([] if code is None else [code])
        assert (stack.members.bodies == []) is (code is not None)

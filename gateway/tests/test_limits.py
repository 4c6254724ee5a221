"""What a request may cost, and how it is refused."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from graphql import parse

from gateway.config import Limits
from gateway.errors import Code, RequestRefused
from gateway.limits import check_document, check_text, check_variables
from gateway.testing.stack import MakeStack, Stack

LIMITS = Limits()


def refusal(text: str, limits: Limits = LIMITS) -> Code:
    try:
        check_text(text, limits)
        check_document(parse(text), limits)
    except RequestRefused as refused:
        return refused.code
    pytest.fail("the document was accepted")


def test_a_thousand_levels_are_refused_before_anything_recurses() -> None:
    for opening in ("{a", "{a(b:[", "{a(b:{c:"):
        started = time.process_time()
        assert refusal(opening * 1_000) is Code.QUERY_TOO_DEEP
        assert time.process_time() - started < 0.05


def test_a_document_has_at_most_so_many_tokens_and_characters() -> None:
    assert refusal("{" + "a " * 3_000 + "}") is Code.QUERY_TOO_COSTLY
    assert refusal("{a}" + " " * LIMITS.document_characters_max) is Code.QUERY_TOO_COSTLY


def test_depth_counts_through_fragments() -> None:
    text = "{a{...F}} fragment F on A{b{c}}"
    assert refusal(text, Limits(depth_max=2)) is Code.QUERY_TOO_DEEP
    check_document(parse(text), Limits(depth_max=3))


def test_fragments_that_double_each_other_are_refused() -> None:
    doubling = " ".join(f"fragment F{n} on A{{...F{n + 1} ...F{n + 1}}}" for n in range(30))
    started = time.process_time()
    assert refusal("{...F0} " + doubling + " fragment F30 on A{a}") is Code.QUERY_TOO_COSTLY
    assert time.process_time() - started < 0.1


def test_fragments_that_spread_each_other_in_a_circle_are_refused() -> None:
    names = range(12)
    circle = " ".join(f"fragment F{n} on A{{{' '.join(f'...F{m}' for m in names if m != n)}}}" for n in names)
    assert refusal("{...F0} " + circle) is Code.GRAPHQL_VALIDATION_FAILED


def test_aliases_directives_root_fields_and_repetitions_are_counted() -> None:
    assert refusal("{" + " ".join(f"a{n}:a" for n in range(31)) + "}") is Code.QUERY_TOO_COSTLY
    assert refusal("{a" + "@x" * 31 + "}") is Code.QUERY_TOO_COSTLY
    assert refusal("{" + " ".join(f"a{n}" for n in range(21)) + "}") is Code.QUERY_TOO_COSTLY
    assert refusal("{" + "a " * 21 + "}") is Code.QUERY_TOO_COSTLY
    assert refusal("{x{" + "...{a} " * 21 + "}}") is Code.QUERY_TOO_COSTLY


def test_variables_are_not_nested_without_end() -> None:
    nested: Any = 1
    for _ in range(100):
        nested = [nested]
    with pytest.raises(RequestRefused):
        check_variables({"a": nested}, LIMITS)
    check_variables({"a": {"b": [{"c": 1}]}}, LIMITS)


async def test_each_refusal_has_its_status_and_code(stack: Stack) -> None:
    async def refused(status: int, code: str, **request: Any) -> None:
        answer = await stack.client.post("/graphql", **request)
        assert answer.status_code == status
        body = answer.json()
        assert "data" not in body
        assert {error["extensions"]["code"] for error in body["errors"]} == {code}
        assert body["errors"][0]["extensions"]["requestId"] == answer.headers["x-request-id"]

    await refused(400, "QUERY_TOO_DEEP", json={"query": "{a" * 1_000})
    await refused(400, "GRAPHQL_PARSE_FAILED", json={"query": "{members{"})
    await refused(400, "GRAPHQL_PARSE_FAILED", json={"query": "{members{}}"})
    await refused(400, "GRAPHQL_VALIDATION_FAILED", json={"query": "{nothing}"})
    await refused(400, "GRAPHQL_VALIDATION_FAILED", json={"query": "subscription{members}"})
    await refused(400, "GRAPHQL_VALIDATION_FAILED", json={"query": "{members{name} __schema{__typename}}"})
    await refused(400, "BAD_USER_INPUT", json={"query": "query A{members{name}} query B{members{id}}"})
    await refused(400, "BAD_USER_INPUT", json=[{"query": "{members{name}}"}])
    await refused(400, "BAD_USER_INPUT", json={"variables": {}})
    await refused(400, "BAD_USER_INPUT", json={"query": "query($i:ID!){member(id:$i){id}}"})
    await refused(
        400, "BAD_USER_INPUT", json={"query": "query($i:ID!){member(id:$i){id}}", "variables": {"i": {}}}
    )
    await refused(400, "BAD_USER_INPUT", content=b"[" * 5_000, headers={"content-type": "application/json"})
    await refused(413, "BAD_USER_INPUT", json={"query": "{members{name}}", "extensions": "x" * 1_100_000})
    await refused(415, "BAD_USER_INPUT", content=b"{}", headers={"content-type": "text/plain"})


async def test_a_client_of_the_old_media_type_gets_document_errors_with_status_200(stack: Stack) -> None:
    answer = await stack.client.post(
        "/graphql", json={"query": "{nothing}"}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    usual = await stack.client.post("/graphql", json={"query": "{members{id}}"})
    assert usual.headers["content-type"].startswith("application/graphql-response+json")


async def test_a_body_in_pieces_has_the_same_limit(stack: Stack) -> None:
    async def pieces() -> Any:
        for _ in range(120):
            yield b"x" * 10_000

    answer = await stack.client.post(
        "/graphql", content=pieces(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


async def test_no_more_requests_at_once_than_the_limit(make_stack: MakeStack) -> None:
    async with make_stack(limits=Limits(requests_in_flight_max=1)) as stack:
        slow = asyncio.create_task(stack.ask("{slow(seconds:0.5)}"))
        await asyncio.sleep(0.2)
        answer = await stack.client.post("/graphql", json={"query": "{members{id}}"})
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert (await slow)["data"] == {"slow": "done"}


async def test_production_has_no_introspection_no_suggestions_and_no_graphiql(make_stack: MakeStack) -> None:
    async with make_stack(profile="production") as stack:
        answer = await stack.ask("{__schema{types{name}}}")
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        answer = await stack.ask("{members{nam}}")
        assert "Did you mean" not in answer["errors"][0]["message"]
        assert (await stack.client.get("/graphql")).status_code in (404, 405)


async def test_introspection_in_development_needs_no_token_and_shows_no_internal_type(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.client.base_url) as nobody:
        answer = await nobody.post("/graphql", json={"query": "{__schema{types{name}}}"})
        refused = await nobody.post("/graphql", json={"query": "{members{id}}"})
    names = {kind["name"] for kind in answer.json()["data"]["__schema"]["types"]}
    assert "Member" in names
    assert not [name for name in names if name.startswith("join__")]
    assert refused.status_code == 401


async def test_what_no_variable_can_hold_is_refused_in_a_sentence_that_fits(stack: Stack) -> None:
    async def message(content: bytes) -> str:
        answer = await stack.client.post(
            "/graphql", content=content, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        return str(error["message"])

    takes_one = b'{"query":"query($i:ID!){member(id:$i){id}}","variables":'
    takes_none = b'{"query":"{members{id}}","variables":'
    digits = b"1" * 5_000
    assert await message(b'{"query":"{members{id \xff}}"}') == "The request is not UTF-8."
    for start in (takes_one, takes_none):
        assert await message(start + b'{"i":"\xff"}}') == "The variables are not UTF-8."
        assert await message(start + b"[]}") == "The variables are not an object."
        assert await message(start + b"[1]}") == "The variables are not an object."
        assert await message(start + b'{"i":' + digits + b"}}") == "The variables hold a number out of range."
    assert "ID" in await message(takes_one + b'{"i":1.5}}')


async def test_a_trace_header_in_foreign_letters_is_replaced(stack: Stack) -> None:
    header = ("00-" + "é" * 32 + "-" + "0" * 16 + "-00").encode("latin-1")
    answer = await stack.client.post(
        "/graphql", json={"query": "{members{id}}"}, headers={b"traceparent": header}
    )
    assert answer.json()["data"]["members"]


async def test_another_method_is_told_to_post_and_another_path_is_refused_as_an_error(stack: Stack) -> None:
    for path in ("/graphql", "/c/be/graphql"):
        answer = await stack.client.put(path)
        assert answer.status_code == 405
        assert "POST" in answer.headers["allow"]
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    unknown = await stack.client.get("/nothing")
    assert unknown.status_code == 404
    assert unknown.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

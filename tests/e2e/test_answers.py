"""What may be asked twice is asked until an answer comes; what may not is asked once; both name the address."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e import answers
from tests.e2e.addresses import Addresses
from tests.e2e.answers import NoAnswer, get, post_once, until_answered
from tests.e2e.client import Gateway

URL = "http://partage.example/accounts"
ADDRESSES = Addresses(
    country="BE",
    run_dir=Path(),
    gateway="http://partage.example",
    identity="",
    authority="",
    bank="",
    e_invoice="",
    mail="",
    kafka="",
    services={},
    databases={},
    workers={},
)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "PAUSE_SECONDS_MIN", 0.001)


def client(answer: Callable[[httpx.Request, int], httpx.Response]) -> tuple[httpx.AsyncClient, list[bytes]]:
    """Connections to somebody who gives `answer` of the request and of how many came before; what was sent."""
    sent: list[bytes] = []

    def answering(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return answer(request, len(sent))

    return httpx.AsyncClient(transport=httpx.MockTransport(answering)), sent


def late(request: httpx.Request, number: int) -> httpx.Response:
    """Nobody listens, then somebody who is starting, then an answer."""
    if number == 1:
        raise httpx.ConnectError("All connection attempts failed", request=request)
    return httpx.Response(503 if number == 2 else 200, json={})


def never(request: httpx.Request, number: int) -> httpx.Response:
    """Nobody listens."""
    raise httpx.ConnectError("All connection attempts failed", request=request)


async def test_reading_is_tried_again_until_an_answer_comes() -> None:
    http, sent = client(late)
    assert (await get(http, URL)).status_code == 200
    assert len(sent) == 3


async def test_the_one_who_never_answers_is_named() -> None:
    http, sent = client(never)
    with pytest.raises(NoAnswer, match=f"{URL} did not answer in 0 s: All connection"):
        await until_answered(URL, lambda: http.get(URL), answers.is_unavailable, seconds=0.05)
    assert len(sent) > 1


async def test_what_must_not_happen_twice_is_sent_once() -> None:
    http, sent = client(never)
    with pytest.raises(NoAnswer, match=f"{URL} did not answer and was asked once"):
        await post_once(http, URL, {"amount": "30.00"})
    assert len(sent) == 1


async def test_a_mutation_is_asked_again_with_the_same_key() -> None:
    def subgraph_starts(request: httpx.Request, number: int) -> httpx.Response:
        if number < 3:
            error = {"message": "", "extensions": {"code": "SUBGRAPH_UNAVAILABLE"}}
            return httpx.Response(200, json={"errors": [error]})
        return httpx.Response(200, json={"data": {"openActivity": {"__typename": "Activity", "id": "1"}}})

    http, sent = client(subgraph_starts)
    nobody = Gateway(http, ADDRESSES).nobody("nobody")
    assert (await nobody.ask("open_activity", entity_id="1", name="Drawing"))["id"] == "1"
    keys = [json.loads(body)["variables"]["idempotencyKey"] for body in sent]
    assert len(keys) == 3
    assert len(set(keys)) == 1

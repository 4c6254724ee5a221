"""How often somebody without a token may ask."""

from __future__ import annotations

import pytest

from gateway.config import Limits, Settings
from gateway.errors import Code, RequestRefused
from gateway.testing.stack import MakeStack
from gateway.visitors import Visitors

QUESTION = {"query": "{ __typename }"}


class Minutes:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def visitors(clock: Minutes, *, trusted_proxies: int = 0, **limits: int) -> Visitors:
    settings = Settings.__new__(Settings)
    object.__setattr__(settings, "limits", Limits(**limits))
    object.__setattr__(settings, "trusted_proxies", trusted_proxies)
    return Visitors(settings, clock)


def test_a_bucket_is_emptied_at_once_and_fills_through_the_minute() -> None:
    clock = Minutes()
    found = visitors(clock, anonymous_per_minute_max=6)
    for _ in range(6):
        found.admit("192.0.2.1", b"")
    with pytest.raises(RequestRefused) as refused:
        found.admit("192.0.2.1", b"")
    assert refused.value.code is Code.RATE_LIMITED
    assert refused.value.retry_after_seconds == 10
    found.admit("192.0.2.2", b"")
    clock.now = 10.0
    found.admit("192.0.2.1", b"")
    with pytest.raises(RequestRefused):
        found.admit("192.0.2.1", b"")


def test_what_a_visitor_writes_of_his_own_address_counts_for_nothing() -> None:
    forged = b"203.0.113.1, 203.0.113.2"
    assert visitors(Minutes()).address("192.0.2.1", forged) == "192.0.2.1"
    assert visitors(Minutes(), trusted_proxies=1).address("10.0.0.1", forged) == "203.0.113.2"
    assert visitors(Minutes(), trusted_proxies=3).address("10.0.0.1", forged) == "10.0.0.1"
    assert visitors(Minutes(), trusted_proxies=1).address("10.0.0.1", b"nonsense") == "10.0.0.1"


def test_a_network_of_ipv6_is_one_visitor() -> None:
    found = visitors(Minutes())
    assert found.address("2001:db8::1", b"") == found.address("2001:db8::ffff:1", b"")
    assert found.address("2001:db8::1", b"") != found.address("2001:db8:0:1::1", b"")


def test_only_so_many_addresses_are_remembered() -> None:
    found = visitors(Minutes(), anonymous_per_minute_max=1, anonymous_addresses_max=3)
    for last in range(1, 9):
        found.admit(f"192.0.2.{last}", b"")
    with pytest.raises(RequestRefused):
        found.admit("192.0.2.8", b"")
    found.admit("192.0.2.1", b"")


async def test_without_a_token_the_answer_is_429_and_says_when_to_come_back(make_stack: MakeStack) -> None:
    limits = Limits(anonymous_per_minute_max=2)
    async with make_stack(limits=limits) as stack:
        del stack.client.headers["authorization"]
        answers = [await stack.client.post("/graphql", json=QUESTION) for _ in range(3)]
        assert [answer.status_code == 429 for answer in answers] == [False, False, True]
        [error] = answers[-1].json()["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert error["extensions"]["retryAfterSeconds"] == int(answers[-1].headers["retry-after"]) > 0


async def test_with_a_token_nobody_is_counted(make_stack: MakeStack) -> None:
    async with make_stack(limits=Limits(anonymous_per_minute_max=1)) as stack:
        for _ in range(5):
            answer = await stack.client.post("/graphql", json=QUESTION)
            assert answer.status_code == 200

"""Asking over HTTP until an answer comes, with a deadline; who does not answer is named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import httpx

T = TypeVar("T")

ANSWER_SECONDS_MAX = 30.0
PAUSE_SECONDS_MIN = 0.2
PAUSE_SECONDS_MAX = 2.0
# A program that starts again, or one behind it; what else a program says is its answer.
_PASSING_STATUSES = frozenset({502, 503, 504})


class NoAnswer(Exception):
    """Nobody answered; the message says at which address, and for how long it was asked."""


async def until_answered(
    url: str,
    send: Callable[[], Awaitable[T]],
    is_passing: Callable[[T], bool],
    *,
    seconds: float = ANSWER_SECONDS_MAX,
) -> T:
    """Sends the same again until an answer comes that is not passing; after `seconds` the last one is given.

    Only for what may be sent twice. Raises NoAnswer where none came in time.
    """
    began, pause = time.monotonic(), PAUSE_SECONDS_MIN
    while True:
        try:
            answer = await send()
            nothing = None
        except httpx.TransportError as error:
            nothing = error
        passed = time.monotonic() - began
        if nothing is not None:
            if passed + pause > seconds:
                raise _no_answer(url, nothing, f"in {passed:.0f} s") from nothing
        elif not is_passing(answer) or passed + pause > seconds:
            return answer
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, PAUSE_SECONDS_MAX)


async def get(
    http: httpx.AsyncClient, url: str, params: Mapping[str, str | int] | None = None
) -> httpx.Response:
    """What is at an address. Raises NoAnswer, HTTPStatusError."""
    answer = await until_answered(url, lambda: http.get(url, params=params), is_unavailable)
    return answer.raise_for_status()


async def post_once(http: httpx.AsyncClient, url: str, body: Mapping[str, object]) -> httpx.Response:
    """Sends what must not happen twice. Raises NoAnswer, HTTPStatusError."""
    try:
        answer = await http.post(url, json=body)
    except httpx.TransportError as error:
        raise _no_answer(url, error, "and was asked once, because it must not happen twice") from error
    return answer.raise_for_status()


def is_unavailable(answer: httpx.Response) -> bool:
    """Whether somebody answered in place of the one who was asked."""
    return answer.status_code in _PASSING_STATUSES


def _no_answer(url: str, error: httpx.TransportError, how: str) -> NoAnswer:
    return NoAnswer(f"{url} did not answer {how}: {str(error) or type(error).__name__}")

"""Waiting for a fact by asking for it, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

WAIT_SECONDS_MAX = 60.0
PAUSE_SECONDS_MIN = 0.05
PAUSE_SECONDS_MAX = 0.5
SEEN_CHARACTERS_MAX = 1_000


class NeverHappened(Exception):
    """What was awaited did not happen in time; the message says what, and what was seen instead."""


async def until(
    what: str,
    ask: Callable[[], Awaitable[T]],
    is_there: Callable[[T], bool],
    *,
    seconds: float = WAIT_SECONDS_MAX,
) -> T:
    """Asks again and again until the answer is the awaited one, and gives it.

    Raises NeverHappened after `seconds`. What `ask` raises is not caught: a refusal is an answer too.
    """
    began, pause = time.monotonic(), PAUSE_SECONDS_MIN
    while True:
        seen = await ask()
        if is_there(seen):
            return seen
        left = seconds - (time.monotonic() - began)
        if left <= 0:
            text = repr(seen)[:SEEN_CHARACTERS_MAX]
            raise NeverHappened(f"Awaited for {seconds:.0f} s: {what}. Last seen: {text}")
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, PAUSE_SECONDS_MAX)

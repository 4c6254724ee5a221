"""Ask over a fixed number of connections, each one request after the other, and check every answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httptools
import orjson

ANSWER_SECONDS_MAX: Final = 60.0

MakeRequest = Callable[[int], bytes]
"""The bytes of the request of a number: each is another, so that nobody answers several at once."""
Check = Callable[[int, bytes], bool]
"""Whether the body is the right answer to the request of a number."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests took."""

    requests: int
    wrong: int
    seconds: float
    latencies: list[float]


def post(path: str, body: object, headers: Mapping[str, str]) -> bytes:
    """A request as bytes."""
    payload = orjson.dumps(body)
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join([*lines, f"content-length: {len(payload)}"]) + "\r\n\r\n").encode() + payload


def get(path: str, headers: Mapping[str, str]) -> bytes:
    """A request without a body, as bytes."""
    lines = [
        f"GET {path} HTTP/1.1",
        "host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def load(
    port: int, make: MakeRequest, check: Check, *, count: int, connections: int, first: int = 0
) -> Load:
    """Make `count` requests, numbered from `first`."""
    numbers = iter(range(first, first + count))
    latencies: list[float] = []
    wrong = itertools.count()
    loop = asyncio.get_running_loop()
    ended = [loop.create_future() for _ in range(min(connections, count))]
    began = time.perf_counter()
    for future in ended:
        await loop.create_connection(
            partial(_Asker, numbers, make, check, latencies, wrong, future), "127.0.0.1", port
        )
    await asyncio.gather(*ended)
    return Load(count, next(wrong), time.perf_counter() - began, latencies)


class _Asker(asyncio.Protocol):
    def __init__(
        self,
        numbers: Iterator[int],
        make: MakeRequest,
        check: Check,
        latencies: list[float],
        wrong: Iterator[int],
        ended: asyncio.Future[None],
    ) -> None:
        self._numbers, self._make, self._check = numbers, make, check
        self._latencies, self._wrong, self._ended = latencies, wrong, ended
        self._parser: Any = None
        self._body: list[bytes] = []
        self._number = 0
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no subclass
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, failure: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_exception(ConnectionError(f"hung up on request {self._number}"))

    def on_body(self, part: bytes) -> None:
        self._body.append(part)

    def on_message_complete(self) -> None:
        self._latencies.append(time.perf_counter() - self._sent_at)
        if self._timer is not None:
            self._timer.cancel()
        if not self._check(self._number, b"".join(self._body)) and not next(self._wrong):
            print(f"  a wrong answer: {b''.join(self._body)[:500]!r}")
        self._next()

    def _next(self) -> None:
        assert self._transport is not None, "it is connected"
        number = next(self._numbers, None)
        if number is None:
            self._ended.set_result(None)
            self._transport.close()
            return
        self._number = number
        self._parser, self._body = httptools.HttpResponseParser(self), []
        self._sent_at = time.perf_counter()
        self._timer = asyncio.get_running_loop().call_later(ANSWER_SECONDS_MAX, self._transport.close)
        self._transport.write(self._make(number))

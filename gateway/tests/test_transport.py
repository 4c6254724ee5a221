"""The gateway's own HTTP client, against servers that answer in every odd way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.errors import Code
from gateway.executor import Answer, Failure
from gateway.transport import HttpTransport

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PLAIN = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n" + b'{"data":{}}'
UNAVAILABLE = Failure(Code.SUBGRAPH_UNAVAILABLE)


@asynccontextmanager
async def answering(answer: Answering, **changes: int) -> AsyncIterator[HttpTransport]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = {"connections_max": 4, "waiting_max": 4, "answer_bytes_max": 1_000, **changes}
    transport = HttpTransport({"members": f"http://127.0.0.1:{port}/graphql"}, **settings)
    try:
        yield transport
    finally:
        await transport.close()
        server.close()


async def request_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


def saying(*parts: bytes, closes: bool = False) -> Answering:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await request_of(reader)
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                    if len(parts) > 1:
                        await asyncio.sleep(0.01)
                if closes:
                    writer.close()
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    return answer


async def post(transport: HttpTransport, *, seconds: float = 2.0, may_retry: bool = False) -> Answer:
    return await transport.post("members", b"x-country: BE\r\n", b"{}", seconds=seconds, may_retry=may_retry)


CHUNKED = b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"da\r\n7\r\nta":{}}\r\n0\r\n\r\n'


@pytest.mark.parametrize(
    "answer",
    [
        saying(PLAIN),
        saying(*(PLAIN[n : n + 1] for n in range(len(PLAIN)))),
        saying(PLAIN.replace(b"content-length", b"Content-Length")),
        saying(PLAIN.replace(b"200 OK", b"500 Internal Server Error")),
        saying(PLAIN.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"), closes=True),
        saying(PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"), closes=True),
        saying(CHUNKED),
        saying(CHUNKED[:50], CHUNKED[50:]),
        saying(b'HTTP/1.1 200 OK\r\n\r\n{"data":{}}', closes=True),
        saying(b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN),
        saying(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", PLAIN),
    ],
)
async def test_an_answer_is_read_however_it_is_framed(answer: Answering) -> None:
    async with answering(answer) as transport:
        for _ in range(3):
            assert await post(transport) == b'{"data":{}}'


@pytest.mark.parametrize(
    "answer",
    [
        saying(b"no HTTP at all\r\n\r\n"),
        saying(PLAIN.replace(b"content-length: 11", b"content-length: 11\r\ncontent-length: 12")),
        saying(PLAIN.replace(b"content-length: 11", b"content-length: 11\r\ntransfer-encoding: chunked")),
        saying(PLAIN.replace(b"content-length: 11", b"content-length: -1")),
        saying(PLAIN.replace(b"content-length: 11", b"content-length: 5000")),
        saying(PLAIN.replace(b"content-length: 11", b"content-length: 12"), closes=True),
        saying(PLAIN.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")),
        saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000, closes=True),
        saying(b"HTTP/1.1 200 OK\r\nx: " + b"x" * 100_000),
        saying(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
        saying(b"", closes=True),
    ],
)
async def test_what_is_no_whole_answer_is_a_failure(answer: Answering) -> None:
    async with answering(answer) as transport:
        assert await post(transport, may_retry=True) == UNAVAILABLE


async def test_connections_are_kept_and_the_request_is_as_it_should_be() -> None:
    requests: list[bytes] = []
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while not reader.at_eof():
            try:
                requests.append(await request_of(reader))
            except asyncio.IncompleteReadError:
                break
            writer.write(PLAIN)
        writer.close()

    async with answering(answer) as transport:
        for _ in range(5):
            await post(transport)
    assert connections == 1
    assert requests[0].startswith(b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:")
    assert requests[0].endswith(b"x-country: BE\r\ncontent-length: 2\r\n\r\n{}")


async def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    async with answering(saying(PLAIN + PLAIN)) as transport:
        for _ in range(3):
            assert await post(transport) == b'{"data":{}}'


@pytest.mark.parametrize(("may_retry", "expected"), [(True, b'{"data":{}}'), (False, UNAVAILABLE)])
async def test_a_kept_connection_that_dies_is_replaced_only_where_it_is_safe(
    may_retry: bool, expected: Answer
) -> None:
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await request_of(reader)
        writer.write(PLAIN)
        if connections == 1:
            # The second request arrives, and the connection ends without a byte.
            await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with answering(answer) as transport:
        assert await post(transport) == b'{"data":{}}'
        assert await post(transport, may_retry=may_retry) == expected
    assert connections == (2 if may_retry else 1)


async def test_a_fresh_connection_that_dies_is_not_tried_again() -> None:
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await request_of(reader)
        writer.close()

    async with answering(answer) as transport:
        assert await post(transport, may_retry=True) == UNAVAILABLE
    assert connections == 1


async def test_a_deadline_ends_the_call_and_its_connection() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with answering(silent) as transport:
        started = time.monotonic()
        assert await post(transport, seconds=0.1) == Failure(Code.TIMEOUT)
        assert time.monotonic() - started < 1


async def test_calls_wait_for_their_turn_and_no_longer_than_allowed() -> None:
    open_now = most = 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        try:
            while True:
                await request_of(reader)
                await asyncio.sleep(0.05)
                writer.write(PLAIN)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            open_now -= 1

    async with answering(slow, connections_max=2, waiting_max=4) as transport:
        answers = await asyncio.gather(*(post(transport) for _ in range(6)))
        assert answers == [b'{"data":{}}'] * 6
        assert most == 2
        answers = await asyncio.gather(*(post(transport) for _ in range(8)))
        assert answers.count(UNAVAILABLE) == 2


async def test_a_cancelled_call_gives_its_place_back() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = await request_of(reader)
        assert body
        await asyncio.sleep(0.3)
        writer.write(PLAIN)
        await reader.read()
        writer.close()

    async with answering(silent, connections_max=1) as transport:
        first = asyncio.create_task(post(transport))
        await asyncio.sleep(0.05)
        first.cancel()
        await asyncio.sleep(0)
        assert await post(transport) == b'{"data":{}}'


async def test_an_unknown_service_and_a_closed_port_are_failures() -> None:
    transport = HttpTransport(
        {"members": "http://127.0.0.1:9/"}, connections_max=1, waiting_max=1, answer_bytes_max=10
    )
    assert await post(transport) == UNAVAILABLE
    assert await transport.post("nobody", b"", b"", seconds=1, may_retry=True) == UNAVAILABLE


async def test_a_service_whose_last_process_has_just_ended_is_found_again_whatever_is_asked() -> None:
    # Nothing was sent where the connection was refused: even what may not be repeated is asked of the next one.
    async with answering(saying(PLAIN)) as transport:
        port = transport._pools["members"]._port
    transport = HttpTransport(
        {"members": f"http://127.0.0.1:{port}/graphql"},
        connections_max=4,
        waiting_max=4,
        answer_bytes_max=1_000,
    )
    asked = asyncio.create_task(post(transport, may_retry=False))
    await asyncio.sleep(0.05)
    server = await asyncio.start_server(saying(PLAIN), "127.0.0.1", port)

    assert await asked == b'{"data":{}}'

    await transport.close()
    server.close()

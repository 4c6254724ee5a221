"""Calls to subgraphs over HTTP/1.1: a small client on bare asyncio protocols.

One request at a time per connection, a pool per address, one timer for all deadlines. An answer with a
content-length is cut out of the buffer by two searches; anything else goes through llhttp.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from typing import Protocol, cast
from urllib.parse import urlsplit

import httptools

from gateway.errors import Code
from gateway.executor import Answer, Failure

SWEEP_SECONDS = 0.05
# Below the five seconds after which uvicorn closes an idle connection.
KEEP_ALIVE_SECONDS = 4.0
CONNECT_SECONDS_MAX = 3.0
# Behind one name stand several processes: one that has just ended refuses, and the next try reaches another.
REFUSED_MAX = 4
REFUSED_PAUSE_SECONDS = 0.1
HEAD_BYTES_MAX = 32_768


class Transport(Protocol):
    """Whatever can post a body to a service and bring back its answer."""

    async def post(
        self, service: str, headers: bytes, body: bytes, *, seconds: float, may_retry: bool
    ) -> Answer:
        """The body of the answer, or why there is none. Never raises for a fault of the other side."""

    async def close(self) -> None:
        """Ends all connections."""


class _Gone(Exception):
    """The connection ended before the answer was whole; `is_untouched`: not one byte of it had come."""

    def __init__(self, is_untouched: bool) -> None:
        super().__init__()
        self.is_untouched = is_untouched


class _Odd(Exception):
    """What came is not an answer that we accept."""


class HttpTransport:
    """The gateway's own client: `addresses` maps a service to its GraphQL address."""

    def __init__(
        self,
        addresses: dict[str, str],
        *,
        connections_max: int,
        waiting_max: int,
        answer_bytes_max: int,
    ) -> None:
        self._pools = {
            service: _Pool(address, connections_max, waiting_max, answer_bytes_max)
            for service, address in addresses.items()
        }
        self._sweep: asyncio.TimerHandle | None = None
        self._active: set[_Connection] = set()

    async def post(
        self, service: str, headers: bytes, body: bytes, *, seconds: float, may_retry: bool
    ) -> Answer:
        """Posts the body; a kept connection that was already dead is replaced once if `may_retry`."""
        pool = self._pools.get(service)
        if pool is None:
            return Failure(Code.SUBGRAPH_UNAVAILABLE)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        request = b"%s%scontent-length: %d\r\n\r\n%s" % (pool.head, headers, len(body), body)
        try:
            connection = await pool.taken(loop, deadline)
            was_kept = connection.is_kept
            try:
                return await self._exchanged(pool, connection, request, deadline, loop)
            except _Gone as gone:
                if not (was_kept and gone.is_untouched and may_retry):
                    return Failure(Code.SUBGRAPH_UNAVAILABLE)
            connection = await pool.taken(loop, deadline, fresh=True)
            return await self._exchanged(pool, connection, request, deadline, loop)
        except TimeoutError:
            return Failure(Code.TIMEOUT)
        except (OSError, _Gone, _Odd, ssl.SSLError):
            return Failure(Code.SUBGRAPH_UNAVAILABLE)

    async def close(self) -> None:
        """Ends all connections."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for pool in self._pools.values():
            pool.close()

    async def _exchanged(
        self,
        pool: _Pool,
        connection: _Connection,
        request: bytes,
        deadline: float,
        loop: asyncio.AbstractEventLoop,
    ) -> bytes:
        self._active.add(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(SWEEP_SECONDS, self._swept, loop)
        try:
            return await connection.exchange(request, deadline, loop)
        finally:
            self._active.discard(connection)
            pool.given_back(connection, loop.time())

    def _swept(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in [late for late in self._active if late.deadline <= now]:
            connection.fail(TimeoutError())
        self._sweep = loop.call_later(SWEEP_SECONDS, self._swept, loop) if self._active else None


class _Pool:
    def __init__(self, address: str, connections_max: int, waiting_max: int, answer_bytes_max: int) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None, "settings checked the address"
        self._host = parts.hostname
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        path = parts.path or "/"
        self.head = (
            f"POST {path} HTTP/1.1\r\nhost: {parts.netloc}\r\n"
            "content-type: application/json\r\naccept: application/json\r\n"
        ).encode("ascii")
        self._answer_bytes_max = answer_bytes_max
        self._free: list[_Connection] = []
        self._open = 0
        self._connections_max = connections_max
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._waiting_max = waiting_max

    async def taken(
        self, loop: asyncio.AbstractEventLoop, deadline: float, *, fresh: bool = False
    ) -> _Connection:
        while True:
            if not fresh and (kept := self._kept(loop.time())) is not None:
                return kept
            if self._open < self._connections_max:
                return await self._connected(loop, deadline)
            if fresh and self._free:
                # All places are held by kept connections, of which one has just proved dead.
                self._free.pop(0).abort()
                continue
            await self._turn(loop, deadline)

    def given_back(self, connection: _Connection, now: float) -> None:
        if connection.is_reusable:
            connection.is_kept = True
            connection.kept_since = now
            self._free.append(connection)
        else:
            connection.abort()
        self._wake()

    def forget(self, connection: _Connection) -> None:
        self._open -= 1
        with contextlib.suppress(ValueError):
            self._free.remove(connection)
        self._wake()

    def close(self) -> None:
        for connection in list(self._free):
            connection.abort()

    def _kept(self, now: float) -> _Connection | None:
        while self._free:
            connection = self._free.pop()
            if connection.is_reusable and now - connection.kept_since < KEEP_ALIVE_SECONDS:
                return connection
            connection.abort()
        return None

    async def _connected(self, loop: asyncio.AbstractEventLoop, deadline: float) -> _Connection:
        self._open += 1
        connection = _Connection(self, self._answer_bytes_max)
        try:
            async with asyncio.timeout(min(CONNECT_SECONDS_MAX, max(deadline - loop.time(), 0))):
                await self._reached(loop, connection)
        except BaseException:
            if not connection.was_made:
                self._open -= 1
                self._wake()
            else:
                connection.abort()
            raise
        return connection

    async def _reached(self, loop: asyncio.AbstractEventLoop, connection: _Connection) -> None:
        # Nothing has been sent yet: whatever is asked may be asked again.
        for attempt in range(1, REFUSED_MAX + 1):
            try:
                await loop.create_connection(lambda: connection, self._host, self._port, ssl=self._tls)
            except ConnectionRefusedError:
                if attempt == REFUSED_MAX:
                    raise
                await asyncio.sleep(REFUSED_PAUSE_SECONDS * attempt)
            else:
                return

    async def _turn(self, loop: asyncio.AbstractEventLoop, deadline: float) -> None:
        if len(self._waiting) >= self._waiting_max:
            raise ConnectionRefusedError("too many calls are waiting for this service")
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(max(deadline - loop.time(), 0)):
                await turn
        except BaseException:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn.done() and not turn.cancelled():
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class _Connection(asyncio.Protocol):
    def __init__(self, pool: _Pool, answer_bytes_max: int) -> None:
        self._pool = pool
        self._answer_bytes_max = answer_bytes_max
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._buffer = bytearray()
        self._body_start = 0
        self._whole_bytes = 0
        self._parser: _Parser | None = None
        self.deadline = 0.0
        self.was_made = False
        self.is_kept = False
        self.kept_since = 0.0
        self.is_reusable = False

    async def exchange(self, request: bytes, deadline: float, loop: asyncio.AbstractEventLoop) -> bytes:
        if self._transport is None or self._transport.is_closing():
            raise _Gone(is_untouched=True)
        self.deadline = deadline
        self.is_reusable = False
        self._buffer.clear()
        self._whole_bytes = 0
        self._parser = None
        self._answer = loop.create_future()
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None

    def fail(self, failure: BaseException) -> None:
        self.is_reusable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(failure)
        self.abort()

    def abort(self) -> None:
        self.is_reusable = False
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------------------ called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.was_made = True

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.is_reusable = False
        if self._answer is not None and not self._answer.done():
            parser = self._parser
            if parser is not None and parser.ends_with_connection():
                self._answer.set_result(bytes(parser.body))
            else:
                self._answer.set_exception(_Gone(is_untouched=not self._buffer and parser is None))
        self._pool.forget(self)

    def eof_received(self) -> bool:
        return False

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None or answer.done():
            # Bytes that nobody asked for: whatever comes next on this connection cannot be trusted.
            self.abort()
            return
        try:
            if self._parser is not None:
                self._parser.feed(data)
            else:
                self._buffer += data
                if not self._whole_bytes:
                    self._read_head()
            self._finish(answer)
        except (_Odd, httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.fail(_Odd())

    def _read_head(self) -> None:
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > HEAD_BYTES_MAX:
                raise _Odd
            return
        length = _plain_length(bytes(buffer[:end]).lower())
        if length is None:
            self._parser = _Parser(self._answer_bytes_max)
            self._parser.feed(bytes(buffer))
            return
        if length > self._answer_bytes_max:
            raise _Odd
        self._body_start = end + 4
        self._whole_bytes = self._body_start + length

    def _finish(self, answer: asyncio.Future[bytes]) -> None:
        if self._parser is not None:
            if self._parser.is_complete:
                self.is_reusable = self._parser.keeps_alive
                answer.set_result(bytes(self._parser.body))
        elif self._whole_bytes and len(self._buffer) >= self._whole_bytes:
            self.is_reusable = len(self._buffer) == self._whole_bytes
            answer.set_result(bytes(self._buffer[self._body_start : self._whole_bytes]))


_HEAD_ODD = (b"\r\ntransfer-encoding:", b"\r\nconnection:", b"\r\ncontent-encoding:", b"\r\n ", b"\r\n\t")


def _plain_length(head: bytes) -> int | None:
    """The length of the body if the (lower-cased) head is of the plainest kind, else nothing."""
    if not head.startswith(b"http/1.1 ") or head[9:10] in (b"1", b"") or head[9:12] in (b"204", b"304"):
        return None
    at = head.find(b"\r\ncontent-length:")
    if at < 0 or head.find(b"\r\ncontent-length", at + 1) >= 0 or any(mark in head for mark in _HEAD_ODD):
        return None
    end = head.find(b"\r\n", at + 2)
    digits = head[at + 17 : end if end >= 0 else len(head)].strip(b" \t")
    return int(digits) if digits.isdigit() and len(digits) < 12 else None


class _Parser:
    """The answers that llhttp reads: chunked, interim, without length, or odd."""

    def __init__(self, answer_bytes_max: int) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer_bytes_max = answer_bytes_max
        self._has_head = False
        self._has_length = False
        self.body = bytearray()
        self.is_complete = False
        self.keeps_alive = False

    def feed(self, data: bytes) -> None:
        if self.is_complete:
            # More than one answer to one request: this connection is not used again.
            self.keeps_alive = False
            return
        self._parser.feed_data(data)

    def ends_with_connection(self) -> bool:
        """Whether the end of the connection is the end of the answer."""
        return self._has_head and not self._has_length

    def on_message_begin(self) -> None:
        if self.is_complete:
            raise _Odd
        self._has_length = False

    def on_header(self, name: bytes, value: bytes) -> None:
        kind = name.lower()
        if kind in (b"content-length", b"transfer-encoding"):
            self._has_length = True
        elif kind == b"content-encoding" and value.lower() != b"identity":
            raise _Odd

    def on_headers_complete(self) -> None:
        self._has_head = self._parser.get_status_code() >= 200

    def on_body(self, body: bytes) -> None:
        self.body += body
        if len(self.body) > self._answer_bytes_max:
            raise _Odd

    def on_message_complete(self) -> None:
        if self._has_head:
            self.is_complete = True
            self.keeps_alive = self._parser.should_keep_alive()

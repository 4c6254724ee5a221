"""Three questions with three meanings, and the metrics: /startz, /readyz, /livez, /metrics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Final

from commons import telemetry

log = logging.getLogger(__name__)

CHECK_TIMEOUT_SECONDS: Final = 2.0
REQUEST_TIMEOUT_SECONDS: Final = 5.0
REQUEST_BYTES_MAX: Final = 8_192

Check = Callable[[], Awaitable[bool]]
Answer = tuple[HTTPStatus, bytes, str]


class Health:
    """The state of one process.

    *Started*: it has built what it needs. *Ready*: started, not draining, and every check holds (schema
    version present, pool open). *Live*: its event loop turns; this never touches the database, or a slow
    database would have every process killed. A process that `works` shows the metrics of workers too.
    """

    def __init__(self, checks: Mapping[str, Check] | None = None, *, works: bool = False) -> None:
        self.checks = dict(checks or {})
        self.works = works
        self.started = False
        self.draining = False

    async def answer(self, path: str) -> Answer:
        """What to reply to a GET of the path."""
        if path == "/metrics":
            return HTTPStatus.OK, telemetry.metrics(of_work=self.works), telemetry.METRICS_CONTENT_TYPE
        if path == "/livez":
            return _plain(HTTPStatus.OK, "live")
        if path == "/startz":
            return _plain(*((HTTPStatus.OK, "started") if self.started else (_UNAVAILABLE, "starting")))
        if path == "/readyz":
            problems = await self._problems()
            return _plain(_UNAVAILABLE, "\n".join(problems)) if problems else _plain(HTTPStatus.OK, "ready")
        return _plain(HTTPStatus.NOT_FOUND, "not found")

    async def _problems(self) -> list[str]:
        if not self.started:
            return ["starting"]
        if self.draining:
            return ["draining"]
        problems = []
        for name, check in self.checks.items():
            try:
                async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                    holds = await check()
            except Exception as error:
                log.warning("a check failed", extra={"check": name, "error": type(error).__name__})
                holds = False
            if not holds:
                problems.append(f"{name} fails")
        return problems


def asgi(health: Health) -> Callable[[Mapping[str, Any], Any, Any], Awaitable[None]]:
    """The answers as an ASGI application, to be mounted beside an API."""

    async def application(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        assert scope["type"] == "http", "only requests are routed here"
        status, body, content_type = await health.answer(scope["path"])
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status.value, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


@asynccontextmanager
async def served(health: Health, host: str, port: int) -> AsyncIterator[int]:
    """Answer on a port of its own, for a process that serves nothing else; the port (given 0, a free one)."""
    server = await asyncio.start_server(
        lambda reader, writer: _serve_one(health, reader, writer), host, port, limit=REQUEST_BYTES_MAX
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _serve_one(health: Health, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(Exception):  # a caller that hangs up or talks nonsense gets nothing
        async with asyncio.timeout(REQUEST_TIMEOUT_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
            if method in ("GET", "HEAD"):
                status, body, content_type = await health.answer(target.partition("?")[0])
            else:
                status, body, content_type = _plain(HTTPStatus.METHOD_NOT_ALLOWED, "GET only")
            writer.write(
                f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {content_type}\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
            )
            writer.write(b"" if method == "HEAD" else body)
            await writer.drain()
    writer.close()


_UNAVAILABLE: Final = HTTPStatus.SERVICE_UNAVAILABLE


def _plain(status: HTTPStatus, text: str) -> Answer:
    return status, f"{text}\n".encode(), "text/plain; charset=utf-8"

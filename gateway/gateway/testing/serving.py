"""Serves ASGI applications over real HTTP, in the test's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

START_SECONDS_MAX = 10.0


class Recording:
    """An ASGI application that writes down the headers and bodies it is sent."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        body = bytearray()

        async def recording() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        await self._application(scope, recording, send)
        self.bodies.append(bytes(body))


@contextlib.asynccontextmanager
async def serving(application: Any, port: int = 0) -> AsyncIterator[str]:
    """The address at which the application is served."""
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(application, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(START_SECONDS_MAX):
            while not server.started:
                if task.done():
                    task.result()
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task

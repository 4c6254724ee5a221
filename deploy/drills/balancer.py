"""A stand-in for the Service of Kubernetes: one address before several processes; the ready ones serve.

It is no part of the product and runs nowhere but in the drills. Like the real one it chooses for each new
connection, leaves those that exist alone, and forgets a process before that process is told to end.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Coroutine
from types import TracebackType
from typing import Final, Self

HOST: Final = "127.0.0.1"
PROBE_SECONDS: Final = 0.5
PROBE_SECONDS_MAX: Final = 3.0
CHUNK_BYTES: Final = 65_536


class Balancer:
    """Listens on `port` (0: any free one), and passes bytes to the ports that said ready."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._ready: dict[int, bool] = {}
        self._turn = itertools.count()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._begin(self._probe())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None, "it was entered"
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def put_in(self, port: int) -> None:
        """A process has been started; it is given to nobody before it says ready."""
        self._ready[port] = False

    def take_out(self, port: int) -> None:
        """A process is about to be told to end."""
        del self._ready[port]

    def is_ready(self, port: int) -> bool:
        """Whether a process said ready when it was last asked."""
        return self._ready.get(port, False)

    async def _probe(self) -> None:
        while True:
            ports = list(self._ready)
            found = await asyncio.gather(*(_says_ready(port) for port in ports))
            for port, ready in zip(ports, found, strict=True):
                if port in self._ready:
                    self._ready[port] = ready
            await asyncio.sleep(PROBE_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ready = [port for port, is_ready in self._ready.items() if is_ready]
        if not ready:
            writer.transport.abort()
            return
        try:
            behind = await asyncio.open_connection(HOST, ready[next(self._turn) % len(ready)])
        except OSError:
            writer.transport.abort()
            return
        self._begin(_pass_on(reader, behind[1]))
        self._begin(_pass_on(behind[0], writer))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _says_ready(port: int) -> bool:
    try:
        async with asyncio.timeout(PROBE_SECONDS_MAX):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"GET /readyz HTTP/1.1\r\nhost: drill\r\nconnection: close\r\n\r\n")
            status = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in status

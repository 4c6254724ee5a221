"""A TCP proxy between two programs that can be slow, silent, deaf in one direction, or gone."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65_536
CONNECT_SECONDS_MAX = 5.0
CONNECTIONS_MAX = 1_000


class Door:
    """One listening port that leads to another program. Everything passes until it is told otherwise.

    A silent door keeps what it was given, as a broken network does: it arrives when the door is opened again.
    """

    def __init__(self, name: str, *, seed: int = 0) -> None:
        self.name = name
        self.target_port = 0
        self.latency_seconds = 0.0
        self.jitter_seconds = 0.0
        self.is_refusing = False
        self._there, self._back = asyncio.Event(), asyncio.Event()
        self._random = random.Random(f"{seed}/{name}")  # noqa: S311  (no secret: the same seed, the same delays)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.open()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, sock=self._socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None, "it was entered"
        self._server.close()
        await self.cut()

    def open(self) -> None:
        """Let everything pass at once again."""
        self.latency_seconds = self.jitter_seconds = 0.0
        self.is_refusing = False
        self._there.set()
        self._back.set()

    def slow_down(self, seconds: float, jitter_seconds: float = 0.0) -> None:
        """Delay what passes, each piece by as much and up to the jitter more; its order in a connection stays."""
        self.latency_seconds, self.jitter_seconds = seconds, jitter_seconds

    def silence(self, *, there: bool = True, back: bool = True) -> None:
        """Let nothing pass: of what is asked (`there`), of what is answered (`back`), or of both."""
        if there:
            self._there.clear()
        if back:
            self._back.clear()

    async def cut(self) -> None:
        """End every connection, and lose what a silent door kept; new ones are taken, unless it also refuses."""
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        # Only then may the door be opened: what it kept would slip through while its connection ends.
        await asyncio.gather(*connections, return_exceptions=True)

    async def refuse(self) -> None:
        """End every connection and every new one at once."""
        self.is_refusing = True
        await self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "the server runs each connection in a task"
        if self.is_refusing or len(self._connections) >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        self._connections.add(task)
        far: asyncio.StreamWriter | None = None
        ended = False
        try:
            await self._there.wait()
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                answers, far = await asyncio.open_connection("127.0.0.1", self.target_port)
            ways = [
                asyncio.ensure_future(self._pump(reader, far, self._there)),
                asyncio.ensure_future(self._pump(answers, writer, self._back)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                ended = True
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, TimeoutError, asyncio.CancelledError):
            # Nobody there, or cut: both sides see their connection end, which is what happened.
            pass
        finally:
            self._connections.discard(task)
            for side in (writer, far):
                if side is not None:
                    with contextlib.suppress(OSError, RuntimeError):
                        # One side hung up: what it said last still arrives. Cut: nothing does.
                        side.close() if ended else side.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: asyncio.Event
    ) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if self.latency_seconds or self.jitter_seconds:
                await asyncio.sleep(self.latency_seconds + self._random.uniform(0, self.jitter_seconds))
            await passes.wait()
            writer.write(chunk)
            await writer.drain()

"""Leave without one failed request: ready no more at SIGTERM, while what is asked is still answered."""

from __future__ import annotations

import signal
import time
from collections.abc import Awaitable, Callable, MutableMapping
from types import FrameType
from typing import Any

import uvicorn

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def closing(send: Send) -> Send:
    """The same answer, after which the connection is closed: the caller's next one is to another process."""

    async def close(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return close


class DrainingServer(uvicorn.Server):
    """A server that goes on for `drain_seconds` after SIGTERM; a second signal, or SIGINT, ends it now."""

    def __init__(self, config: uvicorn.Config, begin: Callable[[], None], *, drain_seconds: float) -> None:
        super().__init__(config)
        self._begin = begin
        self._drain_seconds = drain_seconds
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain, or end."""
        self._begin()
        if sig == signal.SIGTERM and self._ends_at is None and self._drain_seconds > 0:
            self._ends_at = time.monotonic() + self._drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end now."""
        if self._ends_at is not None and not self.should_exit and time.monotonic() >= self._ends_at:
            super().handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)

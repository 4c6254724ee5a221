"""Leave without one failed request: ready no more at SIGTERM, while what is asked is still answered."""

from __future__ import annotations

import signal
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from types import FrameType
from typing import Any

import uvicorn

from commons.graphql.asgi import Asgi, Receive, Scope, Send
from commons.health import Health


@dataclass(frozen=True, slots=True)
class Application:
    """The api process as an ASGI application; while it drains, every answer ends its connection.

    A caller that keeps connections opens its next one elsewhere, and none is closed under a request.
    """

    asgi: Asgi
    health: Health

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request, as ASGI asks for it."""
        return self.asgi(scope, receive, closing(send) if self.health.draining else send)


def closing(send: Send) -> Send:
    """The same answer, after which the connection is closed."""

    async def close(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return close


class DrainingServer(uvicorn.Server):
    """A server that goes on for `drain_seconds` after SIGTERM, not ready; a second signal ends it at once.

    A caller needs as long to hear that it is not ready, or to let go of a connection that it keeps. SIGINT,
    of a person at a keyboard, does not wait.
    """

    def __init__(self, config: uvicorn.Config, health: Health, *, drain_seconds: float) -> None:
        super().__init__(config)
        self._health = health
        self._drain_seconds = drain_seconds
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain, or end."""
        self._health.draining = True
        if sig == signal.SIGTERM and self._ends_at is None and self._drain_seconds > 0:
            self._ends_at = time.monotonic() + self._drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end now."""
        if self._ends_at is not None and not self.should_exit and time.monotonic() >= self._ends_at:
            super().handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)

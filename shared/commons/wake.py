"""Wake the loops of a process early, so that polling stays slow and answers stay quick."""

from __future__ import annotations

import asyncio


class Wake:
    """A bell for one loop, rung from anywhere on its event loop; a ring before the wait is kept."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.stopping = False

    def ring(self) -> None:
        """Let the loop look now."""
        self._rung.set()

    def stop(self) -> None:
        """Let the loop finish what it does and end."""
        self.stopping = True
        self._rung.set()

    async def wait(self, timeout_seconds: float) -> None:
        """Return at the ring, at the latest after the timeout."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        if not self.stopping:
            self._rung.clear()

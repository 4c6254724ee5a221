"""Lets a simulated party tell the time and wait; tests put their own hand on the clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime


class Clock:
    """Real time. Delays and token expiry live in real time; business days come in the messages."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Waits without holding up the other requests."""
        await asyncio.sleep(seconds)


def instant_text(instant: datetime) -> str:
    """An instant as ISO 8601 text in UTC with milliseconds and Z."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(instant: datetime) -> int:
    """An instant as whole milliseconds since 1970, the form in which it is stored."""
    return int(instant.timestamp() * 1000)


def from_milliseconds(value: int) -> datetime:
    """The instant that `milliseconds` stored."""
    return datetime.fromtimestamp(value / 1000, UTC)

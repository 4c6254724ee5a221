"""How often somebody without a token may ask, by the address the request came from."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from gateway.config import Settings
from gateway.errors import Code, RequestRefused

_SECONDS_PER_MINUTE = 60
_IPV6_NETWORK_BITS = 64  # what one subscriber is given


class Visitors:
    """A bucket an address: it holds what may be asked at once, and fills evenly through the minute.

    Addresses are held in memory alone and are never written anywhere. Where there are more of them than are
    kept, the one that asked longest ago is forgotten: its bucket would be full again first.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        limits = settings.limits
        self._size = float(limits.anonymous_per_minute_max)
        self._per_second = self._size / _SECONDS_PER_MINUTE
        self._kept_max = limits.anonymous_addresses_max
        self._proxies = settings.trusted_proxies
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admit(self, peer: str, forwarded_for: bytes) -> None:
        """Take one from the bucket of whoever asks. Raises RequestRefused, with the wait."""
        address, now = self.address(peer, forwarded_for), self._clock()
        left, seen = self._buckets.pop(address, (self._size, now))
        left = min(self._size, left + (now - seen) * self._per_second)
        allowed = left >= 1
        self._buckets[address] = (left - 1 if allowed else left, now)
        if len(self._buckets) > self._kept_max:
            self._buckets.popitem(last=False)
        if not allowed:
            seconds = math.ceil((1 - left) / self._per_second)
            raise RequestRefused(
                Code.RATE_LIMITED,
                f"Too many requests without a token; ask again in {seconds} s, or sign in.",
                retry_after_seconds=seconds,
            )

    def address(self, peer: str, forwarded_for: bytes) -> str:
        """Who asks: the peer, or what the last trusted proxy said of its own; an IPv6 network counts as one.

        What stands further left was written by the asker, and proves nothing.
        """
        named = [part.strip() for part in forwarded_for.decode("latin-1").split(",")]
        text = named[-self._proxies] if self._proxies and len(named) >= self._proxies else peer
        try:
            found = ipaddress.ip_address(text)
        except ValueError:
            return peer
        if found.version == 6:
            return str(ipaddress.ip_network((found, _IPV6_NETWORK_BITS), strict=False))
        return str(found)

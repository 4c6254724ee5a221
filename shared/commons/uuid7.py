"""Ids that sort by the moment they were made (UUID version 7)."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last_milliseconds = 0
_last_sequence = 0


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562, 5.7): the millisecond, then a counter, then random bits.

    Ids of one process never go backwards, not even when the system clock does.
    Made here and not by the database, because PostgreSQL has `uuidv7()` only since version 18.
    """
    global _last_milliseconds, _last_sequence
    random_bits = int.from_bytes(os.urandom(10), "big")
    with _lock:
        milliseconds = time.time_ns() // 1_000_000
        if milliseconds > _last_milliseconds:
            _last_milliseconds = milliseconds
            _last_sequence = random_bits & 0x7FF  # the upper half of the 12 bits is left for counting
        else:
            _last_sequence += 1
            if _last_sequence > 0xFFF:
                _last_milliseconds += 1
                _last_sequence = 0
        milliseconds, sequence = _last_milliseconds, _last_sequence
    tail = (random_bits >> 12) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | sequence << 64 | 0b10 << 62 | tail)

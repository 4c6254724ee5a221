"""What a service promises to others, compared with its code: one line a promise in its contract test."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from commons.events import check_events, check_readers, load_consumers, write_schemas
from commons.testing.api import REWRITE


def assert_committed_events(published: ModuleType, folder: Path) -> None:
    """Every event has its committed schema and example. `make schema` rewrites them."""
    if os.environ.get(REWRITE):
        write_schemas(published, folder)
    check_events(published, folder)


def assert_readers_read(consumers: ModuleType, services: Path) -> None:
    """Every consumer reads its publisher's committed example, and none waits for an event nobody sends."""
    unread = check_readers(load_consumers(consumers), [services])
    assert not unread, f"no publisher has committed an example of {', '.join(unread)}"

"""Ids sort by the moment they were made."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from commons.uuid7 import uuid7


def test_ids_of_one_process_sort_in_the_order_they_were_made() -> None:
    ids = [uuid7() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_an_id_is_a_version_7_uuid_of_this_millisecond() -> None:
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert abs((made.int >> 80) - datetime.now(UTC).timestamp() * 1000) < 5_000


def test_ids_do_not_go_back_when_the_system_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    before = uuid7()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 3_600_000_000_000)
    assert uuid7() > before

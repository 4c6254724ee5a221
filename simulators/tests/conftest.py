"""Every test gets a clock of its own; parties keep their state in the test's folder."""

from __future__ import annotations

import pytest

from simulators.tests.builders import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()

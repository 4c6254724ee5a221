"""The databases of this library's tests have everything it offers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from commons.migrate import COMMONS_API, COMMONS_LEDGER, COMMONS_MESSAGING


@pytest.fixture(scope="session")
def migrations() -> Sequence[Path]:
    """All migrations of the library."""
    return [COMMONS_MESSAGING, COMMONS_API, COMMONS_LEDGER]

"""What every test may ask for, and which tests share a process."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is; Hypothesis would call a slow one a failure.
settings.register_profile("partage", deadline=None)
settings.load_profile("partage")

pytest_plugins = ["commons.testing.fixtures", "deploy.closing"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process: its database is made once. A mark of its own wins over the file."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.as_posix()))

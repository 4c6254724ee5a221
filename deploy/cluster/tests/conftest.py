"""One control plane for all tests of the cluster, with the operators' definitions; each test works on a country of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.cluster.build import folder, why_not
from deploy.cluster.control_plane import ControlPlane


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    found = ControlPlane(folder(), tmp_path_factory.mktemp("plane"))
    try:
        found.start()
        assert found.add_definitions() >= 37, "the operators' definitions"
        yield found
    finally:
        found.stop()

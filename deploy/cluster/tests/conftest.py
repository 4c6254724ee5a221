"""One control plane for all tests of the cluster; a country is installed in it when a test first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from deploy.cluster.build import folder, why_not
from deploy.cluster.control_plane import ControlPlane
from deploy.cluster.country import WAIT_SECONDS, Country


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


@pytest.fixture(scope="session")
def installed(plane: ControlPlane) -> Callable[[str], Country]:
    """A country with both charts. Tests leave it as they found it: settled, with every pod ready."""
    known: dict[str, Country] = {}

    def give(code: str) -> Country:
        if code not in known:
            known[code] = Country(plane, code)
            known[code].prepare()
            known[code].install("data")
            known[code].install("services", wait_seconds=WAIT_SECONDS)
        return known[code]

    return give


@pytest.fixture(scope="session")
def empty(plane: ControlPlane) -> str:
    """A namespace as ours are, with nothing in it."""
    name = "planted"
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
    metadata = {"name": name, "labels": labels}
    answer = plane.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    assert not answer.is_refused, answer.says
    return name

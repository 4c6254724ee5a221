"""Layer 7: nodes go away for maintenance, and the disruption budgets hold what serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.cluster.api import Object, until
from deploy.cluster.control_plane import ControlPlane
from deploy.cluster.country import WAIT_SECONDS, Country, is_ready
from deploy.helm.tests.rendering import SERVICES

pytestmark = pytest.mark.cluster


@pytest.fixture
def nodes(plane: ControlPlane) -> Iterator[list[str]]:
    """The nodes' names; whatever was closed is open again afterwards."""
    yield list(plane.node_names())
    assert plane.kubectl("uncordon", *plane.node_names()).returncode == 0


def test_one_pod_of_an_api_may_go_and_the_others_are_held_until_a_new_one_is_ready(
    plane: ControlPlane, installed: Callable[[str], Country], nodes: list[str]
) -> None:
    country = installed("fr")
    country.settle()
    # Nowhere to go: the pod that replaces the first waits.
    assert plane.kubectl("cordon", *nodes).returncode == 0
    for service in SERVICES:
        pods = country.pods(name=service, component="api")
        first, *others = pods
        _evict(plane, first)
        for each in others:
            answer = plane.api.evict(each)
            assert answer.status == 429
            assert "disruption budget" in answer.says
        ready = [pod for pod in country.pods(name=service, component="api") if is_ready(pod)]
        assert len(ready) == len(pods) - 1
    # A worker has a budget of nobody: it may go, and its events wait.
    [worker] = country.pods(name="payroll", component="worker")
    _evict(plane, worker)

    assert plane.kubectl("uncordon", *nodes).returncode == 0
    country.settle()
    _evict(plane, country.pods(name="payroll", component="api")[0])
    country.settle()


def test_a_drained_node_is_empty_and_meanwhile_no_api_had_lost_more_than_one_pod(
    plane: ControlPlane, installed: Callable[[str], Country], nodes: list[str]
) -> None:
    country = installed("fr")
    country.settle()
    [node] = {pod["spec"]["nodeName"] for pod in country.pods(name="payroll", component="api")[:1]}

    fewest = 9
    with ThreadPoolExecutor(1) as pool:
        drain = pool.submit(
            plane.kubectl, "drain", node, "--delete-emptydir-data", "--force", "--timeout=240s", seconds=300
        )
        while not drain.done():
            for service in SERVICES:
                ready = filter(is_ready, country.pods(name=service, component="api"))
                fewest = min(fewest, len(list(ready)))
    said = drain.result()

    assert said.returncode == 0, said.stderr
    assert fewest >= 2, "of three pods of each API"
    here = [pod["metadata"]["name"] for pod in country.pods() if pod["spec"].get("nodeName") == node]
    assert here == []
    until("all is as before, elsewhere", lambda: not country.unsettled(), seconds=WAIT_SECONDS)


def _evict(plane: ControlPlane, pod: Object) -> None:
    """A budget counts anew a moment after the pods have changed."""
    until("the budget lets it go", lambda: plane.api.evict(pod).status == 201, seconds=60)

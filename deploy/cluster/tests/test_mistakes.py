"""Layers 6 and 7: mistakes planted on purpose, and what a real API server and real controllers make of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from deploy.cluster.api import Object, until
from deploy.cluster.control_plane import ControlPlane
from deploy.cluster.country import Country
from deploy.helm.tests.mistakes import OBJECTS, InObjects, planted

pytestmark = pytest.mark.cluster

NAME = "planted"


@pytest.mark.parametrize("mistake", OBJECTS, ids=lambda each: each.what)
def test_the_server_does_with_a_mistake_what_the_table_says(
    plane: ControlPlane, empty: str, mistake: InObjects
) -> None:
    answer = plane.api.create(planted(mistake), namespace=empty, dry_run=True)
    does = "refuses" if answer.is_refused else "warns" if answer.warnings else "takes"
    assert does == mistake.server, (answer.says, answer.warnings)


@pytest.mark.parametrize(
    "mistake", [each for each in OBJECTS if 6 in each.layers], ids=lambda each: each.what
)
def test_a_change_that_was_good_in_itself_is_refused_where_something_is_there(
    installed: Callable[[str], Country], mistake: InObjects
) -> None:
    country = installed("be")
    answer = country.api.apply(
        planted(mistake), namespace=country.namespace, manager=country.helms_name, dry_run=True
    )
    assert mistake.says in answer.says


@pytest.mark.parametrize(
    "mistake", [each for each in OBJECTS if 7 in each.layers], ids=lambda each: each.what
)
def test_a_deployment_that_was_taken_never_gets_its_pod_and_the_cluster_says_why(
    installed: Callable[[str], Country], without_planted: None, mistake: InObjects
) -> None:
    country = installed("be")
    one = planted(mistake)
    one["metadata"]["name"] = NAME
    one["metadata"]["labels"] |= {"app.kubernetes.io/name": NAME}
    for labels in (one["spec"]["selector"]["matchLabels"], one["spec"]["template"]["metadata"]["labels"]):
        labels["app.kubernetes.io/name"] = NAME

    assert country.api.create(one, namespace=country.namespace).status == 201

    until(f"it says {mistake.says!r}", lambda: mistake.says in " ".join(_complaints(country)), seconds=90)
    live = country.api.one("Deployment", NAME, namespace=country.namespace)
    assert live.get("status", {}).get("readyReplicas", 0) == 0


@pytest.fixture
def without_planted(installed: Callable[[str], Country]) -> Iterator[None]:
    yield
    country = installed("be")
    country.api.delete("Deployment", NAME, namespace=country.namespace)
    until("it is gone", lambda: not _of_planted(country, "Pod"), seconds=60)
    country.settle()


def _complaints(country: Country) -> list[str]:
    """What controllers and the scheduler write about the pods that are due."""
    found = _of_planted(country, "ReplicaSet") + _of_planted(country, "Pod")
    return [
        str(condition.get("message", ""))
        for each in found
        for condition in each.get("status", {}).get("conditions") or ()
        if condition["status"] == ("True" if each["kind"] == "ReplicaSet" else "False")
    ]


def _of_planted(country: Country, kind: str) -> list[Object]:
    found = country.api.list(kind, namespace=country.namespace, labels={"app.kubernetes.io/name": NAME})
    return [each | {"kind": kind} for each in found]

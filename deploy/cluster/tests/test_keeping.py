"""Layers 6 and 7: an uninstall takes the programs and leaves what people's wages are written in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deploy.cluster.api import none_left
from deploy.cluster.country import WAIT_SECONDS, Country
from deploy.helm.tests.rendering import Object, cell

pytestmark = pytest.mark.cluster

KEPT = "helm.sh/resource-policy"


def test_an_uninstall_keeps_the_data_and_a_reinstall_adopts_it(installed: Callable[[str], Country]) -> None:
    country = installed("de")
    country.settle()
    kept = [each for each in cell("de").data if each["metadata"].get("annotations", {}).get(KEPT) == "keep"]
    gone = [each for each in cell("de").data if each not in kept]
    assert {each["kind"] for each in kept} >= {
        "Namespace",
        "Cluster",
        "ObjectStore",
        "ScheduledBackup",
        "Kafka",
        "KafkaTopic",
    }
    before = _identities(country, kept)
    assert None not in before.values()

    country.releases.uninstall("services")
    country.releases.uninstall("data")

    none_left("the programs are gone", country.pods, seconds=120)
    assert country.deployments() == []
    assert _identities(country, kept) == before, "databases, topics and backups are those of before"
    assert set(_identities(country, gone).values()) == {None}

    country.install("data")
    country.install("services", wait_seconds=WAIT_SECONDS)

    country.settle()
    assert _identities(country, kept) == before, "adopted, and not made anew"
    assert None not in _identities(country, gone).values()
    assert country.releases.states("data") == ["deployed"]


def _identities(country: Country, objects: list[Object]) -> dict[tuple[str, str], str | None]:
    found = {}
    for each in objects:
        kind, name = each["kind"], each["metadata"]["name"]
        live = country.api.get(kind, name, namespace="" if kind == "Namespace" else country.namespace)
        found[kind, name] = live["metadata"]["uid"] if live else None
    return found

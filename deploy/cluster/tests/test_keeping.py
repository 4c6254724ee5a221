"""Layers 6 and 7: an uninstall takes the programs and leaves what people's wages are written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from deploy.cluster.api import none_left
from deploy.cluster.country import WAIT_SECONDS, Country
from deploy.helm.tests.rendering import HELM, Object, cell, merged

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


def test_a_restore_makes_a_database_beside_the_old_one_which_stays(
    installed: Callable[[str], Country],
) -> None:
    country = installed("de")
    old = [
        ("Cluster", "payroll-pg-1"),
        ("ScheduledBackup", "payroll-pg-1"),
        ("ObjectStore", "payroll-backups"),
    ]
    before = {name: _identity(country, *name) for name in old}
    assert None not in before.values()
    restored = {"generation": 2, "restoreFrom": {"generation": 1, "targetTime": "2027-03-01T08:00:00Z"}}
    values = country.values("data", postgres={"databases": {"payroll": restored}})

    country.releases.upgrade(HELM / "data", "data", values)

    assert {name: _identity(country, *name) for name in old} == before
    new = country.api.one("Cluster", "payroll-pg-2", namespace=country.namespace)["spec"]
    assert new["bootstrap"]["recovery"]["recoveryTarget"] == {"targetTime": "2027-03-01T08:00:00Z"}
    archives = [new["externalClusters"][0]["plugin"], new["plugins"][0]]
    assert [each["parameters"]["serverName"] for each in archives] == ["payroll-pg-1", "payroll-pg-2"]
    # The programs go over when they are told to, and not before.
    variables = _variables(country)
    assert variables["DATABASE_URL"]["secretKeyRef"]["name"] == "payroll-pg-1-app"
    services = country.values("services", services={"payroll": {"generation": 2}})
    country.upgrade(merged(services, {"image": {"tag": "0.2.0-restored"}}), wait_seconds=WAIT_SECONDS)
    assert _variables(country)["DATABASE_URL"]["secretKeyRef"]["name"] == "payroll-pg-2-app"
    country.settle()


def _variables(country: Country) -> dict[str, Any]:
    live = country.api.one("Deployment", "payroll-worker", namespace=country.namespace)
    [container] = live["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each.get("valueFrom") for each in container["env"]}


def _identity(country: Country, kind: str, name: str) -> str | None:
    live = country.api.get(kind, name, namespace="" if kind == "Namespace" else country.namespace)
    return live["metadata"]["uid"] if live else None


def _identities(country: Country, objects: list[Object]) -> dict[tuple[str, str], str | None]:
    names = [(each["kind"], each["metadata"]["name"]) for each in objects]
    return {name: _identity(country, *name) for name in names}

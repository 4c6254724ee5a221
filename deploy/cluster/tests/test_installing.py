"""Layers 6 and 7: what is installed gets its pods, and the server has nothing to say against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from deploy.cluster.control_plane import ZONES, ControlPlane
from deploy.cluster.country import Country, is_ready
from deploy.helm.tests import custom_resources
from deploy.helm.tests.rendering import (
    GROUP,
    HELM,
    SERVICES,
    cell,
    countries,
    documents,
    merged,
    render,
    values_of,
)

pytestmark = pytest.mark.cluster

# The first pods of each part, from the profiles of the chart.
LEAST = {"small": {"api": 2, "worker": 1, "gateway": 2}, "large": {"api": 3, "worker": 1, "gateway": 3}}


def test_a_country_that_helm_calls_deployed_serves_and_has_every_object(
    installed: Callable[[str], Country],
) -> None:
    country = installed("at")
    for each in country.deployments():
        assert each["status"]["readyReplicas"] >= 1, each["metadata"]["name"]

    country.settle()
    assert all(map(is_ready, country.pods()))
    assert country.releases.states("services") == country.releases.states("data") == ["deployed"]
    for each in cell("at").objects:
        kind, name = each["kind"], each["metadata"]["name"]
        where = "" if kind == "Namespace" else country.namespace
        assert country.api.get(kind, name, namespace=where), f"{kind} {name}"


def test_nine_countries_stand_side_by_side_and_each_has_all_its_pods_ready(
    installed: Callable[[str], Country],
) -> None:
    found = [installed(code) for code in countries()]
    assert len(found) >= 9
    for country in found:
        country.settle()
    for country in found:
        least = LEAST[country.values("services").get("profile", "small")]
        for service in SERVICES:
            own = country.values("services").get("services", {}).get(service, {}).get("profile")
            for part in ("api", "worker"):
                due = LEAST[own][part] if own else least[part]
                ready = [pod for pod in country.pods(name=service, component=part) if is_ready(pod)]
                assert len(ready) == due, f"{country.code}: {service} {part}"
        assert len(country.pods(name="gateway")) == least["gateway"]


def test_an_autoscaler_without_any_metric_holds_its_minimum_and_no_chart_says_replicas(
    installed: Callable[[str], Country],
) -> None:
    country = installed("be")
    country.settle()
    assert all("replicas" not in each["spec"] for each in cell("be").of("Deployment"))
    scaled = {
        each["metadata"]["name"]: each
        for each in country.api.list("HorizontalPodAutoscaler", namespace=country.namespace)
    }
    assert sorted(scaled) == sorted([*(f"{service}-api" for service in SERVICES), "gateway"])
    for name, each in scaled.items():
        assert each["status"]["currentReplicas"] == each["spec"]["minReplicas"] == 3
        assert country.api.one("Deployment", name, namespace=country.namespace)["spec"]["replicas"] == 3


def test_three_pods_of_a_service_stand_in_three_zones(installed: Callable[[str], Country]) -> None:
    country = installed("be")
    country.settle()
    for service in SERVICES:
        nodes = [pod["spec"]["nodeName"] for pod in country.pods(name=service, component="api")]
        zones = Counter(
            country.api.one("Node", node)["metadata"]["labels"]["topology.kubernetes.io/zone"]
            for node in nodes
        )
        assert zones == dict.fromkeys(ZONES, 1), f"{service}: {zones}"


@pytest.mark.parametrize(
    ("code", "environment"), [("be", "production"), ("hu", "production"), ("at", "staging")]
)
def test_the_server_takes_every_object_and_warns_of_none(
    plane: ControlPlane, empty: str, code: str, environment: str
) -> None:
    seen = 0
    for each in cell(code, environment).objects:
        if each["kind"] == "Namespace":
            continue
        answer = plane.api.create(each, namespace=empty, dry_run=True)
        assert (answer.says, answer.warnings) == ("", ()), f"{each['kind']} {each['metadata']['name']}"
        seen += 1
    assert seen >= 100


def test_the_server_takes_the_group_and_a_worker_that_is_shared_out(plane: ControlPlane, empty: str) -> None:
    apart = merged(values_of("services", "be", "production"), {"services": {"payroll": {"apart": True}}})
    shared_out = [
        each for each in render("services", "be", apart) if each["metadata"]["name"] == "payroll-tasks"
    ]
    assert {each["kind"] for each in shared_out} == {"Deployment", "HorizontalPodAutoscaler"}
    group = render("services", GROUP, values_of("services", GROUP, "production"))
    assert {each["kind"] for each in group} == {"HTTPRoute", "ConfigMap"}
    for each in [*shared_out, *group]:
        answer = plane.api.create(each, namespace=empty, dry_run=True)
        assert (answer.says, answer.warnings) == ("", ()), f"{each['kind']} {each['metadata']['name']}"


def test_the_server_says_of_good_and_of_wrong_resources_what_was_written_down(
    plane: ControlPlane, empty: str
) -> None:
    own = custom_resources.DEFINITIONS / "own"
    accepted, refused = (documents((own / name).read_text()) for name in ("accepted.yaml", "refused.yaml"))
    assert (len(accepted), len(refused)) == (38, 38)
    for each in accepted:
        assert plane.api.create(each, namespace=empty, dry_run=True).says == "", each["kind"]
    for each in refused:
        answer = plane.api.create(each["resource"], namespace=empty, dry_run=True)
        assert each["expect"] in answer.says, each["what"]


def test_the_server_takes_the_waves_of_argo_cd(plane: ControlPlane, empty: str) -> None:
    found = documents((HELM / "argocd" / "applicationset.yaml").read_text())
    assert len(found) == 2
    for each in found:
        answer = plane.api.create(
            each | {"metadata": each["metadata"] | {"namespace": empty}}, namespace=empty, dry_run=True
        )
        assert (answer.says, answer.warnings) == ("", ())

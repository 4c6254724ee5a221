"""The group: a door over all countries that leads to each country's own gateway, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.helm.tests import custom_resources, objects
from deploy.helm.tests.engine import Refused
from deploy.helm.tests.meaning import of, references_resolve, routes_find_services
from deploy.helm.tests.rendering import (
    ENVIRONMENTS,
    GROUP,
    HELM,
    Object,
    cell,
    countries,
    merged,
    namespace_of,
    read,
    render,
    values_of,
)
from gateway.countries import Asked, check_named_country
from gateway.errors import RequestRefused

pytestmark = [pytest.mark.xdist_group("charts"), pytest.mark.layer(2)]


def group(environment: str = "production", **over: Any) -> list[Object]:
    return render("services", GROUP, merged(values_of("services", GROUP, environment), over))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_it_owns_a_route_and_dashboards_and_runs_nothing(environment: str) -> None:
    found = group(environment)
    assert {each["kind"] for each in found} == {"HTTPRoute", "ConfigMap"}
    assert len(of(found, "HTTPRoute")) == 1
    assert len(of(found, "ConfigMap")) == len(list((HELM / "services/files/dashboards").glob("*.json")))
    for each in found:
        assert "partage/country" not in each["metadata"]["labels"]
        assert (objects.faults(each) if objects.is_core(each) else []) == []
        if not objects.is_core(each) and custom_resources.DEFINITIONS.is_dir():
            assert custom_resources.faults(each) == []
    assert [*references_resolve(found), *routes_find_services(found)] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_country_is_behind_it_and_grants_it(environment: str) -> None:
    [route] = of(group(environment), "HTTPRoute")
    led = {rule["matches"][0]["path"]["value"]: rule["backendRefs"][0] for rule in route["spec"]["rules"]}
    assert set(led) == {f"/c/{country}/graphql" for country in countries()}
    for country in countries():
        backend, there = led[f"/c/{country}/graphql"], cell(country, environment)
        assert backend["namespace"] == namespace_of(country) == there.namespace
        service = there.one("Service", backend["name"])
        assert backend["port"] in [port["port"] for port in service["spec"]["ports"]]
        # A route may lead into another namespace only where that one grants it.
        [grant] = there.of("ReferenceGrant")
        assert grant["spec"]["from"] == [
            {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": namespace_of(GROUP)}
        ]
        assert {"group": "", "kind": "Service", "name": backend["name"]} in grant["spec"]["to"]


def test_a_country_s_gateway_takes_what_the_door_leads_to_it_and_refuses_another_s() -> None:
    [route] = of(group(), "HTTPRoute")
    [host] = route["spec"]["hostnames"]
    for country in countries():
        check_named_country(country.upper(), Asked(host, country, None))
        other = "fr" if country != "fr" else "be"
        with pytest.raises(RequestRefused):
            check_named_country(country.upper(), Asked(host, other, None))


def test_its_host_is_nobody_s_and_staging_has_one_of_its_own() -> None:
    hosts = [of(group(environment), "HTTPRoute")[0]["spec"]["hostnames"] for environment in ENVIRONMENTS]
    assert hosts == [["api.staging.coop.example"], ["api.coop.example"]]
    assert hosts[1][0].split(".")[0] not in countries()


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"country": "be"}, "The group has no country, but country is be"),
        ({"cells": []}, "The group has no cells"),
        ({"host": ""}, "host is not set"),
    ],
    ids=["a country", "no cell", "no host"],
)
def test_what_is_no_group_is_refused_in_a_sentence(over: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        group(**over)
    with pytest.raises(Refused, match="cells is for mode: group alone"):
        render("services", "be", values_of("services", "be", "production") | {"cells": ["fr"]})


def test_the_folder_is_tiny_and_repeats_no_default() -> None:
    own = read(HELM / "countries" / GROUP / "services.yaml")
    defaults = read(HELM / "services" / "values.yaml")
    assert not (HELM / "countries" / GROUP / "data.yaml").exists(), "it keeps nothing"
    assert own["mode"] == GROUP
    for name, value in own.items():
        assert defaults[name] != value, name
    assert sorted(own["cells"]) == list(countries())

"""Layers 6 and 7: what is installed in a cluster gets pods, and they are ready."""

from __future__ import annotations

import pytest

from deploy.cluster.control_plane import ControlPlane
from deploy.cluster.country import Country, is_ready
from deploy.helm.tests.rendering import SERVICES, cell

pytestmark = pytest.mark.cluster


def test_a_country_that_is_installed_has_all_its_pods_ready(plane: ControlPlane) -> None:
    country = Country(plane, "at")
    country.prepare()
    country.install("data")
    country.install("services", wait_seconds=200)
    country.settle()

    for each in cell("at").objects:
        assert plane.api.get(each["kind"], each["metadata"]["name"], namespace=country.namespace), each
    for service in SERVICES:
        assert len(country.pods(name=service, component="api")) == 2
        assert len(country.pods(name=service, component="worker")) == 1
    assert all(map(is_ready, country.pods()))
    assert country.releases.states("services") == ["deployed"]

"""Layers 3, 4 and 5 on every country: meaning, core objects, custom resources."""

from __future__ import annotations

import dataclasses
import importlib
import re
from typing import Any, Final

import pytest

from commons.settings import Settings
from deploy.helm.tests import custom_resources, objects
from deploy.helm.tests.agreement import (
    CONTROL,
    topics_read,
    topics_written,
    with_the_code,
    with_the_law,
)
from deploy.helm.tests.meaning import CHECKS, all_fits_the_quota, complaints, of, pod_of
from deploy.helm.tests.rendering import (
    GROUP,
    HELM,
    ROOT,
    SERVICES,
    cell,
    cells,
    countries,
    documents,
    merged,
    read,
    render,
    values_of,
)
from gateway.config import read_settings

pytestmark = pytest.mark.xdist_group("charts")

# Read by the drivers and libraries themselves, not by our settings.
BY_LIBRARIES: Final = {"MALLOC_ARENA_MAX", "OTEL_RESOURCE_ATTRIBUTES", "PGSSLMODE", "PGSSLROOTCERT"}

needs_definitions = pytest.mark.skipif(
    not custom_resources.DEFINITIONS.is_dir(), reason="layer 5: not run, the definitions are not here"
)


# ── layer 3 ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.layer(3)
def test_every_check_holds_in_every_country() -> None:
    assert len(CHECKS) >= 30
    said = {f"{each.country} {each.environment}": complaints(each.objects) for each in cells()}
    assert said == {place: [] for place in said}
    assert len(said) == len(countries()) * 2


@pytest.mark.layer(3)
def test_the_topology_is_what_the_code_reads_and_writes() -> None:
    values = read(HELM / "topology.yaml")
    assert set(values["topology"]["services"]) == set(SERVICES)
    assert list(with_the_code(values)) == []
    for service in SERVICES:
        assert CONTROL in topics_read(service)
        assert topics_written(service)


@pytest.mark.layer(3)
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("part", ["api", "worker", "migrate"])
def test_a_program_gets_the_variables_that_it_reads_and_no_others(service: str, part: str) -> None:
    settings: type[Settings] = importlib.import_module(f"{service}.app").SERVICE.settings
    fields = {field.name.upper(): field for field in dataclasses.fields(settings)}
    given = _environment(service, part)
    assert set(given) - BY_LIBRARIES <= set(fields), "variables that nobody reads"
    needed = {
        name
        for name, field in fields.items()
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    assert needed <= set(given), "variables without which the program does not start"
    # What the chart writes out passes the program's own check; secrets are put in by the cluster.
    made = {name: value or "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" for name, value in given.items()}
    read_back = settings.from_environment(made)
    assert read_back.is_production
    assert read_back.http_host == "0.0.0.0"  # noqa: S104 - inside a pod
    container = _containers(service, part)[0]
    if part != "migrate":
        assert read_back.http_port == container["ports"][0]["containerPort"]


@pytest.mark.layer(3)
@pytest.mark.parametrize("service", SERVICES)
def test_a_command_is_one_that_the_program_knows(service: str) -> None:
    for part in ("api", "worker", "migrate"):
        container = _containers(service, part)[0]
        assert container["command"] == ["python", "-m", service]
        assert container["args"] == [part]
    text = (ROOT / "services" / service / service / "__main__.py").read_text()
    for part in ("api", "worker", "migrate"):
        assert re.search(rf"\b{part}\b", text)


@pytest.mark.layer(3)
def test_a_worker_that_is_shared_out_does_every_part_once_and_scales_where_it_consumes() -> None:
    from commons.worker import PARTS

    values = merged(values_of("services", "be", "production"), {"services": {"payroll": {"apart": True}}})
    objects = render("services", "be", values)
    whole = {each["metadata"]["name"] for each in of(cell("be").services, "Deployment")}
    apart = {each["metadata"]["name"]: each for each in of(objects, "Deployment")}
    assert set(apart) - whole == {"payroll-tasks"}
    given = {}
    for name in ("payroll-worker", "payroll-tasks"):
        pod = pod_of(apart[name])
        assert pod is not None
        program, flag, parts = pod["containers"][0]["args"]
        assert (program, flag) == ("worker", "--parts")
        given[name] = parts.split(",")
    assert sorted([*given["payroll-worker"], *given["payroll-tasks"]]) == sorted(PARTS)
    assert "consume" in given["payroll-worker"], "the lag of what it consumes is what it scales by"
    assert [
        each["metadata"]["name"]
        for each in of(objects, "ScaledObject")
        if "payroll" in each["metadata"]["name"]
    ] == ["payroll-worker"]
    selectors = [apart[name]["spec"]["selector"]["matchLabels"] for name in given]
    assert selectors[0] != selectors[1], "each has pods of its own"
    [world] = [each for each in of(objects, "NetworkPolicy") if each["metadata"]["name"] == "payroll-worker"]
    [expression] = world["spec"]["podSelector"]["matchExpressions"]
    assert set(expression["values"]) == {"worker", "tasks"}, "the bank is reached by the part that pays"
    assert complaints([*cell("be").data, *objects]) == []


@pytest.mark.layer(3)
def test_the_gateway_reads_what_it_is_given() -> None:
    given = {str(name): str(value) for name, value in cell("be").one("ConfigMap", "gateway")["data"].items()}
    settings = read_settings(given)
    assert settings.country == "BE"
    assert not settings.is_local
    assert not settings.is_edge
    assert settings.services == {name: f"http://{name}/graphql" for name in SERVICES}
    text = "\n".join(path.read_text() for path in (ROOT / "gateway" / "gateway").glob("*.py"))
    for name in set(given) - BY_LIBRARIES - {f"{service.upper()}_URL" for service in SERVICES}:
        assert f'"{name}"' in text, f"the gateway does not read {name}"


@pytest.mark.layer(3)
def test_probe_paths_are_paths_of_the_programs() -> None:
    served = set(re.findall(r'"(/[a-z]+z|/metrics)"', (ROOT / "shared/commons/health.py").read_text()))
    of_the_gateway = set(re.findall(r'"(/[a-z]+z|/metrics)"', (ROOT / "gateway/gateway/app.py").read_text()))
    found = 0
    for each in of(cell("be").services, "Deployment"):
        for one in each["spec"]["template"]["spec"]["containers"]:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                path = one[probe]["httpGet"]["path"]
                assert path in (of_the_gateway if each["metadata"]["name"] == "gateway" else served)
                found += 1
    assert found == 3 * (2 * len(SERVICES) + 1)


@pytest.mark.layer(3)
def test_backups_stay_in_regions_that_the_country_allows() -> None:
    for country in countries():
        assert list(with_the_law(country, values_of("data", country, "production"))) == []


@pytest.mark.layer(3)
@pytest.mark.parametrize("country", countries())
def test_a_restored_database_has_room_beside_the_one_that_stays(country: str) -> None:
    back = {"generation": 2, "restoreFrom": {"generation": 1, "targetTime": "2027-03-01T08:00:00Z"}}
    before = cell(country)
    values = merged(values_of("data", country, "production"), {"postgres": {"databases": {"payroll": back}}})
    after = [*render("data", country, values), before.one("Cluster", "payroll-pg-1"), *before.services]
    assert len(of(after, "Cluster")) == len(SERVICES) + 1
    assert list(all_fits_the_quota(after)) == []


@pytest.mark.layer(3)
def test_a_program_has_time_to_finish_before_it_is_killed() -> None:
    from commons.api import SHUTDOWN_SECONDS_MAX
    from commons.worker import DRAIN_SECONDS_MAX

    for each in of(cell("be").services, "Deployment"):
        pod = pod_of(each)
        assert pod is not None
        waits = (
            pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        )
        is_worker = each["metadata"]["name"].endswith("-worker")
        finishing = DRAIN_SECONDS_MAX if is_worker else SHUTDOWN_SECONDS_MAX
        assert pod["terminationGracePeriodSeconds"] >= waits + finishing + 10
        rolling = each["spec"]["strategy"]["rollingUpdate"]
        assert rolling == (
            {"maxUnavailable": 1, "maxSurge": 0} if is_worker else {"maxUnavailable": 0, "maxSurge": 1}
        )


@pytest.mark.layer(3)
def test_the_migration_of_a_release_has_a_name_of_its_own() -> None:
    jobs = of(cell("be").services, "Job")
    assert len(jobs) == len(SERVICES)
    for each in jobs:
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", each["metadata"]["name"])
        assert each["metadata"]["name"].endswith("-migrate-0-1-0-a868b3b")


# ── layer 4 ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.layer(4)
def test_every_core_object_keeps_to_the_schemas_of_kubernetes() -> None:
    seen = 0
    # The two profiles, and the release whose objects differ from theirs most.
    for country in ("be", "at", "hu"):
        for each in filter(objects.is_core, cell(country).objects):
            assert objects.faults(each) == []
            seen += 1
    assert seen >= 3 * 65, "it exits well having checked nothing"


# ── layer 5 ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.layer(5)
@needs_definitions
def test_every_custom_resource_keeps_to_its_operator_s_definition() -> None:
    seen = 0
    for each in cells():
        for one in each.objects:
            if not objects.is_core(one):
                assert custom_resources.faults(one) == [], (
                    f"{each.country}: {one['kind']} {one['metadata']['name']}"
                )
                seen += 1
    assert seen >= 40 * 2 * len(countries())


@pytest.mark.layer(5)
@needs_definitions
def test_the_verdict_is_that_of_a_real_server_on_good_and_on_wrong_resources() -> None:
    accepted = documents((custom_resources.DEFINITIONS / "own" / "accepted.yaml").read_text())
    refused = documents((custom_resources.DEFINITIONS / "own" / "refused.yaml").read_text())
    assert (len(accepted), len(refused)) == (38, 38)
    for each in accepted:
        assert custom_resources.faults(each) == [], each["kind"]
    assert [each["what"] for each in refused if not custom_resources.faults(each["resource"])] == []


@pytest.mark.layer(5)
@needs_definitions
def test_the_waves_of_argo_cd_know_every_country_and_both_charts() -> None:
    found = documents((HELM / "argocd" / "applicationset.yaml").read_text())
    assert [each["metadata"]["name"] for each in found] == ["data", "services"]
    for each in found:
        assert custom_resources.faults(each) == []
        steps = [step["matchExpressions"][0] for step in each["spec"]["strategy"]["rollingSync"]["steps"]]
        named = [country for step in steps if step["operator"] == "In" for country in step["values"]]
        assert len(named) == len(set(named))
        assert set(named) <= set(countries())
        assert sorted(steps[-1]["values"]) == sorted(named)
        assert steps[-1]["operator"] == "NotIn"
        # What is deployed is what has a file here, and each finds its values.
        [files] = each["spec"]["generators"][0]["git"]["files"]
        folders = [path.parent.name for path in sorted(ROOT.glob(files["path"]))]
        wanted = {*countries()} | ({GROUP} if each["metadata"]["name"] == "services" else set())
        assert set(folders) == wanted
        for path in each["spec"]["template"]["spec"]["source"]["helm"]["valueFiles"]:
            for folder in folders:
                file = HELM / each["metadata"]["name"] / path.replace("{{.path.basename}}", folder)
                assert file.is_file() or file.name == "release.yaml", file


def _containers(service: str, part: str) -> list[dict[str, Any]]:
    name = {"migrate": f"{service}-migrate-0-1-0-a868b3b"}.get(part, f"{service}-{part}")
    pod = pod_of(cell("be").one("Job" if part == "migrate" else "Deployment", name))
    assert pod is not None
    found: list[dict[str, Any]] = pod["containers"]
    return found


def _environment(service: str, part: str) -> dict[str, str | None]:
    """What a program finds: texts, and None for what a secret brings."""
    container = _containers(service, part)[0]
    found: dict[str, str | None] = {}
    for source in container["envFrom"]:
        found |= cell("be").one("ConfigMap", source["configMapRef"]["name"])["data"]
    for variable in container["env"]:
        found[variable["name"]] = variable.get("value")
    return found

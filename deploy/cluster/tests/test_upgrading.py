"""Layer 7: what an upgrade does to the pods that serve, and what stops it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from deploy.cluster.api import until
from deploy.cluster.control_plane import Said
from deploy.cluster.country import WAIT_SECONDS, Country, is_ready, tag_of
from deploy.helm.tests.engine import Refused
from deploy.helm.tests.rendering import HELM, SERVICES, Object, countries, render

pytestmark = pytest.mark.cluster

UNREADY_SECONDS = 30


def test_an_upgrade_replaces_every_pod_and_never_serves_with_fewer_than_before(
    installed: Callable[[str], Country],
) -> None:
    country = installed("nl")
    country.settle()
    before = {pod["metadata"]["uid"] for pod in country.pods()}
    jobs = _jobs(country)

    country.upgrade(country.of_tag("0.2.0-b1"))

    fewest = 9

    def is_replaced() -> bool:
        nonlocal fewest
        fewest = min(fewest, *(_ready(country, service) for service in SERVICES))
        return not country.unsettled()

    until("the upgrade is through", is_replaced, seconds=WAIT_SECONDS)
    assert fewest == 2, "pods that served, of the service with the fewest"
    assert not before & {pod["metadata"]["uid"] for pod in country.pods()}
    assert {tag_of(pod) for pod in country.pods()} == {"0.2.0-b1"}
    # A Job cannot be changed: the release brought its own, and took those of the one before away.
    assert len(_jobs(country)) == len(SERVICES)
    assert not _jobs(country) & jobs
    assert country.releases.states("services") == ["superseded", "deployed"]


def test_a_release_that_never_becomes_ready_leaves_the_old_pods_serving(
    installed: Callable[[str], Country], tmp_path: Path
) -> None:
    country = installed("se")
    country.settle()
    good = {tag_of(pod) for pod in country.pods()}
    chart = _whose_pods_stay_unready(tmp_path)

    with pytest.raises(Refused, match=r"not ready|timed out|deadline"):
        country.upgrade(country.of_tag("0.2.0-bad"), folder=chart, wait_seconds=UNREADY_SECONDS)

    assert country.releases.states("services") == ["deployed", "failed"]
    for service in SERVICES:
        pods = country.pods(name=service, component="api")
        assert {tag_of(pod) for pod in pods if is_ready(pod)} == good
        assert len([pod for pod in pods if is_ready(pod)]) == 2, f"{service} serves as before"
        assert [tag_of(pod) for pod in pods if not is_ready(pod)] == ["0.2.0-bad"], (
            "one waits; the rollout stands"
        )
        # A consumer must not be two at once, so its only pod went first: events wait in Kafka until it is back.
        assert not any(map(is_ready, country.pods(name=service, component="worker")))

    country.upgrade(country.of_tag("0.2.1-good"), wait_seconds=WAIT_SECONDS)
    country.settle()
    assert {tag_of(pod) for pod in country.pods()} == {"0.2.1-good"}


def test_a_release_that_never_becomes_ready_is_taken_back_where_the_pipeline_asks_for_it(
    installed: Callable[[str], Country], tmp_path: Path
) -> None:
    country = installed("se")
    country.settle()
    good = {tag_of(pod) for pod in country.pods()}
    chart = _whose_pods_stay_unready(tmp_path)

    with pytest.raises(Refused):
        country.releases.upgrade(
            chart,
            "services",
            country.of_tag("0.2.2-bad"),
            wait_seconds=UNREADY_SECONDS,
            rollback_on_failure=True,
        )

    country.settle()
    assert {tag_of(pod) for pod in country.pods()} == good
    assert country.releases.states("services")[-2:] == ["failed", "deployed"]


def test_a_migration_that_fails_leaves_the_old_pods_serving_and_the_upgrade_stops_naming_it(
    installed: Callable[[str], Country], tmp_path: Path
) -> None:
    country = installed("se")
    country.settle()
    before = _ready_names(country, "payroll")
    job = "payroll-migrate-0-2-3-bad"

    with pytest.raises(Refused) as refused:
        country.upgrade(
            country.of_tag("0.2.3-bad"),
            folder=_whose_migration_fails(tmp_path, "payroll"),
            wait_seconds=UNREADY_SECONDS,
        )

    assert f"Job/{country.namespace}/{job} not ready" in str(refused.value)
    assert country.releases.states("services")[-1] == "failed"
    until(
        "its pod has failed",
        lambda: country.api.one("Job", job, namespace=country.namespace)["status"].get("failed"),
    )
    assert _ready_names(country, "payroll") == before, "the very pods of before serve"
    # Of the new ones an api waits beside them, and the worker, whose old one went first.
    for part in ("api", "worker"):
        waiting = [pod for pod in country.pods(name="payroll", component=part) if not is_ready(pod)]
        assert [tag_of(pod) for pod in waiting] == ["0.2.3-bad"], part

    # Helm compares with the last release that went well: the Job would be left, and would go on trying.
    assert country.plane.kubectl("-n", country.namespace, "delete", "job", job).returncode == 0
    country.upgrade(country.of_tag("0.2.4-good"), wait_seconds=WAIT_SECONDS)
    country.settle()
    assert {tag_of(pod) for pod in country.pods()} == {"0.2.4-good"}
    assert job not in _jobs(country)


def test_a_change_by_hand_stops_the_upgrade_which_names_the_field_and_who_holds_it(
    installed: Callable[[str], Country],
) -> None:
    country = installed("it")
    country.settle()
    by_hand = {"containers": [{"name": "api", "image": "registry.example/partage/payroll:hot-fix"}]}
    answer = country.api.patch(
        "Deployment",
        "payroll-api",
        {"spec": {"template": {"spec": by_hand}}},
        namespace=country.namespace,
        manager="kubectl-set",
    )
    assert not answer.is_refused
    next_one = country.of_tag("0.2.0-b1")
    objects = render("services", country.code, next_one)

    # The pipeline's first step: it changes nothing, and foresees it.
    foreseen = _foresee(country, objects)
    assert foreseen.returncode == 1
    field = '.spec.template.spec.containers[name="api"].image'
    for word in ('conflict with "kubectl-set"', field):
        assert word in foreseen.stderr
    assert {tag_of(pod) for pod in country.pods(name="members")} == {
        country.values("services")["image"]["tag"]
    }

    with pytest.raises(Refused) as refused:
        country.upgrade(next_one)
    for word in ("payroll-api", 'conflict with "kubectl-set"', field):
        assert word in str(refused.value)
    # A refused upgrade is half done, which is why migrations only expand.
    tags = {tag_of(each["spec"]["template"]) for each in country.deployments()}
    assert tags >= {"0.2.0-b1", "hot-fix"}
    assert country.releases.states("services")[-1] == "failed"

    # Overridden on purpose, the same upgrade passes, and the field is Helm's again.
    country.upgrade(next_one, wait_seconds=WAIT_SECONDS, force_conflicts=True)
    country.settle()
    assert {tag_of(pod) for pod in country.pods()} == {"0.2.0-b1"}
    assert country.releases.states("services")[-1] == "deployed"
    live = country.api.one("Deployment", "payroll-api", namespace=country.namespace)
    assert "kubectl-set" not in {each["manager"] for each in live["metadata"]["managedFields"]}
    assert _foresee(country, objects).returncode == 0


def test_a_deployment_that_was_scaled_by_hand_keeps_its_size_in_the_next_upgrade(
    installed: Callable[[str], Country],
) -> None:
    country = installed("es")
    country.settle()
    said = country.plane.kubectl("-n", country.namespace, "scale", "deployment/payroll-api", "--replicas=4")
    assert said.returncode == 0, said.stderr
    country.settle()

    country.upgrade(country.of_tag("0.2.0-b1"), wait_seconds=WAIT_SECONDS)

    country.settle()
    assert _ready(country, "payroll") == 4
    assert (
        _ready(country, "members")
        == country.api.one("HorizontalPodAutoscaler", "members-api", namespace=country.namespace)["spec"][
            "minReplicas"
        ]
    )


def test_another_job_under_the_same_tag_is_refused_since_a_job_cannot_be_changed(
    installed: Callable[[str], Country],
) -> None:
    country = installed("hu")
    country.settle()
    moved = country.values("services", image={"registry": "elsewhere.example/partage"})
    with pytest.raises(Refused, match="field is immutable"):
        country.upgrade(moved)
    country.upgrade(
        country.of_tag("0.1.1", image={"registry": "elsewhere.example/partage"}), wait_seconds=WAIT_SECONDS
    )
    country.settle()


def test_nine_countries_are_upgraded_one_after_the_other_and_each_is_waited_for(
    installed: Callable[[str], Country],
) -> None:
    found = [installed(code) for code in countries()]
    for country in found:
        country.upgrade(country.of_tag("0.3.0"), wait_seconds=WAIT_SECONDS)
        country.settle()
        assert {tag_of(pod) for pod in country.pods()} == {"0.3.0"}
        # A release that failed leaves its Jobs to whoever repairs it; of one that was good none stays.
        assert len({name for name in _jobs(country) if not name.endswith("-bad")}) == len(SERVICES)


def _whose_pods_stay_unready(folder: Path) -> Path:
    """The chart, with the mark that the stand-in understands on each pod of a program."""
    chart = folder / "services"
    shutil.copytree(HELM / "services", chart)
    for name in ("api", "worker", "gateway"):
        path = chart / "templates" / f"{name}.yaml"
        text = path.read_text()
        assert text.count("        partage/config:") == 1
        path.write_text(
            text.replace("        partage/config:", "        test/outcome: unready\n        partage/config:")
        )
    return chart


def _whose_migration_fails(folder: Path, service: str) -> Path:
    """The chart, with the marks that the stand-in understands: the Job fails, and the pods that need it are unready."""
    chart = folder / "services"
    shutil.copytree(HELM / "services", chart)
    marks = {
        "migrate": ("    spec:\n", "annotations: {test/outcome: fails}", "      "),
        "api": ("        partage/config:", "test/outcome: unready", "        "),
        "worker": ("        partage/config:", "test/outcome: unready", "        "),
    }
    for name, (before, mark, indent) in marks.items():
        path = chart / "templates" / f"{name}.yaml"
        text = path.read_text()
        assert text.count(before) == 1
        marked = f'{indent}{{{{- if eq $service "{service}" }}}}\n{indent}{mark}\n{indent}{{{{- end }}}}\n'
        path.write_text(text.replace(before, marked + before))
    return chart


def _ready_names(country: Country, service: str) -> set[str]:
    pods = country.pods(name=service, component="api")
    return {pod["metadata"]["name"] for pod in pods if is_ready(pod)}


def _ready(country: Country, service: str) -> int:
    return len([pod for pod in country.pods(name=service, component="api") if is_ready(pod)])


def _jobs(country: Country) -> set[str]:
    return {each["metadata"]["name"] for each in country.api.list("Job", namespace=country.namespace)}


def _foresee(country: Country, objects: list[Object]) -> Said:
    """As the README says, under the name that the release was made with."""
    manager = f"--field-manager={country.helms_name}"
    asked = ("-n", country.namespace, "apply", "--server-side", "--dry-run=server", manager, "-f", "-")
    return country.plane.kubectl(*asked, given=yaml.safe_dump_all(objects))

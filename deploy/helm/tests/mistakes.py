"""Mistakes planted on purpose, and the layers that catch each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from deploy.helm.tests import custom_resources, objects
from deploy.helm.tests.agreement import with_the_code, with_the_law
from deploy.helm.tests.engine import Chart, Refused
from deploy.helm.tests.meaning import complaints
from deploy.helm.tests.rendering import HELM, Object, cell, namespace_of, render, values_of


@dataclass(frozen=True, slots=True)
class InValues:
    """A wrong value: `path` is set to `value` in the values of Belgium in production. `says` is in the refusal."""

    what: str
    chart: str
    path: str
    value: Any
    says: str
    layer: int


@dataclass(frozen=True, slots=True)
class InAgreement:
    """A value that no chart can find wrong, and that code or law contradict: a sentence of layer 3 `says` so."""

    what: str
    chart: str
    path: str
    value: Any
    says: str


@dataclass(frozen=True, slots=True)
class InObjects:
    """A fault of a template: `plant` changes an object of that kind and name. `layers` catch it.

    `server` is what a real API server does with it. `says` are the cluster's words, where layer 6 or 7 catches it:
    6 in the refusal of a change to what is there already, 7 in what becomes of the pods of a Deployment that was taken.
    """

    what: str
    kind: str
    name: str
    plant: Callable[[Any], object]
    layers: tuple[int, ...]
    server: Literal["refuses", "warns", "takes"] = "refuses"
    says: str = ""


def _box(each: Any) -> Any:
    return each["spec"]["template"]["spec"]["containers"][0]


def _select_anew(each: Any) -> None:
    for labels in (each["spec"]["selector"]["matchLabels"], each["spec"]["template"]["metadata"]["labels"]):
        labels["app.kubernetes.io/name"] = "pay"


VALUES: Final[Sequence[InValues]] = (
    InValues("a mistyped name, three levels down", "services", "profiles.small.api.memroy", "1Gi", "memroy", 1),
    InValues("an unknown service", "services", "services.payrol", {}, "payrol", 1),
    InValues("a secret in values", "services", "services.payroll.dataKey", "c2VjcmV0", "dataKey", 1),
    InValues("replicas", "services", "services.payroll.replicas", 2, "replicas", 1),
    InValues("a limit without a unit", "services", "profiles.large.api.memory", "384mb", "memory", 1),
    InValues("no limit of memory", "services", "profiles.large.api", {"memory": None}, "memory", 1),
    InValues("a country of three letters", "services", "country", "bel", "country", 1),
    InValues("a schedule of five fields", "data", "backup.schedule", "0 2 * * *", "schedule", 1),
    InValues("a schedule of four fields", "data", "backup.schedule", "0 2 * *", "schedule", 1),
    InValues("a database image by its tag alone", "data", "postgres.image", "registry.example/postgresql:18", "image", 1),
    InValues("the tag latest", "services", "image.tag", "latest", "which names no build", 2),
    InValues("no tag", "services", "image.tag", "", "image.tag is not set", 2),
    InValues("no digest in production", "services", "image.digests", {}, "is not set: production runs images by digest", 2),
    InValues("programs in the namespace of another country", "services", "country", "fr", "belong into the namespace coop-fr", 2),
    InValues("the host of another country", "services", "host", "fr.coop.example", "belongs to another country", 2),
    InValues("a topic that nobody publishes", "services", "topology.services.payroll.consumes", ["invoices.v1"], "which no service publishes", 2),
    InValues("a topic of another's name", "data", "topology.services.payroll.publishes", ["payroll.v1", "wages.v1"], "topics of its own name alone", 2),
    InValues("fewer partitions than consumers", "services", "topology.partitions", 4, "would have nothing to do", 2),
    InValues("partitions lowered", "data", "topology.partitions", 3, "cannot take partitions away", 2),
    InValues("the least above the most", "services", "profiles.large.api.min", 9, "min 9 is above max 8", 2),
    InValues("data in the namespace of another country", "data", "country", "fr", "belongs into the namespace coop-fr", 2),
    InValues("the bucket of another country", "data", "backup.destination", "s3://coop-fr-backups", "belongs to another country", 2),
    InValues("no bucket", "data", "backup.destination", "", "wages without a backup", 2),
    InValues("restore onto an archive that is not empty", "data", "postgres.databases.payroll", {"generation": 2, "restoreFrom": {"generation": 2, "targetTime": "2027-03-01T08:00:00Z"}}, "whose archive is not empty", 2),
    InValues("a new generation of nothing", "data", "postgres.databases.payroll", {"generation": 2}, "it would begin empty", 2),
    InValues("one instance in production", "data", "postgres.databases.payroll", {"instances": 1}, "would take the wages with it", 2),
    InValues("a quota below what databases ask for", "data", "profiles.large.quota.cpu", "4", "is too small", 2),
    InValues("a quota below what databases keep", "data", "profiles.large.quota.storage", "1Ti", "storage is too small", 2),
    InValues("a quota below the pods of the databases", "data", "profiles.large.quota.pods", 12, "12 pods is too small", 2),
    InValues("topics kept for a week", "data", "kafka.retentionDays", 7, "must find 14 days", 2),
)  # fmt: skip

AGREEMENTS: Final[Sequence[InAgreement]] = (
    InAgreement("a topic that the code does not read", "services", "topology.services.payroll.consumes", ["guarantee.v1", "invoicing.v1", "members.v1"], "payroll would be granted members.v1, which its code does not read"),
    InAgreement("a topic that the code reads, left out", "services", "topology.services.payroll.consumes", ["guarantee.v1"], "payroll reads invoicing.v1, which is not among what it consumes"),
    InAgreement("a topic that the code does not write", "data", "topology.services.payroll.publishes", ["payroll.v1", "payroll.v2"], "payroll would be granted payroll.v2, which its code does not write"),
    InAgreement("backups outside the law's regions", "data", "backup.region", "us-east", "the backups of be may lie in eu-west, and not in us-east"),
)  # fmt: skip

OBJECTS: Final[Sequence[InObjects]] = (
    InObjects("an unknown field", "Deployment", "payroll-api", lambda each: each["spec"].update(strateggy={}), (4,)),
    InObjects("a text for a number", "HorizontalPodAutoscaler", "payroll-api", lambda each: each["spec"].update(minReplicas="x", maxReplicas="y"), (4,)),
    InObjects("the quantity 256mb", "Deployment", "payroll-api", lambda each: _box(each)["resources"]["limits"].update(memory="256mb"), (3,)),
    InObjects("a request above its limit", "Deployment", "payroll-api", lambda each: _box(each)["resources"]["requests"].update(memory="9Gi"), (3,)),
    InObjects("a selector that misses its pods", "Deployment", "payroll-api", lambda each: each["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/name": "pay"}), (3,)),
    InObjects("a mount without a volume", "Deployment", "payroll-api", lambda each: _box(each)["volumeMounts"].append({"name": "cache", "mountPath": "/cache"}), (3,)),
    InObjects("a port name too long", "Deployment", "payroll-api", lambda each: _box(each)["ports"].append({"name": "a-name-far-too-long", "containerPort": 9}), (3,)),
    InObjects("surge 0 and unavailable 0", "Deployment", "payroll-api", lambda each: each["spec"]["strategy"]["rollingUpdate"].update(maxSurge=0), (3,)),
    InObjects("a label too long", "Service", "payroll", lambda each: each["metadata"]["labels"].update(x="y" * 64), (3,)),
    InObjects("an autoscaler with min above max", "HorizontalPodAutoscaler", "payroll-api", lambda each: each["spec"].update(minReplicas=99), (3,)),
    InObjects("a budget that says two things", "PodDisruptionBudget", "payroll-api", lambda each: each["spec"].update(minAvailable=1), (3,)),
    InObjects("port 70000", "Service", "gateway", lambda each: each["spec"]["ports"].append({"name": "x", "port": 70000, "targetPort": "http"}), (3,)),
    InObjects("the protocol DNS", "NetworkPolicy", "partage-default", lambda each: each["spec"]["egress"][0]["ports"].append({"protocol": "DNS", "port": 53}), (3,)),
    InObjects("a variable named A=B", "Deployment", "payroll-api", lambda each: _box(each)["env"].append({"name": "A=B", "value": "1"}), (3,)),
    InObjects("a root container", "Deployment", "payroll-api", lambda each: each["spec"]["template"]["spec"]["securityContext"].update(runAsUser=0), (3, 7), "warns", "violates PodSecurity"),
    InObjects("a probe on a port that does not exist", "Deployment", "payroll-api", lambda each: _box(each)["readinessProbe"]["httpGet"].update(port="web"), (3,), "takes"),
    InObjects("a config map that does not exist", "Deployment", "payroll-api", lambda each: _box(each)["envFrom"][0]["configMapRef"].update(name="pay"), (3,), "takes"),
    InObjects("a key that its secret lacks", "Deployment", "payroll-api", lambda each: _box(each)["env"][1]["valueFrom"]["secretKeyRef"].update(key="key"), (3,), "takes"),
    InObjects("a secret written out", "ConfigMap", "payroll", lambda each: each["data"].update(DATA_KEY="c2VjcmV0"), (3,), "takes"),
    InObjects("replicas beside an autoscaler", "Deployment", "payroll-api", lambda each: each["spec"].update(replicas=1), (3,), "takes"),
    InObjects("a hook", "Job", "payroll-migrate-0-1-0-a868b3b", lambda each: each["metadata"]["annotations"].update({"helm.sh/hook": "pre-upgrade"}), (3,), "takes"),
    InObjects("a scaler on a topic that does not exist", "ScaledObject", "payroll-worker", lambda each: each["spec"]["triggers"][0]["metadata"].update(topic="be.wages.v1"), (3,), "takes"),
    InObjects("more consumers than partitions", "ScaledObject", "payroll-worker", lambda each: each["spec"].update(maxReplicaCount=9), (3,), "takes"),
    InObjects("a scaler with min above max", "ScaledObject", "payroll-worker", lambda each: each["spec"].update(minReplicaCount=9), (5,)),
    InObjects("an operation that Kafka does not know", "KafkaUser", "payroll", lambda each: each["spec"]["authorization"]["acls"][0].update(operations=["Eat"]), (5,)),
    InObjects("an old version of the API", "KafkaTopic", "be.payroll.v1", lambda each: each.update(apiVersion="kafka.strimzi.io/v1beta2"), (5,)),
    InObjects("a path without a slash", "HTTPRoute", "cell", lambda each: each["spec"]["rules"][0]["matches"][0]["path"].update(value="orders"), (5,)),
    InObjects("a database that goes with an uninstall", "Cluster", "payroll-pg-1", lambda each: each["metadata"]["annotations"].pop("helm.sh/resource-policy"), (3,), "takes"),
    InObjects("a quota too small for both charts", "ResourceQuota", "country", lambda each: each["spec"]["hard"].update(pods="20"), (3,), "takes"),
    InObjects("an account that does not exist", "Deployment", "payroll-api", lambda each: each["spec"]["template"]["spec"].update(serviceAccountName="pay"), (3, 7), "takes", 'serviceaccount "pay" not found'),
    InObjects("more memory than a container may have", "Deployment", "payroll-api", lambda each: _box(each)["resources"].update(requests={"memory": "9Gi", "cpu": "1"}, limits={"memory": "9Gi"}), (7,), "takes", "maximum memory usage per Container is 8Gi"),
    InObjects("more processors than any node has", "Deployment", "payroll-api", lambda each: _box(each)["resources"]["requests"].update(cpu="33"), (7,), "takes", "Insufficient cpu"),
    InObjects("a kind of node that does not exist", "Deployment", "payroll-api", lambda each: each["spec"]["template"]["spec"].update(nodeSelector={"disk": "fast"}), (7,), "takes", "didn't match Pod's node affinity/selector"),
    InObjects("another selector than before", "Deployment", "payroll-api", _select_anew, (6,), "takes", "field is immutable"),
    InObjects("another Job under the same tag", "Job", "payroll-migrate-0-1-0-a868b3b", lambda each: _box(each).update(args=["migrate", "--again"]), (6,), "takes", "field is immutable"),
    InObjects("the wrong COUNTRY", "ConfigMap", "payroll", lambda each: each["data"].update(COUNTRY="fr"), (3,), "takes"),
)  # fmt: skip


def refusal(mistake: InValues) -> tuple[int, str]:
    """The layer that refuses the value, and its words. Raises AssertionError where none does."""
    values = _planted(mistake)
    try:
        Chart(HELM / mistake.chart).check(values)
    except Refused as refused:
        return 1, str(refused)
    try:
        render(mistake.chart, "be", values)
    except Refused as refused:
        return 2, str(refused)
    raise AssertionError(f"{mistake.what}: nothing refused it in {namespace_of('be')}")


def planted(mistake: InObjects) -> Object:
    """The faulty object alone."""
    one = copy.deepcopy(cell("be").one(mistake.kind, mistake.name))
    mistake.plant(one)
    return one


def contradictions(mistake: InAgreement) -> list[str]:
    """What code and law say against the value; the charts themselves must take it."""
    values = _planted(mistake)
    render(mistake.chart, "be", values)
    return [*with_the_code(values), *with_the_law("be", values)]


def caught(mistake: InObjects) -> tuple[int, ...]:
    """The layers among 3, 4 and 5 that catch it."""
    changed: list[Object] = copy.deepcopy(list(cell("be").objects))
    [one] = [
        each for each in changed if (each["kind"], each["metadata"]["name"]) == (mistake.kind, mistake.name)
    ]
    mistake.plant(one)
    found = []
    try:
        if complaints(changed):
            found.append(3)
    except (TypeError, ValueError):
        pass  # what is no number cannot be weighed: that is for the schemas
    if objects.is_core(one):
        found += [4] if objects.faults(one) else []
    elif custom_resources.DEFINITIONS.is_dir():
        found += [5] if custom_resources.faults(one) else []
    return tuple(found)


def table() -> str:
    """Which layer catches what, as it stands in the README."""
    lines = ["| planted mistake | in | caught by layer | a real API server |", "| --- | --- | --- | --- |"]
    lines += [f"| {each.what} | values of {each.chart} | {each.layer} | |" for each in VALUES]
    lines += [f"| {each.what} | values of {each.chart} | 3 | |" for each in AGREEMENTS]
    for each in OBJECTS:
        server = "refuses the change" if each.layers == (6,) else each.server
        lines.append(f"| {each.what} | {each.kind} | {', '.join(map(str, each.layers))} | {server} |")
    return "\n".join(lines)


def _planted(mistake: InValues | InAgreement) -> dict[str, Any]:
    values = values_of(mistake.chart, "be", "production")
    level = values
    *above, last = mistake.path.split(".")
    for name in above:
        level = level.setdefault(name, {})
    level[last] = mistake.value
    return values

"""Layer 3: what no API server knows, or knows too late. Each check takes objects and gives sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from deploy.helm.tests.rendering import Object

Check = Callable[[Sequence[Object]], Iterator[str]]

_QUANTITY: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_FACTORS: Final = {
    "m": Decimal("0.001"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
}
_LABEL_VALUE: Final = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_PORT_NAME: Final = re.compile(r"(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")
_ENV_NAME: Final = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_SECRET_WORD: Final = re.compile(
    r"password|passwd|secret|token|api_?key|private_?key|data_?key|link_?key", re.I
)
_KEPT: Final = frozenset(
    {"Cluster", "ObjectStore", "ScheduledBackup", "Kafka", "KafkaNodePool", "KafkaTopic"}
)


def quantity(text: object) -> Decimal:
    """A Kubernetes quantity as a number. Raises ValueError."""
    found = _QUANTITY.fullmatch(str(text))
    if found is None:
        raise ValueError(f"{text} is no quantity")
    return Decimal(found[1]) * _FACTORS.get(found[2] or "", Decimal(1))


# ── the fourteen mistakes in core kinds that a schema does not see ────────────────────────────────────────────────


def quantities_are_quantities(objects: Sequence[Object]) -> Iterator[str]:
    """`256mb` is none."""
    for each, container in containers(objects):
        for kind, what, amount in _amounts(container):
            if not _QUANTITY.fullmatch(str(amount)):
                yield f"{named(each)}: {kind} of {what} is {amount}, which is no quantity"


def requests_are_within_limits(objects: Sequence[Object]) -> Iterator[str]:
    """A request above its limit is refused by the server."""
    for each, container in containers(objects):
        resources = container.get("resources", {})
        for what, limit in resources.get("limits", {}).items():
            request = resources.get("requests", {}).get(what, limit)
            if all(_QUANTITY.fullmatch(str(one)) for one in (request, limit)) and quantity(
                request
            ) > quantity(limit):
                yield f"{named(each)}: asks for {request} {what} and may have {limit}"


def selectors_match_their_template(objects: Sequence[Object]) -> Iterator[str]:
    """A Deployment must find its own pods."""
    for each in of(objects, "Deployment"):
        labels = each["spec"]["template"]["metadata"]["labels"]
        if not _matches(each["spec"]["selector"].get("matchLabels", {}), labels):
            yield f"{named(each)}: its selector does not match the labels of its pods"


def mounts_have_volumes(objects: Sequence[Object]) -> Iterator[str]:
    """A mount names a volume of the pod, and every volume is mounted."""
    for each in objects:
        pod = pod_of(each)
        if pod is None:
            continue
        volumes = {volume["name"] for volume in pod.get("volumes", ())}
        mounts = {mount["name"] for one in pod["containers"] for mount in one.get("volumeMounts", ())}
        for name in sorted(mounts - volumes):
            yield f"{named(each)}: mounts {name}, which is no volume of the pod"
        for name in sorted(volumes - mounts):
            yield f"{named(each)}: the volume {name} is mounted nowhere"


def port_names_are_names(objects: Sequence[Object]) -> Iterator[str]:
    """Fifteen characters at most."""
    for each, container in containers(objects):
        for port in container.get("ports", ()):
            if not _PORT_NAME.fullmatch(port.get("name", "p")):
                yield f"{named(each)}: the port name {port['name']} is no name of a port"


def rollouts_can_move(objects: Sequence[Object]) -> Iterator[str]:
    """Neither one more nor one less: nothing would ever change."""
    for each in of(objects, "Deployment"):
        rolling = each["spec"].get("strategy", {}).get("rollingUpdate", {})
        if not rolling.get("maxSurge", 1) and not rolling.get("maxUnavailable", 1):
            yield f"{named(each)}: maxSurge 0 and maxUnavailable 0"


def labels_are_labels(objects: Sequence[Object]) -> Iterator[str]:
    """Sixty-three characters at most."""
    for each in objects:
        labels = dict(each["metadata"].get("labels", {}))
        labels |= (
            each.get("spec", {}).get("template", {}).get("metadata", {}).get("labels", {})
            if pod_of(each)
            else {}
        )
        for key, value in labels.items():
            if not isinstance(value, str) or not _LABEL_VALUE.fullmatch(value):
                yield f"{named(each)}: the label {key} is {value!r:.80}"


def autoscalers_have_a_range(objects: Sequence[Object]) -> Iterator[str]:
    """The least is not above the most."""
    for each in of(objects, "HorizontalPodAutoscaler"):
        if each["spec"].get("minReplicas", 1) > each["spec"]["maxReplicas"]:
            yield f"{named(each)}: minReplicas is above maxReplicas"


def budgets_say_one_thing(objects: Sequence[Object]) -> Iterator[str]:
    """Either how many may go or how many must stay."""
    for each in of(objects, "PodDisruptionBudget"):
        if {"minAvailable", "maxUnavailable"} <= set(each["spec"]):
            yield f"{named(each)}: both minAvailable and maxUnavailable"


def ports_are_ports(objects: Sequence[Object]) -> Iterator[str]:
    """1 to 65535."""
    for each in objects:
        for key, value in leaves(each.get("spec", {})):
            if (
                key in ("port", "containerPort", "targetPort")
                and isinstance(value, int)
                and not 0 < value < 65536
            ):
                yield f"{named(each)}: {key} {value} is no port"


def schedules_have_their_fields(objects: Sequence[Object]) -> Iterator[str]:
    """Five fields for a CronJob; six, seconds first, for a ScheduledBackup."""
    for kind, count in (("CronJob", 5), ("ScheduledBackup", 6)):
        for each in of(objects, kind):
            if len(each["spec"]["schedule"].split()) != count:
                yield f"{named(each)}: the schedule {each['spec']['schedule']} needs {count} fields"


def protocols_exist(objects: Sequence[Object]) -> Iterator[str]:
    """There is no protocol DNS."""
    for each in objects:
        if each["kind"] in ("NetworkPolicy", "Service", "Deployment", "Job"):
            for key, value in leaves(each.get("spec", {})):
                if key == "protocol" and value not in ("TCP", "UDP", "SCTP"):
                    yield f"{named(each)}: {value} is no protocol"


def variables_have_names(objects: Sequence[Object]) -> Iterator[str]:
    """No `=` in a name, and none twice."""
    for each, container in containers(objects):
        names = [one["name"] for one in container.get("env", ())]
        for name in names:
            if not _ENV_NAME.fullmatch(name):
                yield f"{named(each)}: {name} is no name of a variable"
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{named(each)}: the variable {name} is set twice"


def pods_are_restricted(objects: Sequence[Object]) -> Iterator[str]:
    """Pod Security `restricted`: a Deployment that breaks it is accepted, and never gets a pod."""
    for each in objects:
        pod = pod_of(each)
        if pod is None:
            continue
        security = pod.get("securityContext", {})
        if security.get("runAsNonRoot") is not True or security.get("runAsUser", 1) == 0:
            yield f"{named(each)}: may run as root"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{named(each)}: has no seccomp profile"
        if pod.get("automountServiceAccountToken") is not False or pod.get("enableServiceLinks") is not False:
            yield f"{named(each)}: gets a token or the addresses of others"
        for one in pod["containers"]:
            own = one.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
                yield f"{named(each)}: may gain privileges"
            if own.get("capabilities", {}).get("drop") != ["ALL"] or own.get("capabilities", {}).get("add"):
                yield f"{named(each)}: keeps capabilities"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{named(each)}: can write to its root"
            if own.get("runAsUser", 1) == 0 or own.get("runAsNonRoot") is False:
                yield f"{named(each)}: may run as root"


# ── references ────────────────────────────────────────────────────────────────────────────────────────────────────


def probes_name_a_port(objects: Sequence[Object]) -> Iterator[str]:
    """Every validator, and the server, accepts a port that does not exist. Long-running programs have all three."""
    for each, container in containers(objects):
        names = {port.get("name") for port in container.get("ports", ())}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if probe not in container:
                if each["kind"] == "Deployment":
                    yield f"{named(each)}: has no {probe}"
                continue
            port = container[probe]["httpGet"]["port"]
            if port not in names:
                yield f"{named(each)}: the {probe} asks the port {port}, which does not exist"


def references_resolve(objects: Sequence[Object]) -> Iterator[str]:
    """Whatever names another object, and a key in it, names one that somebody makes."""
    secrets = secrets_made(objects)
    configs = {each["metadata"]["name"]: set(each.get("data", {})) for each in of(objects, "ConfigMap")}
    accounts = {each["metadata"]["name"] for each in of(objects, "ServiceAccount")}
    for each in objects:
        pod = pod_of(each)
        if pod is None:
            continue
        if pod.get("serviceAccountName") not in accounts:
            yield f"{named(each)}: the service account {pod.get('serviceAccountName')} does not exist"
        for volume in pod.get("volumes", ()):
            if "secret" in volume:
                for item in volume["secret"].get("items", [{"key": None}]):
                    yield from _has(each, "secret", secrets, volume["secret"]["secretName"], item["key"])
            if "configMap" in volume:
                yield from _has(each, "config map", configs, volume["configMap"]["name"], None)
        for one in pod["containers"]:
            for source in one.get("envFrom", ()):
                yield from _has(each, "config map", configs, source.get("configMapRef", {}).get("name"), None)
            for variable in one.get("env", ()):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference:
                    yield from _has(each, "secret", secrets, reference["name"], reference["key"])
    for each in of(objects, "TriggerAuthentication"):
        for reference in each["spec"]["secretTargetRef"]:
            yield from _has(each, "secret", secrets, reference["name"], reference["key"])
    for each in of(objects, "ObjectStore"):
        for reference in each["spec"]["configuration"]["s3Credentials"].values():
            yield from _has(each, "secret", secrets, reference["name"], reference["key"])


def scalers_find_their_target(objects: Sequence[Object]) -> Iterator[str]:
    """Every Deployment has one scaler, and every scaler its Deployment."""
    deployments = {each["metadata"]["name"] for each in of(objects, "Deployment")}
    targets = []
    authentications = {each["metadata"]["name"] for each in of(objects, "TriggerAuthentication")}
    for each in [*of(objects, "HorizontalPodAutoscaler"), *of(objects, "ScaledObject")]:
        targets.append(each["spec"]["scaleTargetRef"]["name"])
        if targets[-1] not in deployments:
            yield f"{named(each)}: scales {targets[-1]}, which does not exist"
        for trigger in each["spec"].get("triggers", ()):
            if trigger["authenticationRef"]["name"] not in authentications:
                yield f"{named(each)}: authenticates by {trigger['authenticationRef']['name']}, which does not exist"
    for name in sorted(deployments):
        if targets.count(name) != 1:
            yield f"Deployment {name}: has {targets.count(name)} scalers; it would stay at one pod, or two would fight"


def selectors_find_pods(objects: Sequence[Object]) -> Iterator[str]:
    """Services, budgets, monitors and policies select pods that exist, with the port that they name."""
    pods = [
        (each["spec"]["template"]["metadata"]["labels"], pod_of(each)) for each in of(objects, "Deployment")
    ]
    jobs = [(each["spec"]["template"]["metadata"]["labels"], pod_of(each)) for each in of(objects, "Job")]
    made = [(labels, None) for labels in _operators_pods(objects)]
    for each in objects:
        spec = each.get("spec", {})
        for selector, port in _selections(each["kind"], spec):
            found = [pod for labels, pod in (*pods, *jobs, *made) if _matches(selector, labels)]
            if not found:
                yield f"{named(each)}: selects no pod with {selector}"
            names = {
                one.get("name")
                for pod in found
                if pod
                for box in pod["containers"]
                for one in box.get("ports", ())
            }
            # Pods that an operator makes have ports that we do not see.
            if isinstance(port, str) and found and all(found) and port not in names:
                yield f"{named(each)}: the port {port} is none of the pods that it selects"


def routes_find_services(objects: Sequence[Object]) -> Iterator[str]:
    """A route's backends are Services of this cell with that port."""
    services = {
        (each["metadata"]["name"], port["port"])
        for each in of(objects, "Service")
        for port in each["spec"]["ports"]
    }
    for each in of(objects, "HTTPRoute"):
        for rule in each["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                if "namespace" not in backend and (backend["name"], backend["port"]) not in services:
                    yield f"{named(each)}: the Service {backend['name']}:{backend['port']} does not exist"


def topics_exist(objects: Sequence[Object]) -> Iterator[str]:
    """Whoever reads or scales on a topic may read it, and it is there, in enough partitions, with enough memory."""
    topics = {each["metadata"]["name"]: each["spec"] for each in of(objects, "KafkaTopic")}
    users = {
        each["metadata"]["name"]: each["spec"]["authorization"]["acls"] for each in of(objects, "KafkaUser")
    }
    for each in of(objects, "KafkaUser"):
        for rule in each["spec"]["authorization"]["acls"]:
            if rule["resource"]["type"] == "topic" and rule["resource"]["name"] not in topics:
                yield f"{named(each)}: may use the topic {rule['resource']['name']}, which does not exist"
    for each in of(objects, "ScaledObject"):
        for trigger in each["spec"]["triggers"]:
            topic, group = trigger["metadata"]["topic"], trigger["metadata"]["consumerGroup"]
            if topic not in topics:
                yield f"{named(each)}: scales on the topic {topic}, which does not exist"
                continue
            if each["spec"]["maxReplicaCount"] > topics[topic]["partitions"]:
                yield f"{named(each)}: more consumers than the {topics[topic]['partitions']} partitions of {topic}"
            may = [rule for rule in users.get(group, ()) if rule["resource"].get("name") == topic]
            if not any("Read" in rule["operations"] for rule in may):
                yield f"{named(each)}: the user {group} may not read {topic}"
    for name, spec in topics.items():
        if int(spec["config"]["retention.ms"]) < 14 * 86_400_000:
            yield f"KafkaTopic {name}: keeps less than 14 days"


def operators_find_each_other(objects: Sequence[Object]) -> Iterator[str]:
    """Topics and users name their Kafka, backups their cluster, clusters their store; no two share an archive."""
    kafkas = {each["metadata"]["name"] for each in of(objects, "Kafka")}
    clusters = {each["metadata"]["name"] for each in of(objects, "Cluster")}
    stores = {each["metadata"]["name"] for each in of(objects, "ObjectStore")}
    archives: dict[tuple[str, str], str] = {}
    for each in objects:
        owner = each["metadata"].get("labels", {}).get("strimzi.io/cluster")
        if each["kind"] in ("KafkaTopic", "KafkaUser", "KafkaNodePool") and owner not in kafkas:
            yield f"{named(each)}: belongs to the Kafka {owner}, which does not exist"
        if each["kind"] == "ScheduledBackup" and each["spec"]["cluster"]["name"] not in clusters:
            yield f"{named(each)}: backs up {each['spec']['cluster']['name']}, which does not exist"
        if each["kind"] != "Cluster":
            continue
        writers = [
            plugin["parameters"] for plugin in each["spec"].get("plugins", ()) if plugin.get("isWALArchiver")
        ]
        if len(writers) != 1:
            yield f"{named(each)}: archives its log {len(writers)} times"
        origins = [one["plugin"]["parameters"] for one in each["spec"].get("externalClusters", ())]
        for parameters in (*writers, *origins):
            if parameters["barmanObjectName"] not in stores:
                yield f"{named(each)}: the store {parameters['barmanObjectName']} does not exist"
        for parameters in writers:
            place = (parameters["barmanObjectName"], parameters["serverName"])
            if parameters in origins:
                yield f"{named(each)}: restores from the archive that it writes, which is not empty"
            if place in archives:
                yield f"{named(each)}: writes the archive of {archives[place]}"
            archives[place] = named(each)
        backed = [
            one
            for one in of(objects, "ScheduledBackup")
            if one["spec"]["cluster"]["name"] == each["metadata"]["name"]
        ]
        if not backed:
            yield f"{named(each)}: is never backed up"


# ── decisions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def nothing_sets_replicas(objects: Sequence[Object]) -> Iterator[str]:
    """It would fight with the autoscaler for ever."""
    for each in of(objects, "Deployment"):
        if "replicas" in each["spec"]:
            yield f"{named(each)}: sets replicas"


def nothing_is_a_hook(objects: Sequence[Object]) -> Iterator[str]:
    """Hooks run before what they need is there."""
    for each in objects:
        if any("hook" in key for key in each["metadata"].get("annotations", {})):
            yield f"{named(each)}: is a hook"


def nothing_is_secret(objects: Sequence[Object]) -> Iterator[str]:
    """No Secret is written here, and no variable that sounds like one has a literal value."""
    for each in objects:
        if each["kind"] == "Secret":
            yield f"{named(each)}: a secret in the release"
    for each, container in containers(objects):
        for variable in container.get("env", ()):
            if "value" in variable and _SECRET_WORD.search(variable["name"]):
                yield f"{named(each)}: {variable['name']} is written out"
    for each in of(objects, "ConfigMap"):
        for key, value in each.get("data", {}).items():
            is_place = str(value).startswith("/")
            if (
                (_SECRET_WORD.search(key) and not is_place)
                or "PRIVATE KEY" in str(value)
                or _has_password(value)
            ):
                yield f"{named(each)}: {key} is written out"


def what_must_survive_is_kept(objects: Sequence[Object]) -> Iterator[str]:
    """An uninstall leaves databases, events and backups."""
    for each in objects:
        if each["kind"] in _KEPT:
            notes = each["metadata"].get("annotations", {})
            if notes.get("helm.sh/resource-policy") != "keep":
                yield f"{named(each)}: would go with an uninstall"
            if notes.get("argocd.argoproj.io/sync-options") != "Prune=false,Delete=false":
                yield f"{named(each)}: would be pruned by Argo CD"


def every_container_has_its_share(objects: Sequence[Object]) -> Iterator[str]:
    """Requests of both, a limit of memory that equals its request, no limit of CPU."""
    for each, container in containers(objects):
        resources = container.get("resources", {})
        requests, limits = resources.get("requests", {}), resources.get("limits", {})
        if not {"cpu", "memory"} <= set(requests) or requests.get("memory") != limits.get("memory"):
            yield f"{named(each)}: memory that is asked for and memory that is allowed are not one number"
        if "cpu" in limits:
            yield f"{named(each)}: a limit of CPU"


def images_are_named_exactly(objects: Sequence[Object]) -> Iterator[str]:
    """A tag, and never `latest`."""
    for each, container in containers(objects):
        if not re.fullmatch(r"[^:@]+:(?!latest)[^:@]+(@sha256:[0-9a-f]{64})?", container["image"]):
            yield f"{named(each)}: the image {container['image']}"


def deny_all_leaves_names(objects: Sequence[Object]) -> Iterator[str]:
    """Pods under a denial of egress can still ask for names: 53 by UDP and by TCP."""
    policies = of(objects, "NetworkPolicy")
    allowed = {
        (port.get("protocol"), port.get("port"))
        for each in policies
        for rule in each["spec"].get("egress", ())
        for port in rule.get("ports", ())
    }
    if any("Egress" in each["spec"]["policyTypes"] for each in policies):
        for protocol in ("UDP", "TCP"):
            if (protocol, 53) not in allowed:
                yield f"NetworkPolicy: nobody may ask for names by {protocol}"


def the_country_is_everywhere_the_same(objects: Sequence[Object]) -> Iterator[str]:
    """One country in labels, configuration, hosts and topics."""
    found = {
        each["metadata"]["labels"]["partage/country"] for each in objects if "labels" in each["metadata"]
    }
    if len(found) != 1:
        yield f"the countries {', '.join(sorted(found))} in one cell"
        return
    [country] = found
    for each in of(objects, "ConfigMap"):
        if each.get("data", {}).get("COUNTRY", country) != country:
            yield f"{named(each)}: COUNTRY is {each['data']['COUNTRY']} in the cell of {country}"
    for each in of(objects, "HTTPRoute"):
        for host in each["spec"]["hostnames"]:
            if host.split(".")[0] != country:
                yield f"{named(each)}: the host {host} is not that of {country}"
    for each in of(objects, "KafkaTopic"):
        if not each["metadata"]["name"].startswith(f"{country}."):
            yield f"{named(each)}: is not a topic of {country}"


def all_fits_the_quota(objects: Sequence[Object]) -> Iterator[str]:
    """Both charts at their largest, with a rollout of every service under way, fit into the namespace."""
    quotas = of(objects, "ResourceQuota")
    if not quotas:
        return
    hard = quotas[0]["spec"]["hard"]
    needs = needed(objects)
    for what, limit in (("cpu", "requests.cpu"), ("memory", "requests.memory"), ("pods", "pods")):
        if needs[what] > quantity(hard[limit]):
            yield f"the quota of {hard[limit]} {limit} is too small: {needs[what].normalize():f} may be asked for"
    if needs["storage"] > quantity(hard["requests.storage"]):
        yield f"the quota of {hard['requests.storage']} storage is too small"


def needed(objects: Sequence[Object]) -> dict[str, Decimal]:
    """What may be asked for at most: CPU in cores, memory and storage in bytes, pods."""
    total = dict.fromkeys(("cpu", "memory", "pods", "storage"), Decimal(0))

    def add(count: int, requests: Mapping[str, Any]) -> None:
        total["pods"] += count
        for what in ("cpu", "memory"):
            total[what] += count * quantity(requests.get(what, 0))

    most = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"].get("maxReplicas")
        or each["spec"]["maxReplicaCount"]
        for each in [*of(objects, "HorizontalPodAutoscaler"), *of(objects, "ScaledObject")]
    }
    for each in objects:
        pod = pod_of(each)
        if pod is not None:
            surge = each["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", 0)
            count = most.get(each["metadata"]["name"], 1) + surge
            for one in pod["containers"]:
                add(count, one.get("resources", {}).get("requests", {}))
        spec = each.get("spec", {})
        if each["kind"] == "Cluster":
            add(spec["instances"], spec["resources"]["requests"])
            sizes = [spec["storage"]["size"], spec.get("walStorage", {}).get("size", 0)]
            total["storage"] += spec["instances"] * sum((quantity(size) for size in sizes), Decimal(0))
        if each["kind"] == "KafkaNodePool":
            add(spec["replicas"], spec["resources"]["requests"])
            total["storage"] += spec["replicas"] * sum(
                (quantity(volume["size"]) for volume in spec["storage"]["volumes"]), Decimal(0)
            )
        if each["kind"] == "Kafka":
            for one in spec["entityOperator"].values():
                add(1, one["resources"]["requests"])
    return total


CHECKS: Final[Sequence[Check]] = (
    quantities_are_quantities,
    requests_are_within_limits,
    selectors_match_their_template,
    mounts_have_volumes,
    port_names_are_names,
    rollouts_can_move,
    labels_are_labels,
    autoscalers_have_a_range,
    budgets_say_one_thing,
    ports_are_ports,
    schedules_have_their_fields,
    protocols_exist,
    variables_have_names,
    pods_are_restricted,
    probes_name_a_port,
    references_resolve,
    scalers_find_their_target,
    selectors_find_pods,
    routes_find_services,
    topics_exist,
    operators_find_each_other,
    nothing_sets_replicas,
    nothing_is_a_hook,
    nothing_is_secret,
    what_must_survive_is_kept,
    every_container_has_its_share,
    images_are_named_exactly,
    deny_all_leaves_names,
    the_country_is_everywhere_the_same,
    all_fits_the_quota,
)


def complaints(objects: Sequence[Object]) -> list[str]:
    """Everything that any check says."""
    return [sentence for check in CHECKS for sentence in check(objects)]


# ── helpers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def of(objects: Sequence[Object], kind: str) -> list[Object]:
    """The objects of a kind."""
    return [each for each in objects if each["kind"] == kind]


def named(each: Object) -> str:
    """An object in a sentence."""
    return f"{each['kind']} {each['metadata']['name']}"


def pod_of(each: Object) -> dict[str, Any] | None:
    """The pod of a Deployment or a Job."""
    if each["kind"] not in ("Deployment", "Job"):
        return None
    pod: dict[str, Any] = each["spec"]["template"]["spec"]
    return pod


def containers(objects: Sequence[Object]) -> Iterator[tuple[Object, dict[str, Any]]]:
    """Every container and what it stands in."""
    for each in objects:
        for one in (pod_of(each) or {"containers": ()})["containers"]:
            yield each, one


def leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with a plain value, at any depth."""
    if isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, dict | list):
                yield from leaves(each)
            else:
                yield key, each
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)


def secrets_made(objects: Sequence[Object]) -> dict[str, set[str]]:
    """The secrets that operators make of our resources, with their keys."""
    made: dict[str, set[str]] = {}
    for each in objects:
        name, spec = each["metadata"]["name"], each.get("spec", {})
        if each["kind"] == "ExternalSecret":
            extra = spec["target"].get("template", {}).get("data", {})
            made[spec["target"]["name"]] = {one["secretKey"] for one in spec["data"]} | set(extra)
        if each["kind"] == "KafkaUser":
            made[name] = {"ca.crt", "user.crt", "user.key"}
        if each["kind"] == "Kafka":
            made[f"{name}-cluster-ca-cert"] = {"ca.crt"}
        if each["kind"] == "Cluster":
            made[f"{name}-app"] = {"uri", "username", "password", "host", "port", "dbname"}
            made[f"{name}-ca"] = {"ca.crt"}
    return made


def _has(each: Object, what: str, known: Mapping[str, set[str]], name: str, key: str | None) -> Iterator[str]:
    if name not in known:
        yield f"{named(each)}: the {what} {name} does not exist"
    elif key is not None and key not in known[name]:
        yield f"{named(each)}: the {what} {name} has no key {key}"


def _amounts(container: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for kind, amounts in container.get("resources", {}).items():
        for what, amount in amounts.items():
            yield kind, what, amount


def _matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())


def _operators_pods(objects: Sequence[Object]) -> list[dict[str, str]]:
    postgres = [{"cnpg.io/cluster": each["metadata"]["name"]} for each in of(objects, "Cluster")]
    return postgres + [{"strimzi.io/cluster": each["metadata"]["name"]} for each in of(objects, "Kafka")]


def _selections(kind: str, spec: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, str], Any]]:
    if kind == "Service":
        for port in spec["ports"]:
            yield spec["selector"], port.get("targetPort", port["port"])
    if kind == "PodDisruptionBudget":
        yield spec["selector"]["matchLabels"], None
    if kind == "PodMonitor":
        for endpoint in spec["podMetricsEndpoints"]:
            yield spec["selector"].get("matchLabels", {}), endpoint["port"]
    if kind == "NetworkPolicy":
        own = spec["podSelector"].get("matchLabels", {})
        yield own, None
        for rule in spec.get("ingress", ()):
            for port in rule.get("ports", ()):
                yield own, port["port"]
            for peer in rule.get("from", ()):
                if "podSelector" in peer and "namespaceSelector" not in peer:
                    yield peer["podSelector"]["matchLabels"], None
        for rule in spec.get("egress", ()):
            for peer in rule.get("to", ()):
                if "podSelector" in peer and "namespaceSelector" not in peer:
                    for port in rule.get("ports", [{"port": None}]):
                        yield peer["podSelector"]["matchLabels"], port["port"]


def _has_password(value: object) -> bool:
    return bool(re.search(r"://[^/@\s]+:[^/@\s]+@", str(value)))

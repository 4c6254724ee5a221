"""A country in the cluster: both charts installed as the README says, and what became of its pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.cluster.api import Api, Object, none_left
from deploy.cluster.control_plane import ControlPlane
from deploy.helm.tests.engine import Releases
from deploy.helm.tests.rendering import HELM, merged, namespace_of, values_of

# What the pipeline gives Helm before it calls a release failed.
WAIT_SECONDS: Final = 600
SETTLED_SECONDS: Final = 600
ENVIRONMENT: Final = "production"


@dataclass(frozen=True, slots=True)
class Country:
    """A country's two releases."""

    plane: ControlPlane
    code: str

    @property
    def namespace(self) -> str:
        """Where it lives."""
        return namespace_of(self.code)

    @property
    def releases(self) -> Releases:
        """Helm, in its namespace."""
        return Releases(self.plane.kubeconfig, self.namespace)

    @property
    def api(self) -> Api:
        """The server."""
        return self.plane.api

    def values(self, chart: str, **over: Any) -> dict[str, Any]:
        """The values of a chart; `over` lies on top."""
        return merged(values_of(chart, self.code, ENVIRONMENT), over)

    def of_tag(self, tag: str, **over: Any) -> dict[str, Any]:
        """The values of another release of the programs."""
        return merged(self.values("services", **over), {"image": {"tag": tag}})

    def prepare(self) -> None:
        """Its namespace, which the chart then owns, as `--create-namespace --take-ownership` does."""
        owner = {"meta.helm.sh/release-name": "data", "meta.helm.sh/release-namespace": self.namespace}
        labels = {"app.kubernetes.io/managed-by": "Helm"}
        metadata = {"name": self.namespace, "labels": labels, "annotations": owner}
        answer = self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        assert not answer.is_refused or answer.status == 409, answer.says

    def install(self, chart: str, *, wait_seconds: int | None = None) -> None:
        """Install a chart. Raises Refused."""
        self.releases.install(HELM / chart, chart, self.values(chart), wait_seconds=wait_seconds)

    def upgrade(
        self,
        values: Mapping[str, Any],
        *,
        folder: Path = HELM / "services",
        wait_seconds: int | None = None,
        force_conflicts: bool = False,
    ) -> None:
        """Upgrade the services. Raises Refused."""
        self.releases.upgrade(
            folder, "services", values, wait_seconds=wait_seconds, force_conflicts=force_conflicts
        )

    @property
    def helms_name(self) -> str:
        """Under which name Helm owns the fields that it applied."""
        live = self.api.one("Deployment", "members-api", namespace=self.namespace)
        fields = live["metadata"]["managedFields"]
        [name] = [str(each["manager"]) for each in fields if each["operation"] == "Apply"]
        return name

    def deployments(self) -> list[Object]:
        """Its Deployments."""
        return self.api.list("Deployment", namespace=self.namespace)

    def pods(self, *, name: str = "", component: str = "") -> list[Object]:
        """Its pods that have not ended and do not go, of a service and a part where they are named."""
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/component": component}
        found = self.api.list(
            "Pod", namespace=self.namespace, labels={key: value for key, value in labels.items() if value}
        )
        return [each for each in found if is_alive(each)]

    def unsettled(self) -> list[str]:
        """What is not yet as it should be, a sentence each; nothing when all is well."""
        wrong = []
        for each in self.deployments():
            wrong += [f"{self.code}: {why}" for why in _unfinished(each)]
        for each in self.api.list("Job", namespace=self.namespace):
            if not _has(each, "Complete"):
                wrong.append(f"{self.code}: the job {each['metadata']['name']} has not ended well")
        for each in self.api.list("HorizontalPodAutoscaler", namespace=self.namespace):
            least, now = each["spec"]["minReplicas"], each.get("status", {}).get("desiredReplicas", 0)
            if now < least:
                wrong.append(
                    f"{self.code}: {each['metadata']['name']} wants {now} pods, at least {least} are due"
                )
        return wrong

    def settle(self) -> None:
        """Wait until every pod is ready, every job done. Raises TooLate with what is not."""
        assert self.deployments(), f"{self.code} has no Deployment at all"
        none_left(f"{self.code} has settled", self.unsettled, seconds=SETTLED_SECONDS)


def is_alive(pod: Object) -> bool:
    """Whether a pod runs or is to run."""
    return "deletionTimestamp" not in pod["metadata"] and pod.get("status", {}).get("phase") in (
        "Pending",
        "Running",
    )


def is_ready(pod: Object) -> bool:
    """Whether it would be sent requests."""
    return is_alive(pod) and _has(pod, "Ready")


def tag_of(pod: Object) -> str:
    """The tag of the image that it runs."""
    image: str = pod["spec"]["containers"][0]["image"]
    return image.partition("@")[0].rpartition(":")[2]


def _has(each: Object, condition: str) -> bool:
    return any(
        (one["type"], one["status"]) == (condition, "True")
        for one in each.get("status", {}).get("conditions") or ()
    )


def _unfinished(deployment: Object) -> list[str]:
    spec, status = deployment["spec"], deployment.get("status", {})
    name, wanted = deployment["metadata"]["name"], spec.get("replicas", 1)
    if status.get("observedGeneration") != deployment["metadata"]["generation"]:
        return [f"{name} has not been looked at yet"]
    counted = {key: status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas")}
    return [] if set(counted.values()) == {wanted} else [f"{name} wants {wanted} pods and has {counted}"]

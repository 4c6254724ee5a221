"""Layer 8: the pods of a rendered country as processes of this machine, with their own commands, env and probes.

Nothing of a pod is written here twice: command, arguments, variables, ports, mounts and probes are those of the
rendered objects, its tree is that of the image. `Place` is what a cluster would put around it: names, secrets,
addresses. Where a value cannot hold on one machine (a name of the cluster, a mount at the root, a port that
eleven programs share), what stands for it is looked up by that value, so that a wrong one finds nothing.
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from deploy.helm.tests.meaning import of, pod_of
from deploy.helm.tests.rendering import Cell
from deploy.images.dockerfile import HOME
from deploy.images.laid_out import laid_out_image
from local.child import Child, ended_how, free_port
from local.stack import probe

LOOPBACK: Final = "127.0.0.1"
TMP: Final = "/tmp"  # noqa: S108 - a mount of the chart
LOOK_SECONDS: Final = 0.2


class PodFailed(Exception):
    """A pod did not do what its object says; the sentence holds its last words."""


@dataclass(frozen=True, slots=True)
class Pod:
    """What an object says of its pods; `kind` is Deployment or Job. `secrets` are (secret, key) by variable."""

    name: str
    kind: str
    part: str
    program: str
    command: Sequence[str]
    variables: Mapping[str, str]
    secrets: Mapping[str, tuple[str, str]]
    files: Mapping[str, tuple[str, str]]
    ports: Mapping[str, int]
    probes: Mapping[str, Mapping[str, Any]]
    grace_seconds: int
    pre_stop_seconds: int
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Image:
    """The tree of an image on this machine: its /opt/partage, what its programs find set, and its files."""

    home: Path
    environment: Mapping[str, str]
    files: frozenset[Path]

    @classmethod
    def of(cls, part: str, root: Path, made: Mapping[str, Path], commit: str) -> Image:
        """Lay it out; the three programs of a service share it."""
        home, environment = laid_out_image(part, root / part, dict(made), commit=commit)
        return cls(home, environment, frozenset(_files(home)))

    def written_since(self) -> list[Path]:
        """What a program has put where the root file system is read-only."""
        return sorted(set(_files(self.home)) - self.files)


@dataclass(frozen=True, slots=True)
class Place:
    """What stands around the pods. `secrets` by name and key; `instead` by the beginning of a value."""

    root: Path
    secrets: Mapping[tuple[str, str], bytes]
    instead: Mapping[str, str]
    images: Mapping[str, Image]

    def here(self, value: str) -> str:
        """A value as it is true on this machine: the longest beginning that something stands for is replaced."""
        for beginning in sorted(self.instead, key=len, reverse=True):
            if value.startswith(beginning):
                return self.instead[beginning] + value.removeprefix(beginning)
        return value


@dataclass(slots=True)
class Running:
    """A pod that runs, with the port of this machine for each port of its own."""

    pod: Pod
    child: Child
    ports: Mapping[str, int]
    ready_after_seconds: float = 0.0
    saw_draining: bool = field(default=False)

    def url(self, probe_name: str) -> str:
        """Where one of its probes asks."""
        asked = self.pod.probes[probe_name]["httpGet"]
        return f"http://{LOOPBACK}:{self.ports[asked['port']]}{asked['path']}"

    def said(self) -> str:
        """Its last words."""
        return self.child.output_since_start()[-3000:]

    def until_ready(self) -> None:
        """Started, ready and live within what its own probes allow. Raises PodFailed."""
        began = time.monotonic()
        starting = self.pod.probes["startupProbe"]
        allowed = starting["periodSeconds"] * starting["failureThreshold"]
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            while probe(self.url(name))[0] != 200:
                if not self.child.running:
                    raise PodFailed(f"{self.pod.name} {ended_how(self.child.exit_status)}: {self.said()}")
                if time.monotonic() - began > allowed:
                    raise PodFailed(f"{self.pod.name}: the {name} fails after {allowed} s: {self.said()}")
                time.sleep(LOOK_SECONDS)
        self.ready_after_seconds = time.monotonic() - began

    def until_done(self, seconds: float) -> None:
        """A Job's pod has ended well. Raises PodFailed."""
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise PodFailed(f"{self.pod.name} does not end: {self.said()}") from None
        if self.child.exit_status != 0:
            raise PodFailed(f"{self.pod.name} {ended_how(self.child.exit_status)}: {self.said()}")

    def drained(self) -> float:
        """SIGTERM, and its end within the grace that is left after the preStop wait; the seconds that it took.

        Raises PodFailed where it does not end by itself, or ends in failure.
        """
        began = time.monotonic()
        self.child.send(signal.SIGTERM)
        allowed = self.pod.grace_seconds - self.pod.pre_stop_seconds
        while self.child.running:
            # It says that it is not ready while it still answers: whoever has its address can go elsewhere.
            self.saw_draining = self.saw_draining or probe(self.url("readinessProbe"))[0] == 503
            if time.monotonic() - began > allowed:
                raise PodFailed(f"{self.pod.name} has not ended {allowed} s after SIGTERM: {self.said()}")
            time.sleep(LOOK_SECONDS)
        if self.child.exit_status not in (0, -signal.SIGTERM):
            raise PodFailed(f"{self.pod.name} {ended_how(self.child.exit_status)}: {self.said()}")
        return time.monotonic() - began


def pods_of(cell: Cell) -> list[Pod]:
    """One pod of every Deployment and every Job of the services."""
    configs = {each["metadata"]["name"]: each["data"] for each in of(cell.services, "ConfigMap")}
    return [_pod(each, pod, configs) for each in cell.services if (pod := pod_of(each)) is not None]


def services_here(cell: Cell, ports: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """The cluster's names: for each Service its address, and the port of this machine of the pod it selects."""
    found = {}
    for each in of(cell.services, "Service"):
        [chosen] = [pod for pod in pods_of(cell) if each["spec"]["selector"].items() <= pod.labels.items()]
        for port in each["spec"]["ports"]:
            ending = "" if port["port"] == 80 else f":{port['port']}"
            local = ports[chosen.name][port["targetPort"]]
            found[f"http://{each['metadata']['name']}{ending}/"] = f"http://{LOOPBACK}:{local}/"
    return found


def free_ports(pods: Sequence[Pod]) -> dict[str, dict[str, int]]:
    """A port of this machine for each port of each pod."""
    taken: set[int] = set()
    found: dict[str, dict[str, int]] = {}
    for pod in pods:
        found[pod.name] = {}
        for name in pod.ports:
            while (port := free_port()) in taken:
                continue
            taken.add(port)
            found[pod.name][name] = port
    return found


def started(pod: Pod, place: Place, ports: Mapping[str, int]) -> Running:
    """Start the pod: the image's tree and environment, the chart's variables over it, and nothing else."""
    own, image = place.root / pod.name, place.images[pod.part]
    for path, (secret, key) in pod.files.items():
        file = own / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(place.secrets[secret, key])
    (own / TMP.lstrip("/")).mkdir(parents=True)
    inside = {str(HOME): str(image.home), TMP: str(own / TMP.lstrip("/"))}
    inside |= {path: str(own / path.lstrip("/")) for path in pod.files}
    within = replace(place, instead={**place.instead, **inside})
    variables = {name: within.here(value) for name, value in pod.variables.items()}
    variables |= {name: place.secrets[reference].decode() for name, reference in pod.secrets.items()}
    # Eleven programs have one machine, and so not one port.
    for name, container_port in pod.ports.items():
        said = [variable for variable, value in pod.variables.items() if value == str(container_port)]
        assert said, f"{pod.name}: no variable tells the program its port {container_port}"
        variables |= dict.fromkeys(said, str(ports[name]))
    interpreter = image.home / "venv" / "bin" / pod.command[0]
    child = Child(
        pod.name,
        [interpreter, *pod.command[1:]],
        log=place.root / "logs" / f"{pod.name}.log",
        env={**image.environment, "HOME": inside[TMP], "TMPDIR": inside[TMP], **variables},
        cwd=image.home,
    )
    child.start()
    return Running(pod, child, ports)


def _files(home: Path) -> list[Path]:
    # What is linked in from this machine is no part of the tree.
    folders = [folder for folder in home.iterdir() if folder.is_dir() and not folder.is_symlink()]
    return [path for folder in folders for path in folder.rglob("*")]


def _pod(each: Mapping[str, Any], pod: Mapping[str, Any], configs: Mapping[str, Any]) -> Pod:
    [container] = pod["containers"]
    variables: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        variables |= configs[source["configMapRef"]["name"]]
    secrets = {}
    for one in container.get("env", ()):
        if "value" in one:
            variables[one["name"]] = one["value"]
        else:
            reference = one["valueFrom"]["secretKeyRef"]
            secrets[one["name"]] = (reference["name"], reference["key"])
    items = {
        volume["name"]: [
            (volume["secret"]["secretName"], item["key"], item["path"]) for item in volume["secret"]["items"]
        ]
        for volume in pod["volumes"]
        if "secret" in volume
    }
    files = {
        f"{mount['mountPath']}/{path}": (secret, key)
        for mount in container["volumeMounts"]
        for secret, key, path in items.get(mount["name"], ())
    }
    return Pod(
        name=each["metadata"]["name"],
        kind=each["kind"],
        part=re.sub(r"[:@].*", "", container["image"]).rpartition("/")[2],
        program=container["args"][0],
        command=[*container["command"], *container["args"]],
        variables=variables,
        secrets=secrets,
        files=files,
        ports={port["name"]: port["containerPort"] for port in container.get("ports", ())},
        probes={name: container[name] for name in container if name.endswith("Probe")},
        grace_seconds=pod.get("terminationGracePeriodSeconds", 30),
        pre_stop_seconds=container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0),
        labels=each["spec"]["template"]["metadata"]["labels"],
    )

"""A real etcd, API server, controller manager and scheduler; nodes and pods are played by kwok and say so.

No container runs: a pod is Running and Ready because the stand-in writes so into its status. What is real is
everything that decides: validation, admission, ownership of fields, rollouts, budgets, quotas, scheduling.
"""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deploy.cluster.api import Api, until
from deploy.cluster.build import STAGES
from deploy.helm.tests.custom_resources import DEFINITIONS
from local.child import Child, free_port

Said = subprocess.CompletedProcess[str]

ZONES: Final = ("a", "b", "c")
NODES_PER_ZONE: Final = 2
START_SECONDS: Final = 400
STOP_SECONDS: Final = 20
# The nodes have no kubelet whose silence could be noticed.
CONTROLLERS: Final = "*,-node-lifecycle-controller,-taint-eviction-controller,-node-ipam-controller"


class ControlPlane:
    """The programs and what they keep in `folder`. `programs` is what `build` gave."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._started: list[Child] = []
        self._token = secrets.token_hex(16)
        port = free_port()
        self.kubeconfig = folder / "kubeconfig"
        self.api = Api(f"https://127.0.0.1:{port}", self._token, folder / "certificates" / "apiserver.crt")
        self._port = port

    def start(self) -> None:
        """Start all, each when what it needs is there. Raises LocalFailure with the end of the log."""
        self._write_keys()
        etcd, peers = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        key = self._folder / "accounts.key"
        self._start(
            "etcd",
            f"--data-dir={self._folder / 'etcd'}",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        )
        self._start(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--cert-dir={self._folder / 'certificates'}",
            f"--token-auth-file={self._folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--service-account-issuer={self.api.url}",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--endpoint-reconciler-type=none",
            # New nodes are tainted "not ready", and the controller that takes it away is off.
            "--disable-admission-plugins=TaintNodesByCondition",
        ).wait_until(self.api.is_ready, timeout_seconds=START_SECONDS)
        self.api.discover()
        self._start(
            "kube-controller-manager",
            f"--kubeconfig={self.kubeconfig}",
            f"--service-account-private-key-file={key}",
            f"--controllers={CONTROLLERS}",
            "--leader-elect=false",
            "--secure-port=0",
            "--horizontal-pod-autoscaler-sync-period=5s",
        )
        self._start(
            "kube-scheduler", f"--kubeconfig={self.kubeconfig}", "--leader-elect=false", "--secure-port=0"
        )
        self._start(
            "kwok",
            f"--kubeconfig={self.kubeconfig}",
            f"--config={STAGES}",
            "--manage-all-nodes=true",
            "--node-lease-duration-seconds=0",
        )
        self._add_nodes()
        until(
            "a namespace gets its service account",
            lambda: self.api.get("ServiceAccount", "default", namespace="default"),
            seconds=START_SECONDS,
        )

    def add_definitions(self) -> int:
        """Give the server the operators' definitions, as their files are; how many. Raises TooLate."""
        names: list[str] = []
        for path in sorted(DEFINITIONS.glob("[!o]*/*.yaml")):
            text = path.read_text(encoding="utf-8")
            if "\nkind: CustomResourceDefinition" not in f"\n{text}":
                continue
            name = re.search(r"(?m)^  name: (\S+)$", text)
            assert name is not None, f"{path.name} has no name"
            until(f"{path.name} is taken", partial(self._takes, text), seconds=START_SECONDS)
            names.append(name[1])
        until(
            "every definition is served",
            lambda: self.api.discover() >= set(names),
            seconds=START_SECONDS,
        )
        return len(names)

    def kubectl(
        self, *arguments: str, given: str = "", seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """kubectl itself; its status is the caller's to look at. Raises subprocess.TimeoutExpired."""
        command = [str(self._programs / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments]
        return subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=seconds, check=False
        )

    def stop(self) -> None:
        """Stop all, the last first, waiting for each."""
        self.api.close()
        for each in reversed(self._started):
            each.stop(grace_seconds=STOP_SECONDS)
        self._started.clear()

    def node_names(self) -> Sequence[str]:
        """The simulated nodes."""
        return [f"simulated-{zone}{number}" for zone in ZONES for number in range(1, NODES_PER_ZONE + 1)]

    def _start(self, name: str, *arguments: str) -> Child:
        child = Child(name, [self._programs / name, *arguments], log=self._folder / f"{name}.log")
        # Before it starts: what failed to start must be stopped, too.
        self._started.append(child)
        child.start()
        return child

    def _write_keys(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        (self._folder / "accounts.key").write_bytes(key)
        (self._folder / "tokens.csv").write_text(f"{self._token},platform,platform,system:masters\n")
        cluster = {"server": self.api.url, "certificate-authority": str(self.api.certificate)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": cluster}],
            "users": [{"name": "platform", "user": {"token": self._token}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "platform"}}],
            "current-context": "here",
        }
        self.kubeconfig.write_text(yaml.safe_dump(config))

    def _add_nodes(self) -> None:
        for name in self.node_names():
            labels = {
                "kubernetes.io/hostname": name,
                "topology.kubernetes.io/zone": name[-2],
                "partage/simulated": "true",
            }
            node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
            answer = self.api.create(node)
            assert not answer.is_refused, answer.says
        until("every simulated node is ready", self._nodes_are_ready, seconds=START_SECONDS)

    def _takes(self, definition: str) -> bool:
        answer = self.api.create_text(definition, "apiextensions.k8s.io/v1", "CustomResourceDefinition")
        # A server that is slow has perhaps taken it all the same, and says so when asked again.
        assert answer.status in (201, 409, 500, 504), answer.says
        return answer.status in (201, 409)

    def _nodes_are_ready(self) -> bool:
        ready = [
            each["metadata"]["name"]
            for each in self.api.list("Node")
            for condition in each.get("status", {}).get("conditions") or ()
            if (condition["type"], condition["status"]) == ("Ready", "True")
        ]
        return sorted(ready) == sorted(self.node_names())

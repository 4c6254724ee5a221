"""Helm's own engine, wrapped: the only file that knows which package it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import helm_python
from helm_python import _native

Values = Mapping[str, Any]
REQUEST_SECONDS: Final = 120


class Refused(Exception):
    """Helm refused the values or a template; the text is Helm's, with our sentence in it."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart folder."""

    folder: Path

    def render(self, values: Values, *, release: str, namespace: str) -> dict[str, str]:
        """The manifests by template, schema checked first. Raises Refused."""
        try:
            with helm_python.Chart.load(self.folder) as chart:
                chart.validate_schema(dict(values))
                return chart.render(dict(values), name=release, namespace=namespace, is_install=True)
        except helm_python.HelmError as error:
            raise Refused(str(error)) from error

    def check(self, values: Values) -> None:
        """The schema alone. Raises Refused."""
        try:
            with helm_python.Chart.load(self.folder) as chart:
                chart.validate_schema(dict(values))
        except helm_python.HelmError as error:
            raise Refused(str(error)) from error

    def complaints(self, values: Values, *, namespace: str) -> list[str]:
        """What `helm lint` says is wrong."""
        report = helm_python.lint(self.folder, dict(values), strict=True, namespace=namespace)
        return [*report["errors"], *(each["error"] for each in report["messages"] if each["severity"] > 1)]


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases in a namespace of a cluster.

    `wait_seconds`: for every pod to be ready, every Job done; None: Helm says "deployed" at once.
    """

    kubeconfig: Path
    namespace: str

    def install(
        self, chart: Path, name: str, values: Values, *, wait_seconds: int | None = None
    ) -> dict[str, Any]:
        """A first revision. Raises Refused."""
        return self._ask("helm_install", chart, name, values, self._waiting(wait_seconds))

    def upgrade(
        self,
        chart: Path,
        name: str,
        values: Values,
        *,
        wait_seconds: int | None = None,
        rollback_on_failure: bool = False,
        force_conflicts: bool = False,
    ) -> dict[str, Any]:
        """A further revision; `force_conflicts` takes back the fields that others changed. Raises Refused."""
        options = {"rollback_on_failure": rollback_on_failure, "force_conflicts": force_conflicts}
        return self._ask("helm_upgrade", chart, name, values, options | self._waiting(wait_seconds))

    def uninstall(self, name: str) -> None:
        """The release goes, and all of it that is not kept. Raises Refused."""
        with self._asking() as helm:
            helm.uninstall(name)

    def states(self, name: str) -> list[str]:
        """What became of each revision, the oldest first. Raises Refused."""
        with self._asking() as helm:
            return [str(each["status"]) for each in helm.history(name)]

    def manifest(self, name: str) -> str:
        """What the newest revision holds. Raises Refused."""
        with self._asking() as helm:
            return str(helm.status(name)["manifest"])

    def _waiting(self, seconds: int | None) -> dict[str, Any]:
        return {
            "namespace": self.namespace,
            "timeout_seconds": seconds or REQUEST_SECONDS,
            "wait": "hookOnly" if seconds is None else "watcher",
            "wait_for_jobs": seconds is not None,
        }

    def _ask(
        self, action: str, chart: Path, name: str, values: Values, options: Mapping[str, Any]
    ) -> dict[str, Any]:
        # Helm's library knows `wait_for_jobs` and `force_conflicts`; the methods of the package do not name them.
        nobody = _native.HANDLE(0)
        said = (str(chart), name, json.dumps(values), json.dumps(options))
        with self._asking() as helm:
            answer: dict[str, Any] = json.loads(
                _native.call_string(action, helm._raw(), nobody, nobody, *said)
            )
            return answer

    @contextmanager
    def _asking(self) -> Iterator[helm_python.Config]:
        try:
            with helm_python.Config(
                kubeconfig_path=self.kubeconfig, namespace=self.namespace, qps=200, burst_limit=400
            ) as helm:
                yield helm
        except helm_python.HelmError as error:
            raise Refused(str(error)) from error


def library_version() -> str:
    """The version of Helm inside the package."""
    return helm_python.helm_sdk_version()

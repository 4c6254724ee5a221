"""Helm's own engine, wrapped: the only file that knows which package it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python

Values = Mapping[str, Any]


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


def library_version() -> str:
    """The version of Helm inside the package."""
    return helm_python.helm_sdk_version()

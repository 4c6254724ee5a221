"""Composes the services' schemas into the supergraph that the gateway serves."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gateway.config import FOLDER, SERVICES
from gateway.node_binary import node_binary

COMPOSE_SECONDS_MAX = 60
PROGRAM = FOLDER / "tools" / "compose.mjs"
SCHEMA_FOLDER = FOLDER / "schema"
SERVICES_FOLDER = FOLDER.parent / "services"
FILES = ("supergraph.graphql", "api.graphql")


class CompositionFailed(Exception):
    """The schemas of the services do not fit together."""


def service_schemas(folder: Path = SERVICES_FOLDER) -> dict[str, Path]:
    """The committed schema of each service that has one."""
    files = {name: folder / name / "schema.graphql" for name in SERVICES}
    return {name: file for name, file in files.items() if file.is_file()}


def compose(schemas: Mapping[str, Path], folder: Path, node: str | None = None) -> None:
    """Writes supergraph.graphql and api.graphql into the folder; raises `CompositionFailed`."""
    if not schemas:
        raise CompositionFailed("no service has a schema.graphql")
    arguments = [f"{name}={file}" for name, file in schemas.items()]
    done = subprocess.run(  # noqa: S603  # our own program, with paths that are not a user's
        [node_binary(node), str(PROGRAM), str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=COMPOSE_SECONDS_MAX,
        check=False,
    )
    if done.returncode != 0:
        raise CompositionFailed(done.stderr.strip())


def differences(folder: Path = SCHEMA_FOLDER) -> list[str]:
    """The committed files that differ from what the services' schemas compose to now."""
    with tempfile.TemporaryDirectory() as fresh:
        compose(service_schemas(), Path(fresh))
        return [name for name in FILES if _text(folder / name) != _text(Path(fresh) / name)]


def _text(file: Path) -> str | None:
    return file.read_text() if file.is_file() else None

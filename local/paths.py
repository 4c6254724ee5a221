"""Where the local stack keeps things."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run_dir() -> Path:
    """The one data folder: `RUN_DIR`, or `.run` in the checkout."""
    return Path(os.environ.get("RUN_DIR") or ROOT / ".run").resolve()


def jars_dir() -> Path:
    """The folder of the jars, laid out as a Maven repository: `JARS_DIR`, or `jars` in the data folder."""
    return Path(os.environ.get("JARS_DIR") or run_dir() / "jars").resolve()

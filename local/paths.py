"""Where the local stack keeps things."""

import os
from pathlib import Path

from local.failure import LocalFailure

ROOT = Path(__file__).resolve().parent.parent


def run_dir() -> Path:
    """The one data folder: `RUN_DIR`, or `.run` in the checkout."""
    return Path(os.environ.get("RUN_DIR") or ROOT / ".run").resolve()


def jars_dir() -> Path:
    """The folder of the jars, laid out as a Maven repository: `JARS_DIR`, or `jars` in the data folder."""
    return Path(os.environ.get("JARS_DIR") or run_dir() / "jars").resolve()


def make_folder(folder: Path, *, set_by: str) -> None:
    """Make a folder that we can write to, or say why not and which variable names another."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise LocalFailure(f"{folder} is a file and not a folder: set {set_by} to a folder.") from error
    except OSError as error:
        raise LocalFailure(
            f"The folder {folder} cannot be made ({error.strerror}): set {set_by} to another one."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise LocalFailure(f"The folder {folder} cannot be written to: set {set_by} to another one.")

"""Says before anything is installed what this machine lacks. Runs on the bare Python of the system."""

import importlib.util
import os
import shutil
import sys

PYTHON_MIN = (3, 11)
FREE_BYTES_MIN = 3_000_000_000


def lacks() -> "list[str]":
    """One sentence for each thing that is missing."""
    found = []
    here = "{}.{}".format(*sys.version_info[:2])
    if sys.version_info < PYTHON_MIN:
        found.append(
            f"Python 3.11 or newer is needed, and {sys.executable} is {here}. "
            "Name another one: make PYTHON=python3.11 …"
        )
    elif importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        found.append("Python cannot make virtual environments here. On Debian: apt install python3-venv")
    free = shutil.disk_usage(os.getcwd()).free
    if free < FREE_BYTES_MIN:
        found.append(
            f"The disk of {os.getcwd()} has {free / 1e6:.0f} MB left; "
            f"an installation from nothing wants {FREE_BYTES_MIN / 1e6:.0f} MB."
        )
    return found


if __name__ == "__main__":
    sentences = lacks()
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    sys.exit(1 if sentences else 0)

"""Starts the simulated outside parties: `python -m simulators`."""

from __future__ import annotations

import asyncio
import os
import sys

from simulators.program import serve
from simulators.settings import MissingSetting, ProductionRefused, Settings


def main() -> int:
    """Runs until stopped; returns the exit code."""
    try:
        settings = Settings.from_environment(os.environ)
    except (MissingSetting, ProductionRefused) as refusal:
        sys.stderr.write(f"simulators: {refusal.__doc__} {refusal}\n")
        return 2
    try:
        asyncio.run(serve(settings))
    except OSError as error:
        sys.stderr.write(f"simulators: cannot listen: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Measure, print the tables and keep the figures: `python -m tests.bench [gateway subgraph …]`."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.bench.report import Report, load_average

MEASUREMENTS: Final = {
    "gateway": "tests.bench.gateway_cost",
    "subgraph": "tests.bench.subgraph_cost",
    "issuing": "tests.bench.issuing",
    "relay": "tests.bench.relay",
    "payslips": "tests.bench.payslips",
    "payroll": "tests.bench.payroll",
    "payrun": "tests.bench.pay_run",
}
KEPT: Final = Path(__file__).resolve().parents[2] / ".run" / "bench.json"


def main(wanted: list[str]) -> int:
    """Run the measurements of these names, or all; 2 where a name is not known."""
    unknown = set(wanted) - set(MEASUREMENTS)
    if unknown:
        print(f"There is no measurement {', '.join(sorted(unknown))}: {', '.join(MEASUREMENTS)}.")
        return 2
    kept = {}
    for name in wanted or MEASUREMENTS:
        began, busy = time.monotonic(), load_average()
        with tempfile.TemporaryDirectory(prefix="partage-bench-") as folder:
            reports: list[Report] = importlib.import_module(MEASUREMENTS[name]).measure(Path(folder))
        for report in reports:
            report.facts["load average before"] = round(busy, 1)
            print("\n".join([*report.lines(), ""]), flush=True)
        kept[name] = {
            "seconds": round(time.monotonic() - began, 1),
            "reports": [each.as_json() for each in reports],
        }
    machine = {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version()}
    KEPT.parent.mkdir(exist_ok=True)
    earlier = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    measured = {**earlier.get("measured", {}), **kept}
    text = json.dumps(
        {"at": datetime.now(UTC).isoformat(), "machine": machine, "measured": measured}, indent=2
    )
    KEPT.write_text(text + "\n")
    print(f"The figures as JSON: {KEPT}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

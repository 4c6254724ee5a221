"""Results of runs as lines of JSON, and their sum: a run is known by its seed and size and never counted twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

FILE: Final = "runs.jsonl"
LOST, TWICE, LATE = "each wage is paid", "no wage is paid twice", "wages are in time"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to. `commit` is the product's, so that runs of another one are not added to it."""

    seed: int
    stories: int
    commit: str
    seconds: float
    story_seconds: float
    faults: Mapping[str, int]
    deaths: Mapping[str, int]
    again: Mapping[str, int]
    endings: Mapping[str, int]
    findings: list[str] = field(default_factory=list)


def keep(folder: Path, run: Run) -> None:
    """Add a run to the file of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(run), sort_keys=True) + "\n")


def kept(folder: Path) -> list[Run]:
    """All runs of the folder; of one that was repeated the last."""
    path = folder / FILE
    if not path.exists():
        return []
    runs = [Run(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return list({(run.seed, run.stories): run for run in runs}.values())


def summary(runs: Iterable[Run]) -> str:
    """The sum in words: stories, faults by kind and victim, what was found."""
    runs = list(runs)
    if not runs:
        return "No run is kept yet."
    faults, deaths, again, endings = (
        _added(getattr(run, name) for run in runs) for name in ("faults", "deaths", "again", "endings")
    )
    findings = [f"seed {run.seed}: {finding}" for run in runs for finding in run.findings]
    stories = sum(run.stories for run in runs)
    seconds = sum(run.story_seconds for run in runs)
    lines = [
        f"{stories} stories in {len(runs)} runs (seeds {', '.join(str(run.seed) for run in runs)}), "
        f"{stories / max(seconds, 1):.2f} stories a second under fire",
        f"  lost {_count(findings, LOST)}, paid twice {_count(findings, TWICE)}, late {_count(findings, LATE)}, "
        f"findings in all {len(findings)}",
        "  endings:",
        *_table(endings),
        f"  faults ({sum(faults.values())}):",
        *_table(faults),
        f"  programs that died and were started again ({sum(deaths.values())}):",
        *_table(deaths),
        f"  requests asked again with their key ({sum(again.values())}):",
        *_table(again),
        *(f"  FOUND {finding}" for finding in findings),
    ]
    return "\n".join(lines)


def _added(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total = Counter[str]()
    for each in counts:
        total.update(each)
    return total


def _table(counts: Counter[str]) -> list[str]:
    return [f"    {number:6} {name}" for name, number in sorted(counts.items())]


def _count(findings: list[str], check: str) -> int:
    return sum(f"[{check}]" in finding for finding in findings)

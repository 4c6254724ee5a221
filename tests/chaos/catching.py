"""`make mutants`: each mutant in its trap must be caught, and the product in all traps must not be."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import uvloop

from tests.chaos.checker import Finding
from tests.chaos.mutants import MUTANTS, Mutant, mutated
from tests.chaos.run import Field, open_field
from tests.e2e.answers import NoAnswer
from tests.e2e.client import Failed, Refused
from tests.e2e.waiting import NeverHappened

# A mutant that loses something makes its story wait for ever: this long is believed.
MUTANT_PATIENCE_SECONDS: Final = 45.0
MUTANT_DRAIN_SECONDS: Final = 30.0
STUCK: Final = "every story ends"


@dataclass(frozen=True, slots=True)
class Catch:
    """What the checks said of a mutant. It is caught by a check that was meant to find it, not by slowness."""

    mutant: Mutant
    found: Sequence[Finding]
    seconds: float

    @property
    def by(self) -> list[str]:
        """The checks that found something, those that were meant to first."""
        names = list(dict.fromkeys(finding.check for finding in self.found))
        return sorted(names, key=lambda name: name not in self.mutant.caught_by)

    @property
    def is_caught(self) -> bool:
        """Whether a check that was meant to find it did."""
        return not self.mutant.caught_by.isdisjoint(self.by)


def catch_all(wanted: Collection[str], *, only: str | None = None) -> int:
    """Every mutant, or those named; then the product in the same traps. 0 where all is as it must be."""
    chosen = [mutant for mutant in MUTANTS if not wanted or mutant.name in wanted]
    unknown = set(wanted) - {mutant.name for mutant in chosen}
    if unknown:
        print(
            f"There is no mutant {', '.join(sorted(unknown))}; there are {', '.join(m.name for m in MUTANTS)}."
        )
        return 2
    catches = [] if only == "product" else [_in_a_fresh_folder(mutant) for mutant in chosen]
    if catches:
        print(table(catches), flush=True)
    blamed = [] if only == "mutants" else uvloop.run(_product(chosen))
    for finding in blamed:
        print(f"THE PRODUCT IS BLAMED: {finding}", flush=True)
    if only != "mutants" and not blamed:
        print(f"The product passes the traps of {len(chosen)} mutants.")
    return 0 if not blamed and all(each.is_caught for each in catches) else 1


def table(catches: Sequence[Catch]) -> str:
    """The table of the README."""
    lines = ["| mutant | caught | by the check | its first words | s |", "| --- | --- | --- | --- | --- |"]
    for each in catches:
        words = next((f.sentence for f in each.found if f.check in each.mutant.caught_by), "")
        note = f" ({each.mutant.note})" if each.mutant.note else ""
        lines.append(
            f"| {each.mutant.name}{note} | {'yes' if each.is_caught else 'NO'} | {', '.join(each.by)} | "
            f"{words[:110]} | {each.seconds:.0f} |"
        )
    return "\n".join(lines)


def _in_a_fresh_folder(mutant: Mutant) -> Catch:
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    began = time.monotonic()
    try:
        found = uvloop.run(_caught(mutant, folder))
        if mutant.caught_by.isdisjoint(finding.check for finding in found):
            kept = Path(".run") / "chaos" / f"logs-{mutant.name.replace(' ', '-')}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder / "run" / "logs", kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    catch = Catch(mutant, found, time.monotonic() - began)
    _say(f"{mutant.name}: {'caught' if catch.is_caught else 'NOT CAUGHT'} by {catch.by}")
    return catch


async def _caught(mutant: Mutant, folder: Path) -> list[Finding]:
    environment = mutated(mutant, folder / "mutated")
    async with open_field(
        folder / "run", seed=0, say=_say, environment=environment, patience_seconds=MUTANT_PATIENCE_SECONDS
    ) as field:
        stuck = await _sprung(field, mutant)
        # Nothing to repeat: what is lost is lost, and a repetition would only hide it.
        return stuck + await field.checked(drain_seconds=MUTANT_DRAIN_SECONDS, with_replay=False)


async def _product(mutants: Sequence[Mutant]) -> list[Finding]:
    folder = Path(tempfile.mkdtemp(prefix="innocent-"))
    try:
        async with open_field(folder, seed=0, say=_say) as field:
            stuck = []
            for trap in dict.fromkeys(mutant.trap for mutant in mutants):
                first = next(mutant for mutant in mutants if mutant.trap is trap)
                stuck += await _sprung(field, first)
                await field.nurse.all_live()
            return stuck + await field.checked()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _sprung(field: Field, mutant: Mutant) -> list[Finding]:
    stuck = []
    try:
        await mutant.trap(field)
    except* (NeverHappened, Refused, Failed, NoAnswer, httpx.HTTPError) as errors:
        stuck = [Finding(STUCK, f"{mutant.name}: {error}") for error in errors.exceptions]
    return stuck


def _say(sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.catching", description=__doc__)
    parser.add_argument("mutants", nargs="*", help="the names of some; all without")
    parser.add_argument("--only", choices=("mutants", "product"))
    return parser.parse_args()


if __name__ == "__main__":
    wish = _wish()
    sys.exit(catch_all(wish.mutants, only=wish.only))

"""Releases to upgrade between: copies of this tree, in which a made-up pair of migrations is added."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from local.paths import ROOT
from local.processes import SERVICES, Process

FOLDERS: Final = ("shared", "gateway", *(f"services/{service}" for service in SERVICES))
_LEFT_OUT: Final = shutil.ignore_patterns("node_modules", "tests", "__pycache__", ".mypy_cache")

# The outbox is the table that every service writes most. Old programs write rows without the new column: a
# trigger fills it for them, as in any expansion that gives something a second name.
_EXPAND: Final = """
alter table outbox add column drill_word text;
create function drill_fill_word() returns trigger language plpgsql as $$
begin
  new.drill_word := coalesce(new.drill_word, new.type);
  return new;
end $$;
create trigger drill_fill_word before insert on outbox for each row execute function drill_fill_word();
"""
_CONTRACT: Final = """
drop trigger drill_fill_word on outbox;
drop function drill_fill_word();
alter table outbox drop column drill_word;
"""
MADE_UP: Final = {"expand": _EXPAND, "contract": _CONTRACT}


@dataclass(frozen=True, slots=True)
class Release:
    """A tree of programs."""

    name: str
    root: Path

    def of(self, process: Process) -> Process:
        """The same program, of this release."""
        roots = [self.root / folder for folder in FOLDERS]
        return replace(
            process,
            cwd=self.root,
            env={**process.env, "PYTHONPATH": ":".join(str(root) for root in roots)},
        )


def made_up_release(name: str, folder: Path, services: Sequence[str], kinds: Sequence[str]) -> Release:
    """A copy of this tree in `folder`, with one migration of each kind for each of the services."""
    for part in FOLDERS:
        shutil.copytree(ROOT / part, folder / part, ignore=_LEFT_OUT)
    (folder / "gateway" / "node_modules").symlink_to(ROOT / "gateway" / "node_modules")
    for service in services:
        migrations = folder / "services" / service / "migrations"
        next_number = max(int(file.name[:4]) for file in migrations.glob("*.sql")) + 1
        for number, kind in enumerate(kinds, next_number):
            (migrations / f"{number:04}_{kind}_drill_word.sql").write_text(MADE_UP[kind])
    return Release(name, folder)

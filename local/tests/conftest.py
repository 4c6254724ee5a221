from collections.abc import Iterator
from pathlib import Path

import pytest

from local.paths import ROOT
from local.processes import PARTIES, Cell, Process
from local.stack import Stack

MIGRATIONS = ROOT / "shared" / "commons" / "sql"
STAND_IN = str(Path(__file__).with_name("stand_in.py"))


def stand_ins(cell: Cell) -> tuple[Process, ...]:
    """The real ports and stages, with programs that need half a megabyte of source less."""
    ports = " ".join(str(cell.ports[party]) for party in PARTIES)
    table = [
        Process("simulators", 1, (STAND_IN,), {"STAND_IN_PORTS": ports}, tuple(map(cell.url, PARTIES))),
        Process("members migrate", 2, ("-c", "print('migrated')"), {}, runs_once=True, inputs=(MIGRATIONS,)),
    ]
    table += [
        Process(name, 3, (STAND_IN,), {"STAND_IN_PORTS": str(cell.ports[name])}, (cell.url(name),))
        for name in ("members api", "members worker")
    ]
    own = {"STAND_IN_PORTS": str(cell.ports["gateway"])}
    return (*table, Process("gateway", 4, (STAND_IN,), own, (cell.url("gateway"),)))


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with Stack(folder, durable=False, table=stand_ins, say=said.append) as running:
        yield running

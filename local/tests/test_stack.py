"""The stack as a whole, with stand-ins for the services: what starts, what is said, what is left behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from local import keeper
from local import stack as stack_module
from local.child import free_port
from local.failure import LocalFailure, PortOccupied
from local.paths import ROOT
from local.processes import (
    LAW_FILES,
    SERVICES,
    Cell,
    Process,
    choose_ports,
    chosen_countries,
    port_base,
    processes,
)
from local.stack import RUN_DIR_VARIABLE, Stack, probe, refuse_full_disk, refuse_other_layout, supervisor_of
from local.tests.conftest import STAND_IN, stand_ins

DEADLINE_SECONDS = 30


def test_every_program_is_ready_when_start_returns(stack: Stack) -> None:
    for process in stand_ins(stack.cell):
        for url in process.urls:
            assert probe(f"{url}/readyz")[0] == 200


def test_the_progress_of_each_program_is_said(stack: Stack, said: list[str]) -> None:
    told = "\n".join(said)
    for name in ("postgres", "kafka", "simulators", "members migrate", "members api", "gateway"):
        assert name in told


def test_the_addresses_are_written_for_other_programs(stack: Stack) -> None:
    written = json.loads((stack.run_dir / "addresses.json").read_text())
    assert written == stack.addresses
    assert written["GATEWAY_URL"].startswith("http://127.0.0.1:")
    assert written["MEMBERS_DATABASE_URL"].startswith("postgresql://members@")


def test_a_dead_program_is_started_again_and_this_is_said(stack: Stack, said: list[str]) -> None:
    before = stack.pid("members worker")
    stack.kill("members worker")
    url = stack.cell.url("members worker")
    _until(lambda: stack.pid("members worker") != before and probe(f"{url}/readyz")[0] == 200)
    assert any(line.startswith("members worker ended (killed by SIGKILL)") for line in said)


def test_a_program_is_restarted_on_demand_on_the_same_port(stack: Stack) -> None:
    before = stack.pid("gateway")
    stack.restart("gateway")
    assert stack.pid("gateway") != before
    assert probe(f"{stack.addresses['GATEWAY_URL']}/readyz")[0] == 200


def test_a_program_on_hold_stays_down_until_it_is_restarted(stack: Stack) -> None:
    stack.hold("members api")
    time.sleep(3 * stack_module.WATCH_PAUSE_SECONDS)
    assert probe(f"{stack.cell.url('members api')}/readyz")[0] == 0
    stack.restart("members api")
    assert probe(f"{stack.cell.url('members api')}/readyz")[0] == 200


def test_a_program_is_given_other_variables_from_its_next_start_on(stack: Stack) -> None:
    def variables() -> bytes:
        return Path(f"/proc/{stack.pid('members api')}/environ").read_bytes()

    stack.give("members api", {"DATABASE_GENERATION": "2"})
    assert b"DATABASE_GENERATION=2" not in variables()
    stack.restart("members api")
    assert b"DATABASE_GENERATION=2" in variables()
    assert b"STAND_IN_PORTS=" in variables(), "besides those that it has"


def test_killed_postgres_and_kafka_come_back(stack: Stack) -> None:
    for name in ("postgres", "kafka"):
        before = stack.pid(name)
        stack.kill(name)
        port = stack.cell.ports[name]
        _until(lambda name=name, before=before, port=port: stack.pid(name) != before and _accepts(port))


def test_a_second_stack_in_the_same_folder_is_refused(stack: Stack) -> None:
    assert supervisor_of(stack.run_dir) == os.getpid()
    with pytest.raises(LocalFailure, match=rf"already runs in .* \(process {os.getpid()}\)"):
        Stack(stack.run_dir, table=stand_ins).start()


def test_a_refused_second_stack_takes_nothing_from_the_living_one(stack: Stack) -> None:
    before = {name: (stack.run_dir / name).read_text() for name in ("addresses.json", "processes.json")}
    second = Stack(stack.run_dir, table=stand_ins)
    with pytest.raises(LocalFailure, match="already runs"):
        second.start()
    assert not second.is_started
    second.stop()
    assert {name: (stack.run_dir / name).read_text() for name in before} == before
    assert supervisor_of(stack.run_dir) == os.getpid()


def test_an_orderly_stop_leaves_no_process_and_a_second_start_finds_the_data(tmp_path: Path) -> None:
    first = Stack(tmp_path, durable=False, table=stand_ins)
    first.start()
    keys = (tmp_path / "data" / "keys.json").read_text()
    first.stop()
    assert keeper.processes_with(RUN_DIR_VARIABLE, str(tmp_path)) == []
    assert supervisor_of(tmp_path) is None
    with Stack(tmp_path, durable=False, table=stand_ins):
        assert (tmp_path / "data" / "keys.json").read_text() == keys
    assert (tmp_path / "logs" / "members-migrate.log").read_text() == "migrated\n", "migrated once, not twice"


def test_a_database_that_was_dropped_by_hand_is_migrated_again(tmp_path: Path) -> None:
    with Stack(tmp_path, durable=False, supervise=False, table=stand_ins) as first:
        asyncio.run(_drop(first.addresses["POSTGRES_URL"], "members"))
    with Stack(tmp_path, durable=False, table=stand_ins):
        assert (tmp_path / "logs" / "members-migrate.log").read_text() == "migrated\n" * 2


def test_a_supervisor_killed_with_9_leaves_no_process(tmp_path: Path) -> None:
    program = (
        "import time; from pathlib import Path\n"
        "from local.stack import Stack; from local.tests.conftest import stand_ins\n"
        f"Stack(Path({str(tmp_path)!r}), durable=False, table=stand_ins).start(); print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "up\n"
        assert len(keeper.processes_with(RUN_DIR_VARIABLE, str(tmp_path))) >= 6
        supervisor.send_signal(signal.SIGKILL)
    _until(lambda: not keeper.processes_with(RUN_DIR_VARIABLE, str(tmp_path)))


def test_a_program_that_ends_while_starting_is_named_with_its_reason_and_its_log(tmp_path: Path) -> None:
    def table(cell: Cell) -> tuple[Process, ...]:
        url = cell.url("members api")
        return (*stand_ins(cell)[:1], Process("members api", 3, (STAND_IN, "fail"), {}, (url,)))

    with pytest.raises(LocalFailure) as failure:
        Stack(tmp_path, durable=False, table=table).start()
    sentence = str(failure.value)
    assert "members api ended while starting (exit status 3)" in sentence
    assert "speaks another language" in sentence
    assert str(tmp_path / "logs" / "members-api.log") in sentence
    assert keeper.processes_with(RUN_DIR_VARIABLE, str(tmp_path)) == []


def test_an_occupied_port_is_named_with_its_holder_before_anything_starts(tmp_path: Path) -> None:
    base = _base_with_free_ports()
    with socket.create_server(("127.0.0.1", base)), pytest.raises(PortOccupied) as failure:
        Stack(tmp_path, port_base=base, table=stand_ins).start()
    sentence = str(failure.value)
    assert f"Port {base}, wanted by the gateway, is taken by process {os.getpid()} (" in sentence
    assert "PORT_BASE=" in sentence
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_data_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "VERSION").write_text("0\n")
    with pytest.raises(LocalFailure, match=r"has layout 0, and this program writes layout 1.*make clean"):
        refuse_other_layout(tmp_path)


def test_a_folder_that_holds_other_things_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "VERSION").write_text("2.14.1 of another program\n")
    with pytest.raises(LocalFailure, match="it has no VERSION of ours and holds VERSION, data"):
        Stack(tmp_path, table=stand_ins).start()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["VERSION", "data"]


def test_a_folder_with_only_what_setup_put_there_is_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JARS_DIR", str(tmp_path / "mine" / "archives"))
    for name in ("jars", "mine", "tools", "oracles", "chaos"):
        (tmp_path / name).mkdir()
    refuse_other_layout(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder, sentence in ((file, "is a file and not a folder"), (file / "below", "cannot be made")):
        with pytest.raises(LocalFailure, match=f"{sentence}.*set RUN_DIR to"):
            Stack(folder, table=stand_ins).start()


def test_a_folder_that_cannot_be_written_to_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write wherever the file system lets it, so the answer of the system is put in its place.
    monkeypatch.setattr("local.paths.os.access", lambda *_asked: False)
    with pytest.raises(LocalFailure, match="cannot be written to: set RUN_DIR to another one"):
        Stack(tmp_path, table=stand_ins).start()


def test_a_port_of_the_system_is_refused_with_the_way_to_choose_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bind(_socket: socket.socket, _address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("local.child.socket.socket.bind", bind, raising=False)
    with pytest.raises(PortOccupied, match=r"Port 80, .* may not be opened by this user.*PORT_BASE=4000"):
        Stack(tmp_path, port_base=80, table=stand_ins).start()


def test_programs_keep_their_byte_code_whatever_the_person_has_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    def table(cell: Cell) -> tuple[Process, ...]:
        program = "import sys; print(sys.dont_write_bytecode)"
        return (*stand_ins(cell)[:1], Process("members migrate", 2, ("-c", program), {}, runs_once=True))

    with Stack(tmp_path, durable=False, table=table) as started:
        assert started.log("members migrate").read_text() == "False\n"


def test_a_full_disk_is_noticed_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_module, "FREE_BYTES_MIN", 10**18)
    with pytest.raises(LocalFailure, match=r"has \d+ MB left, .* Free some space"):
        refuse_full_disk(tmp_path / "not" / "yet" / "made")


def test_an_unknown_country_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTRIES", "be xx")
    with pytest.raises(LocalFailure, match="There is no country xx: shared/countries has "):
        chosen_countries()


def test_a_country_whose_cell_cannot_run_yet_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for country, files in (("be", LAW_FILES), ("se", ("country", "payroll"))):
        folder = tmp_path / "shared" / "countries" / country
        folder.mkdir(parents=True)
        for name in files:
            (folder / f"{name}.yaml").touch()
    monkeypatch.setattr("local.processes.ROOT", tmp_path)
    monkeypatch.setenv("COUNTRIES", "be se")
    with pytest.raises(
        LocalFailure, match=r"The cell se cannot run yet: .* lacks invoicing\.yaml, .* name be\."
    ):
        chosen_countries()


@pytest.mark.parametrize(
    ("named", "chosen"),
    [("", ("be",)), ("FR", ("fr",)), ("be,fr,hu", ("be", "fr", "hu")), ("hu hu  be", ("hu", "be"))],
)
def test_each_country_whose_law_is_whole_runs_once(
    named: str, chosen: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTRIES", named)
    assert chosen_countries() == chosen


def test_a_port_base_that_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("seventy", "-1", "65500", "9" * 5000):
        monkeypatch.setenv("PORT_BASE", text)
        with pytest.raises(LocalFailure, match=rf"PORT_BASE is {text}; it must be 0 .* up to 65443\."):
            port_base()


def test_only_the_workers_wait_for_the_broker_and_invoicing_begins_first(tmp_path: Path) -> None:
    table = processes(Cell("be", tmp_path, choose_ports(0), {"DATA_KEY": "one", "LINK_KEY": "two"}))
    waiting = {process.name for process in table if process.after and "kafka" in process.after}
    assert waiting == {f"{service} worker" for service in SERVICES}
    assert next(process.name for process in table if process.stage == 3) == "invoicing api"


def test_a_program_starts_when_those_it_comes_after_are_ready_and_not_before(tmp_path: Path) -> None:
    order: list[str] = []

    def table(cell: Cell) -> tuple[Process, ...]:
        simulators, migrate, api, *_others = stand_ins(cell)
        return simulators, replace(migrate, after=("members api",)), replace(api, after=("simulators",))

    with Stack(tmp_path, durable=False, table=table, say=order.append):
        names = [" ".join(line.split()[:2]) for line in order]
    assert names.index("simulators ready") < names.index("members api") < names.index("members migrate")


def test_no_two_programs_share_a_port() -> None:
    for base in (0, 4000):
        ports = choose_ports(base)
        assert len(set(ports.values())) == len(ports)


def test_a_key_goes_only_to_the_service_that_uses_it(tmp_path: Path) -> None:
    cell = Cell("be", tmp_path, choose_ports(0), {"DATA_KEY": "secret one", "LINK_KEY": "secret two"})
    holders = {
        (key, process.name.split()[0])
        for process in processes(cell)
        for key in ("DATA_KEY", "LINK_KEY")
        if key in process.env
    }
    assert holders == {("DATA_KEY", "payroll"), ("LINK_KEY", "invoicing")}


async def _drop(url: str, database: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"drop database {database}")
    finally:
        await connection.close()


def _until(is_true: object) -> None:
    assert callable(is_true)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _base_with_free_ports() -> int:
    return min(free_port(), 64_000)

"""PostgreSQL under our own supervisor."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from local import postgres as postgres_module
from local.failure import LocalFailure
from local.postgres import Postgres


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("cluster") / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


async def test_it_answers_under_its_address(postgres: Postgres) -> None:
    connection = await asyncpg.connect(postgres.url())
    try:
        assert await connection.fetchval("select 1") == 1
        assert await connection.fetchval("show timezone") == "UTC"
    finally:
        await connection.close()


def test_a_service_owns_its_database_and_no_other_service_may_enter(postgres: Postgres) -> None:
    postgres.ensure_database("members")
    postgres.ensure_database("members")
    postgres.ensure_database("payroll")
    assert postgres.execute("select current_user", database="members", user="members") == "members"
    with pytest.raises(LocalFailure, match="permission denied"):
        postgres.execute("select 1", database="members", user="payroll")


def test_what_was_committed_survives_a_kill(postgres: Postgres) -> None:
    postgres.execute("create table kept (n int); insert into kept values (7)")
    port = postgres.port
    postgres.kill()
    assert not postgres.running
    postgres.start()
    assert postgres.execute("select n from kept") == "7"
    assert postgres.port == port


def test_text_is_sorted_by_code_point_and_lower_case_knows_accents(postgres: Postgres) -> None:
    assert postgres.execute("select lower('ÉTÉ'), 'Z' < 'a'") == "été|t"


def test_a_lock_file_left_by_a_former_life_of_the_machine_does_not_hinder(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.start()
    server.kill()
    lock = server.data_dir / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    server.start()
    assert server.execute("select 1") == "1"
    server.stop()


def test_a_folder_made_by_another_version_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(LocalFailure, match=r"was made by PostgreSQL 9, .* \(PG_BIN\)"):
        Postgres(folder).start()


def test_a_folder_too_deep_for_a_socket_still_gets_a_server(tmp_path: Path) -> None:
    server = Postgres(tmp_path / ("deep" * 20) / "postgres", durable=False)
    server.start()
    assert server.execute("select 1") == "1"
    server.stop()


def test_a_folder_without_the_programs_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    postgres_module.binaries.cache_clear()
    with pytest.raises(LocalFailure, match="There is no PostgreSQL in"):
        postgres_module.binaries()
    postgres_module.binaries.cache_clear()


@pytest.mark.skipif(os.geteuid() != 0, reason="not run: only root needs another identity")
def test_root_without_user_namespaces_runs_it_as_an_unprivileged_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres_module, "_has_user_namespaces", lambda _prefix: False)
    with tempfile.TemporaryDirectory(prefix="partage-test-") as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder) / "postgres", durable=False)
        server.start()
        owner = subprocess.run(
            ["stat", "-c", "%u", f"/proc/{server.pid}"], capture_output=True, text=True, check=True
        )
        assert owner.stdout.strip() == str(postgres_module.UNPRIVILEGED_ID)
        assert server.execute("select 1") == "1"
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="not run: only root needs another identity")
def test_root_without_user_namespaces_is_told_when_the_folder_cannot_be_reached(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres_module, "_has_user_namespaces", lambda _prefix: False)
    tmp_path.chmod(0o700)
    with pytest.raises(LocalFailure, match="no user namespaces"):
        Postgres(tmp_path / "postgres", durable=False).start()

"""A PostgreSQL of one service as production has it: its own server, a base backup, and an archive of its WAL.

What the operator does there is done here with PostgreSQL's own programs: `pg_basebackup`, `archive_command`,
`restore_command`, `recovery_target_time`, promotion.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from local.postgres import Postgres, binaries

ARCHIVE_TIMEOUT_SECONDS: Final = 5  # five minutes in the chart: what a lost server loses at most
COMMAND_SECONDS_MAX: Final = 120
WAIT_SECONDS_MAX: Final = 120.0
POLL_SECONDS: Final = 0.2


class RestoreFailed(Exception):
    """A step of the restoration itself did not work; the sentence says what was seen."""


@dataclass(slots=True)
class Generation:
    """One server of a service, and the archive that it alone writes to."""

    number: int
    folder: Path
    server: Postgres

    @classmethod
    def of(cls, folder: Path, service: str, number: int) -> Generation:
        """Not started; `folder` holds all generations, their archives and the backup."""
        own = folder / f"{service}-pg-{number}"
        return cls(number, own, Postgres(own / "data", durable=True, log=folder / f"{own.name}.log"))

    @property
    def archive(self) -> Path:
        """Where its WAL is kept."""
        return self.folder / "archive"

    def begin(self, database: str) -> None:
        """A new server with an empty database of that name, which archives from now on."""
        self.server.start()
        self._own(self.archive)
        for name, value in self._archiving().items():
            self.server.execute(f"alter system set {name} = '{value}'")
        self.server.restart()
        self.server.ensure_database(database)

    def back_up(self, target: Path) -> None:
        """A base backup without WAL: that is in the archive. It is verified."""
        url = self.server.url()
        _run("pg_basebackup", "-d", url, "-D", target, "-X", "none", "--checkpoint=fast", "--no-sync")
        _run("pg_verifybackup", "--no-parse-wal", target)
        _give(target, like=self.server.data_dir)

    def restore(self, backup: Path, archive: Path, moment: datetime) -> None:
        """From a backup and the archive of another generation up to a moment, then promoted."""
        data = self.server.data_dir
        data.parent.mkdir(parents=True)
        shutil.copytree(backup, data, symlinks=True)
        data.chmod(0o700)
        settings = self._archiving() | {
            "restore_command": f'cp "{archive}/%f" "%p"',
            "recovery_target_time": moment.isoformat(),
            "recovery_target_action": "promote",
        }
        with (data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        (data / "recovery.signal").touch()
        _give(data, like=backup)
        self._own(self.archive)
        self.server.start()
        # It can be read while it still recovers.
        self._wait(f"{self.folder.name} is promoted", "select not pg_is_in_recovery()")

    def wait_until_archived(self, moment: datetime) -> None:
        """Wait until what was committed at a moment is in the archive, and something after it."""
        self._wait(
            f"{moment} is in the archive",
            "select pg_walfile_name(pg_current_wal_lsn()) > last_archived_wal "  # noqa: S608  (an instant)
            f"and last_archived_time > '{moment.isoformat()}'::timestamptz + interval '2 s' "
            "from pg_stat_archiver",
        )

    def lose(self) -> None:
        """The server is killed and its data folder is gone; the archive is elsewhere and stays."""
        self.server.kill()
        shutil.rmtree(self.server.data_dir)

    def now(self) -> datetime:
        """The server's clock, by which a moment is named."""
        return datetime.fromisoformat(self.server.execute("select clock_timestamp()"))

    def _wait(self, what: str, question: str) -> None:
        until = time.monotonic() + WAIT_SECONDS_MAX
        while self.server.execute(question) != "t":
            if time.monotonic() > until:
                raise RestoreFailed(f"not within {WAIT_SECONDS_MAX:.0f} s: {what}")
            time.sleep(POLL_SECONDS)

    def _archiving(self) -> dict[str, str]:
        return {
            "archive_mode": "on",
            "archive_command": f'test ! -f "{self.archive}/%f" && cp "%p" "{self.archive}/%f"',
            "archive_timeout": f"{ARCHIVE_TIMEOUT_SECONDS}s",
        }

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _give(folder, like=self.server.data_dir)


def _run(program: str, *arguments: str | Path) -> None:
    done = subprocess.run(  # noqa: S603  (our own programs)
        [str(binaries() / program), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS_MAX,
    )
    if done.returncode != 0:
        raise RestoreFailed(f"{program} refused: {done.stderr.strip()[-2_000:]}")


def _give(folder: Path, *, like: Path) -> None:
    """The server may run as another user than we."""
    owner = like.stat()
    if owner.st_uid != os.geteuid():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)

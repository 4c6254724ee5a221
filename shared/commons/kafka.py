"""Kafka behind a small port: send a batch, poll, commit, and a watchdog for a consumer that got stuck."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    RebalanceInProgressError,
    TopicAlreadyExistsError,
    UnknownMemberIdError,
)

from commons import telemetry

log = logging.getLogger(__name__)

Header = tuple[str, bytes]

PARTITIONS: Final = 6
START_TIMEOUT_SECONDS: Final = 30.0
SEND_TIMEOUT_SECONDS: Final = 60.0  # above the client's own 40 s, which idempotence needs for its repetitions
CALL_TIMEOUT_SECONDS: Final = 20.0
STOP_TIMEOUT_SECONDS: Final = 10.0
READ_WHOLE_SECONDS_MAX: Final = 3_600.0  # two weeks of a large country
TOPIC_VISIBLE_POLL_SECONDS: Final = 0.02
TOPIC_VISIBLE_ATTEMPTS_MAX: Final = 500
SESSION_TIMEOUT_MILLISECONDS: Final = 6_000  # after a kill its partitions wait this long for a new owner
HEARTBEAT_MILLISECONDS: Final = 500
BATCH_SIZE_MAX_BYTES: Final = 524_288
REQUEST_SIZE_MAX_BYTES: Final = 2_097_152
WATCHDOG_QUIET_SECONDS: Final = 90.0  # above the longest batch, its repetitions and a rebalance


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. Messages of the same key stay in order."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What was polled, with its place."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]


class Producer(Protocol):
    """The sending half of the port."""

    async def send_batch(self, messages: Sequence[Message]) -> None:
        """Send all; return once all replicas acknowledged each. An error leaves it unknown which arrived."""

    async def close(self) -> None:
        """Close the connections."""


class Consumer(Protocol):
    """The receiving half of the port: one member of a group."""

    async def poll(
        self, *, records_max: int, timeout_seconds: float
    ) -> Mapping[Partition, Sequence[Received]]:
        """What has arrived, by partition and in order; empty after the timeout."""

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remember the next offset of each partition; for one that was taken away this does nothing."""

    async def lag(self) -> Mapping[Partition, int]:
        """How many messages of each assigned partition have not been polled."""

    async def end_offsets(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """The offset that the next message of each partition will get."""

    def assignment(self) -> frozenset[Partition]:
        """The partitions this member has."""

    async def close(self) -> None:
        """Leave the group."""


class ConsumerStuck(Exception):
    """The consumer polls nothing although there is something, or lost its partitions: restart the process."""


class Watchdog:
    """Finds a consumer that is stuck without saying so (aiokafka issues 1154 and 847)."""

    def __init__(self, consumer: Consumer, *, quiet_seconds: float = WATCHDOG_QUIET_SECONDS) -> None:
        self._consumer = consumer
        self._quiet_seconds = quiet_seconds
        self._last_sign = time.monotonic()

    def sign_of_life(self) -> None:
        """Something was polled or finished."""
        self._last_sign = time.monotonic()

    async def check(self) -> None:
        """Raise ConsumerStuck where there was no sign of life for too long and there should have been."""
        if time.monotonic() - self._last_sign < self._quiet_seconds:
            return
        waiting = {part: count for part, count in (await self._consumer.lag()).items() if count > 0}
        if waiting or not self._consumer.assignment():
            telemetry.WATCHDOG_EXITS.inc()
            raise ConsumerStuck(
                f"quiet for {self._quiet_seconds} s, waiting: {waiting or 'no partition assigned'}"
            )
        self.sign_of_life()

    async def run(self) -> None:
        """Check for ever; ends only by ConsumerStuck."""
        while True:
            await asyncio.sleep(self._quiet_seconds / 4)
            await self.check()


class KafkaProducer:
    """The port's Producer over aiokafka: acks from all replicas, idempotent, a deadline around everything."""

    def __init__(self, client: AIOKafkaProducer) -> None:
        self._client = client

    @classmethod
    async def start(cls, bootstrap: str, *, tls: ssl.SSLContext | None = None) -> KafkaProducer:
        """Connect. Raises TimeoutError or a KafkaError."""
        client = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_SIZE_MAX_BYTES,
            max_request_size=REQUEST_SIZE_MAX_BYTES,
            security_protocol="SSL" if tls else "PLAINTEXT",
            ssl_context=tls,
        )
        await _started(client)
        return cls(client)

    async def send_batch(self, messages: Sequence[Message]) -> None:
        """Send all; return once every one is acknowledged. Raises TimeoutError or a KafkaError."""
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            # `send` only queues, in this order; what is awaited together is the acknowledgments.
            acknowledgments = [
                await self._client.send(each.topic, each.value, key=each.key, headers=list(each.headers))
                for each in messages
            ]
            await asyncio.gather(*acknowledgments)

    async def close(self) -> None:
        """Close the connections, within a time limit."""
        await _stopped(self._client)


class KafkaConsumer:
    """The port's Consumer over aiokafka: offsets committed by hand, a deadline around everything."""

    def __init__(self, client: AIOKafkaConsumer) -> None:
        self._client = client

    @classmethod
    async def start(
        cls, bootstrap: str, *, group: str, topics: Sequence[str], tls: ssl.SSLContext | None = None
    ) -> KafkaConsumer:
        """Join the group; the first time it reads from the beginning. Raises TimeoutError or a KafkaError."""
        client = AIOKafkaConsumer(
            *topics,
            bootstrap_servers=bootstrap,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_TIMEOUT_MILLISECONDS,
            heartbeat_interval_ms=HEARTBEAT_MILLISECONDS,
            max_partition_fetch_bytes=REQUEST_SIZE_MAX_BYTES,
            security_protocol="SSL" if tls else "PLAINTEXT",
            ssl_context=tls,
        )
        await _started(client)
        return cls(client)

    async def poll(
        self, *, records_max: int, timeout_seconds: float
    ) -> Mapping[Partition, Sequence[Received]]:
        """What has arrived, by partition and in order."""
        async with asyncio.timeout(timeout_seconds + CALL_TIMEOUT_SECONDS):
            polled = await self._client.getmany(
                timeout_ms=int(timeout_seconds * 1000), max_records=records_max
            )
        return {
            Partition(place.topic, place.partition): [
                Received(each.topic, each.partition, each.offset, each.key, each.value, tuple(each.headers))
                for each in records
            ]
            for place, records in polled.items()
        }

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remember the next offsets. A lost commit only means duplicates, which the inbox stops."""
        mine = self._client.assignment()
        kept = {
            TopicPartition(*part): offset for part, offset in offsets.items() if TopicPartition(*part) in mine
        }
        if not kept:
            return
        try:
            async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
                await self._client.commit(kept)
        except (
            CommitFailedError,
            IllegalGenerationError,
            IllegalStateError,
            RebalanceInProgressError,
            UnknownMemberIdError,
        ) as error:
            log.info("offsets were not committed", extra={"error": type(error).__name__})

    async def lag(self) -> Mapping[Partition, int]:
        """How many messages of each assigned partition have not been polled."""
        ends = await self.end_offsets(self.assignment())
        async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
            return {
                part: end - await self._client.position(TopicPartition(*part)) for part, end in ends.items()
            }

    async def end_offsets(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """The offset that the next message of each partition will get."""
        async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
            ends = await self._client.end_offsets([TopicPartition(*part) for part in partitions])
        return {Partition(place.topic, place.partition): end for place, end in ends.items()}

    def assignment(self) -> frozenset[Partition]:
        """The partitions this member has."""
        return frozenset(Partition(place.topic, place.partition) for place in self._client.assignment())

    async def close(self) -> None:
        """Leave the group, within a time limit."""
        await _stopped(self._client)


async def read_whole(
    bootstrap: str, topics: Sequence[str], *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Sequence[Received]]:
    """Everything that topics hold now, batch by batch, in the order of each partition.

    Raises KafkaError, TimeoutError.
    """
    parts = await _partitions(bootstrap, topics, tls)
    if not parts:
        return
    async with _reader(bootstrap, None, tls) as client:
        spans = await _spans(client, parts)
        async for batch in _read(client, spans, READ_WHOLE_SECONDS_MAX):
            yield batch


async def read_ends(
    bootstrap: str,
    *,
    said: str,
    group: str,
    heard: Sequence[str],
    each: int,
    tls: ssl.SSLContext | None = None,
) -> tuple[Sequence[Received], Sequence[Received]]:
    """The last messages of the topic `said`, and the last that a group has committed of the topics `heard`.

    At most `each` of a partition. Looks on without joining the group. Raises KafkaError, TimeoutError.
    """
    parts = await _partitions(bootstrap, [said, *heard], tls)
    if not parts:
        return [], []
    async with _reader(bootstrap, group, tls) as client:
        spans = await _spans(client, [part for part in parts if part.topic == said])
        committed = await _spans(client, [part for part in parts if part.topic != said])
        async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
            for place, (begin, end) in committed.items():
                committed[place] = (begin, min(end, await client.committed(place) or begin))
        spans |= committed
        lasts = {place: (max(begin, end - each), end) for place, (begin, end) in spans.items()}
        found = [message async for batch in _read(client, lasts, CALL_TIMEOUT_SECONDS) for message in batch]
    return [one for one in found if one.topic == said], [one for one in found if one.topic != said]


@asynccontextmanager
async def _reader(
    bootstrap: str, group: str | None, tls: ssl.SSLContext | None
) -> AsyncIterator[AIOKafkaConsumer]:
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        max_partition_fetch_bytes=REQUEST_SIZE_MAX_BYTES,
        security_protocol="SSL" if tls else "PLAINTEXT",
        ssl_context=tls,
    )
    await _started(client)
    try:
        yield client
    finally:
        await _stopped(client)


@asynccontextmanager
async def _administrator(bootstrap: str, tls: ssl.SSLContext | None) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap, security_protocol="SSL" if tls else "PLAINTEXT", ssl_context=tls
    )
    async with asyncio.timeout(START_TIMEOUT_SECONDS):
        await client.start()
    try:
        yield client
    finally:
        await asyncio.wait_for(client.close(), STOP_TIMEOUT_SECONDS)


async def _partitions(
    bootstrap: str, topics: Sequence[str], tls: ssl.SSLContext | None
) -> list[TopicPartition]:
    """Those of the topics that exist. A consumer knows only what it subscribes to; the administrator all."""
    async with _administrator(bootstrap, tls) as admin, asyncio.timeout(CALL_TIMEOUT_SECONDS):
        described = await admin.describe_topics(list(topics)) if topics else []
    return [
        TopicPartition(topic["topic"], number)
        for topic in described
        for number in sorted(part["partition"] for part in topic["partitions"])
    ]


async def _spans(
    client: AIOKafkaConsumer, parts: Sequence[TopicPartition]
) -> dict[TopicPartition, tuple[int, int]]:
    if not parts:
        return {}
    async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
        begins, ends = await client.beginning_offsets(parts), await client.end_offsets(parts)
    return {place: (begins[place], ends[place]) for place in parts}


async def _read(
    client: AIOKafkaConsumer, spans: Mapping[TopicPartition, tuple[int, int]], seconds: float
) -> AsyncIterator[Sequence[Received]]:
    unread = {place: span for place, span in spans.items() if span[0] < span[1]}
    if not unread:
        return
    client.assign(list(unread))
    for place, (begin, _) in unread.items():
        client.seek(place, begin)
    until = time.monotonic() + seconds
    while unread:
        if time.monotonic() > until:
            raise TimeoutError(f"{len(unread)} partitions were not read to their end within {seconds:.0f} s")
        polled = await client.getmany(*unread, timeout_ms=500)
        for place, records in polled.items():
            yield [
                Received(place.topic, one.partition, one.offset, one.key, one.value, tuple(one.headers))
                for one in records
                if one.offset < unread[place][1]
            ]
        for place in list(unread):
            if await client.position(place) >= unread[place][1]:
                del unread[place]


async def ensure_topics(
    bootstrap: str,
    names: Sequence[str],
    *,
    partitions: int = PARTITIONS,
    replication: int = 1,
    config: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Create the topics that do not exist and wait until they are usable. Raises KafkaError, TimeoutError."""
    async with _administrator(bootstrap, tls) as client:
        async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
            answer = await client.create_topics(
                [NewTopic(name, partitions, replication, topic_configs=dict(config or {})) for name in names]
            )
        for name, code, *detail in answer.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise KafkaError(f"topic {name} was not created: error {code} {detail}")
        # A created topic is visible some milliseconds after the answer.
        for _ in range(TOPIC_VISIBLE_ATTEMPTS_MAX):
            async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
                topics = await client.describe_topics(list(names))
            if not any(topic["error_code"] for topic in topics):
                return
            await asyncio.sleep(TOPIC_VISIBLE_POLL_SECONDS)
        raise KafkaError(f"created, but not to be seen: {', '.join(names)}")


@dataclass(frozen=True, slots=True)
class Unread:
    """What a group has not read of a topic: how many messages, and when the oldest of them was sent."""

    count: int
    oldest: datetime


async def unread(
    bootstrap: str, group: str, *, tls: ssl.SSLContext | None = None
) -> Mapping[str, Unread] | None:
    """What waits for a group, by topic; None where it never committed anything.

    Looks on without joining the group. Raises KafkaError, TimeoutError.
    """
    async with _administrator(bootstrap, tls) as admin, asyncio.timeout(CALL_TIMEOUT_SECONDS):
        offsets = await admin.list_consumer_group_offsets(group)
    committed = {place: kept.offset for place, kept in offsets.items() if kept.offset >= 0}
    if not committed:
        return None
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, security_protocol="SSL" if tls else "PLAINTEXT", ssl_context=tls
    )
    await _started(client)
    try:
        return await _unread(client, committed)
    finally:
        await _stopped(client)


async def _unread(client: AIOKafkaConsumer, committed: Mapping[TopicPartition, int]) -> Mapping[str, Unread]:
    found: dict[str, Unread] = {}
    async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
        ends = await client.end_offsets(list(committed))
        begins = await client.beginning_offsets(list(committed))
        # What the broker itself has dropped cannot be read any more; reconciliation finds it.
        starts = {place: max(offset, begins[place]) for place, offset in committed.items()}
        behind = {place: start for place, start in starts.items() if start < ends[place]}
        if not behind:
            return found
        client.assign(list(behind))
        for place, start in behind.items():
            client.seek(place, start)
            first = await client.getone(place)
            oldest = datetime.fromtimestamp(first.timestamp / 1000, UTC)
            known = found.get(place.topic)
            found[place.topic] = Unread(
                ends[place] - start + (known.count if known else 0),
                min(oldest, known.oldest) if known else oldest,
            )
    return found


def tls_context(
    ca_file: str | None, certificate_file: str | None, key_file: str | None
) -> ssl.SSLContext | None:
    """How to speak with a broker that wants certificates of both sides; None where no authority is given."""
    if ca_file is None:
        return None
    context = ssl.create_default_context(cafile=ca_file)
    if certificate_file is not None:
        context.load_cert_chain(certificate_file, key_file)
    return context


async def _started(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    try:
        async with asyncio.timeout(START_TIMEOUT_SECONDS):
            await client.start()
    except BaseException:
        await _stopped(client)
        raise


async def _stopped(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    try:
        async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
            await client.stop()
    except (TimeoutError, KafkaConnectionError, KafkaError) as error:
        log.info("the broker did not take leave", extra={"error": type(error).__name__})

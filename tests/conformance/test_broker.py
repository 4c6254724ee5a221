"""The nineteen things that are expected of a broker, asked of a real one through the client that the services use.

13 to 17 (idempotence, transactions) are asked so that a broker is known to be a whole one; the product relies on 1
to 12, 18 and 19 alone.
"""

import asyncio
import contextlib
import functools
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import CommitFailedError, KafkaError

CHECK_SECONDS_MAX = 60
READ_SECONDS_MAX = 20
VISIBLE_SECONDS_MAX = 5
TAKE_OVER_SECONDS_MAX = 20
TOPIC_ALREADY_EXISTS = 36
SESSION = {"session_timeout_ms": 6000, "heartbeat_interval_ms": 500, "metadata_max_age_ms": 1000}
MEMBER = Path(__file__).with_name("member.py")

Check = Callable[["Broker"], Awaitable[None]]


class Broker:
    """The broker under test, with fresh names and what every check needs."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[Any]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    @asynccontextmanager
    async def producer(self, **options: Any) -> AsyncIterator[Any]:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all", **options)
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    @asynccontextmanager
    async def consumer(self, *topics: str, **options: Any) -> AsyncIterator[Any]:
        options = {"auto_offset_reset": "earliest", "enable_auto_commit": False, **options}
        consumer = AIOKafkaConsumer(*topics, bootstrap_servers=self.bootstrap, **options)
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def topic(self, partitions: int = 1, config: dict[str, str] | None = None) -> str:
        """Make a topic with a new name and wait until it can be seen: some milliseconds after the answer."""
        name = _new("topic")
        async with self.admin() as admin:
            await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=config or {})])
            await _until(lambda: _is_listed(admin, name), VISIBLE_SECONDS_MAX)
        return name

    async def read(self, topic: str, count: int, **options: Any) -> list[Any]:
        """The first records of a topic, in the order in which they came."""
        async with self.consumer(topic, **options) as consumer:
            return await _take(consumer, count)

    async def read_all(self, topic: str, quiet_seconds: float = 2.0, **options: Any) -> list[Any]:
        """Everything until nothing more comes for a while."""
        async with self.consumer(topic, **options) as consumer:
            found: list[Any] = []
            while batch := await consumer.getmany(timeout_ms=int(quiet_seconds * 1000)):
                found += [record for records in batch.values() for record in records]
            return found


def check(test: Check) -> Callable[[str], Awaitable[None]]:
    """Give a check its broker and its limit."""

    @functools.wraps(test)
    async def limited(bootstrap: str) -> None:
        async with asyncio.timeout(CHECK_SECONDS_MAX):
            await test(Broker(bootstrap))

    del limited.__dict__["__wrapped__"]  # pytest would read the fixtures from it
    return limited


@check
async def test_01_a_topic_has_the_partitions_that_were_asked_for(broker: Broker) -> None:
    topic = await broker.topic(partitions=4)
    async with broker.admin() as admin:
        [described] = await admin.describe_topics([topic])
        assert len(described["partitions"]) == 4
        assert topic in await admin.list_topics()


@check
async def test_02_making_a_topic_again_is_refused(broker: Broker) -> None:
    topic = await broker.topic()
    async with broker.admin() as admin:
        answer = await admin.create_topics([NewTopic(topic, 1, 1)])
    assert answer.topic_errors[0][1] == TOPIC_ALREADY_EXISTS


@check
async def test_03_a_deleted_topic_is_gone(broker: Broker) -> None:
    topic = await broker.topic()
    async with broker.admin() as admin:
        await admin.delete_topics([topic])
        await asyncio.sleep(0.5)
        assert topic not in await admin.list_topics()


@check
async def test_04_the_configuration_of_a_topic_is_kept(broker: Broker) -> None:
    topic = await broker.topic(config={"cleanup.policy": "compact"})
    async with broker.admin() as admin:
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [resource] = answer.resources
    settings = {entry[0]: entry[1] for entry in resource[4]}
    assert settings["cleanup.policy"] == "compact"


@check
async def test_05_a_topic_that_was_never_made_does_not_come_by_itself(broker: Broker) -> None:
    topic = _new("never")
    async with broker.producer() as producer:
        with pytest.raises((KafkaError, TimeoutError)):
            await asyncio.wait_for(producer.send_and_wait(topic, b"lost"), 6)
    async with broker.admin() as admin:
        assert topic not in await admin.list_topics()


@check
async def test_06_each_key_stays_in_one_partition_in_order_with_its_headers(broker: Broker) -> None:
    topic = await broker.topic(partitions=3)
    header = ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    async with broker.producer() as producer:
        for number in range(60):
            key = f"key {number % 6}".encode()
            await producer.send_and_wait(topic, str(number).encode(), key=key, headers=[header])
    records = await broker.read(topic, 60)
    assert len(records) == 60
    assert all(record.headers == (header,) for record in records)
    for key in {record.key for record in records}:
        own = [record for record in records if record.key == key]
        numbers = [int(record.value) for record in own]
        assert len({record.partition for record in own}) == 1
        assert numbers == sorted(numbers)
        assert len(numbers) == 10


@check
async def test_07_every_compression_is_read_back(broker: Broker) -> None:
    for codec in ("gzip", "snappy", "lz4", "zstd"):
        topic = await broker.topic()
        async with broker.producer(compression_type=codec) as producer:
            for number in range(20):
                await producer.send(topic, f"{number:04}".encode() * 125)
            await producer.flush()
        records = await broker.read(topic, 20)
        assert [record.value[:4] for record in records] == [
            f"{number:04}".encode() for number in range(20)
        ], codec


@check
async def test_08_a_big_message_is_read_back_whole(broker: Broker) -> None:
    topic = await broker.topic()
    big = bytes(range(250)) * 3600
    async with broker.producer(max_request_size=2_000_000) as producer:
        await producer.send_and_wait(topic, big)
    [record] = await broker.read(topic, 1, max_partition_fetch_bytes=2_000_000)
    assert record.value == big


@check
async def test_09_a_new_member_goes_on_at_the_committed_offset(broker: Broker) -> None:
    topic, group = await broker.topic(), _new("group")
    await _write_numbers(broker, topic, 10)
    place = TopicPartition(topic, 0)
    async with broker.consumer(topic, group_id=group) as first:
        assert len(await _take(first, 10)) == 10
        await first.commit({place: 4})
    async with broker.consumer(topic, group_id=group) as second:
        assert await second.committed(place) == 4
        records = await _take(second, 6)
    assert [int(record.value) for record in records] == [4, 5, 6, 7, 8, 9]


@check
async def test_10_the_partitions_are_shared_out_again_when_a_member_comes_and_goes(broker: Broker) -> None:
    topic, group = await broker.topic(partitions=4), _new("group")
    async with broker.consumer(topic, group_id=group, **SESSION) as first:
        await _until_assigned(first, 4)
        async with broker.consumer(topic, group_id=group, **SESSION) as second:
            await _until_assigned(first, 2)
            await _until_assigned(second, 2)
            assert not first.assignment() & second.assignment()
        await _until_assigned(first, 4)


@check
async def test_11_the_partitions_of_a_killed_member_are_taken_over(broker: Broker) -> None:
    topic, group = await broker.topic(partitions=4), _new("group")
    async with broker.consumer(topic, group_id=group, **SESSION) as first:
        await _until_assigned(first, 4)
        second = await asyncio.create_subprocess_exec(
            sys.executable, str(MEMBER), broker.bootstrap, topic, group, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert second.stdout is not None
            assert await asyncio.wait_for(second.stdout.readline(), READ_SECONDS_MAX) == b"joined\n"
            await _until_assigned(first, 2)
        finally:
            second.kill()
            await second.wait()
        began = time.monotonic()
        await _until_assigned(first, 4)
        assert time.monotonic() - began < TAKE_OVER_SECONDS_MAX


@check
async def test_12_a_member_of_a_past_generation_cannot_commit(broker: Broker) -> None:
    topic, group = await broker.topic(), _new("group")
    await _write_numbers(broker, topic, 1)
    async with broker.consumer(topic, group_id=group, **SESSION) as member:
        await _take(member, 1)
        member._coordinator.generation -= 1
        with pytest.raises(CommitFailedError):
            await member.commit({TopicPartition(topic, 0): 1})


@check
async def test_13_an_idempotent_producer_that_repeats_a_message_stores_it_once(broker: Broker) -> None:
    topic = await broker.topic()
    async with broker.producer(enable_idempotence=True) as producer:
        for number in range(20):
            await producer.send_and_wait(topic, str(number).encode(), partition=0)
        # As if the acknowledgement of the last message had been lost and the client sent it again.
        producer._txn_manager._sequence_numbers[TopicPartition(topic, 0)] = 19
        await producer.send_and_wait(topic, b"19", partition=0)
    values = [int(record.value) for record in await broker.read_all(topic)]
    assert values == list(range(20))


@check
async def test_14_only_committed_transactions_are_read(broker: Broker) -> None:
    topic = await broker.topic(partitions=2)
    async with broker.producer(transactional_id=_new("transaction")) as producer:
        async with producer.transaction():
            await producer.send_and_wait(topic, b"a", partition=0)
            await producer.send_and_wait(topic, b"b", partition=1)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"x", partition=0)
        await producer.abort_transaction()
        async with producer.transaction():
            await producer.send_and_wait(topic, b"c", partition=0)
    committed = await broker.read_all(topic, isolation_level="read_committed")
    everything = await broker.read_all(topic, isolation_level="read_uncommitted")
    assert Counter(record.value for record in committed) == Counter([b"a", b"b", b"c"])
    assert Counter(record.value for record in everything) == Counter([b"a", b"b", b"c", b"x"])


@check
async def test_15_an_open_transaction_is_invisible(broker: Broker) -> None:
    topic = await broker.topic()
    async with (
        broker.producer(transactional_id=_new("transaction")) as producer,
        broker.consumer(topic, isolation_level="read_committed") as reader,
    ):
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"soon")
        assert await reader.getmany(timeout_ms=2000) == {}
        await producer.commit_transaction()
        assert [record.value for record in await _take(reader, 1)] == [b"soon"]


@check
async def test_16_a_producer_that_was_replaced_is_shut_out(broker: Broker) -> None:
    topic, identity = await broker.topic(), _new("transaction")
    first = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, transactional_id=identity, acks="all")
    await first.start()
    try:
        await first.begin_transaction()
        await first.send_and_wait(topic, b"zombie")
        async with broker.producer(transactional_id=identity) as second:
            async with second.transaction():
                await second.send_and_wait(topic, b"alive")
            with pytest.raises(KafkaError):
                await _send_and_commit(first, topic, b"zombie again")
    finally:
        # It was told that it is shut out for good; stopping may say so again.
        with contextlib.suppress(KafkaError):
            await first.stop()
    committed = await broker.read_all(topic, isolation_level="read_committed")
    assert [record.value for record in committed] == [b"alive"]


@check
async def test_17_offsets_are_part_of_the_transaction(broker: Broker) -> None:
    topic, group = await broker.topic(), _new("group")
    place = TopicPartition(topic, 0)
    async with (
        broker.producer(transactional_id=_new("transaction")) as producer,
        broker.consumer(group_id=group) as reader,
    ):
        await producer.begin_transaction()
        await producer.send_offsets_to_transaction({place: 5}, group)
        await producer.abort_transaction()
        assert await reader.committed(place) is None
        async with producer.transaction():
            await producer.send_offsets_to_transaction({place: 7}, group)
        # The end of a transaction reaches the group's offsets a moment after the producer is told.

        async def is_committed() -> bool:
            return await reader.committed(place) is not None

        await _until(is_committed, VISIBLE_SECONDS_MAX)
        assert await reader.committed(place) == 7


@check
async def test_18_a_reader_can_go_to_an_offset_and_to_a_time(broker: Broker) -> None:
    topic = await broker.topic()
    place = TopicPartition(topic, 0)
    start = int(time.time() * 1000) - 1_000_000
    async with broker.producer() as producer:
        for number in range(20):
            await producer.send_and_wait(
                topic, str(number).encode(), partition=0, timestamp_ms=start + 1000 * number
            )
    async with broker.consumer() as reader:
        reader.assign([place])
        reader.seek(place, 12)
        assert [int(record.value) for record in await _take(reader, 8)] == list(range(12, 20))
        assert await reader.beginning_offsets([place]) == {place: 0}
        assert await reader.end_offsets([place]) == {place: 20}
        found = await reader.offsets_for_times({place: start + 5000})
        assert found[place].offset == 5


@check
async def test_19_groups_and_their_offsets_are_listed(broker: Broker) -> None:
    topic, group = await broker.topic(), _new("group")
    await _write_numbers(broker, topic, 1)
    place = TopicPartition(topic, 0)
    async with broker.consumer(topic, group_id=group) as member, broker.admin() as admin:
        await _take(member, 1)
        await member.commit({place: 1})
        assert group in {name for name, _kind in await admin.list_consumer_groups()}
        offsets = await admin.list_consumer_group_offsets(group)
        assert offsets[place].offset == 1
        [answer] = await admin.describe_consumer_groups([group])
        assert answer.groups[0][2] == "Stable"


def _new(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:12]}"


async def _write_numbers(broker: Broker, topic: str, count: int) -> None:
    async with broker.producer() as producer:
        for number in range(count):
            await producer.send_and_wait(topic, str(number).encode(), partition=0)


async def _send_and_commit(producer: Any, topic: str, value: bytes) -> None:
    await producer.send_and_wait(topic, value)
    await producer.commit_transaction()


async def _take(consumer: Any, count: int) -> list[Any]:
    found: list[Any] = []
    async with asyncio.timeout(READ_SECONDS_MAX):
        while len(found) < count:
            found.append(await consumer.getone())
    return found


async def _is_listed(admin: Any, topic: str) -> bool:
    if topic not in await admin.list_topics():
        return False
    [described] = await admin.describe_topics([topic])
    return described["error_code"] == 0 and all(one["leader"] >= 0 for one in described["partitions"])


async def _until_assigned(consumer: Any, count: int) -> None:
    async def is_so() -> bool:
        return len(consumer.assignment()) == count

    await _until(is_so, TAKE_OVER_SECONDS_MAX)


async def _until(is_so: Callable[[], Awaitable[bool]], seconds_max: float) -> None:
    async with asyncio.timeout(seconds_max):
        while not await is_so():  # noqa: ASYNC110  (a broker can only be asked)
            await asyncio.sleep(0.02)

"""The port over a real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from commons.kafka import (
    KafkaConsumer,
    KafkaProducer,
    Message,
    Partition,
    Received,
    ensure_topics,
    read_ends,
    read_whole,
)
from commons.uuid7 import uuid7

if TYPE_CHECKING:
    from local.kafka import Kafka

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(loop_scope="session")
async def topic(kafka: Kafka) -> str:
    topic = f"be.{uuid7().hex}.v1"
    await ensure_topics(kafka.bootstrap, [topic])
    return topic


@pytest_asyncio.fixture(loop_scope="session")
async def producer(kafka: Kafka) -> AsyncIterator[KafkaProducer]:
    producer = await KafkaProducer.start(kafka.bootstrap)
    yield producer
    await producer.close()


async def receive(consumer: KafkaConsumer, count: int) -> list[Received]:
    found: list[Received] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            for messages in (await consumer.poll(records_max=200, timeout_seconds=0.2)).values():
                found += messages
    return found


async def test_a_batch_arrives_whole_and_each_key_in_order(
    kafka: Kafka, topic: str, producer: KafkaProducer
) -> None:
    messages = [
        Message(topic, f"key {number % 7}".encode(), str(number).encode(), (("ce_id", b"1"),))
        for number in range(500)
    ]
    await producer.send_batch(messages)
    consumer = await KafkaConsumer.start(kafka.bootstrap, group=topic, topics=[topic])
    found = await receive(consumer, 500)
    assert len({each.partition for each in found}) > 1
    for number in range(7):
        mine = [int(each.value or b"") for each in found if each.key == f"key {number}".encode()]
        assert mine == list(range(number, 500, 7))
    assert found[0].headers == (("ce_id", b"1"),)
    assert sum((await consumer.lag()).values()) == 0
    await consumer.close()


async def test_a_new_member_begins_where_the_group_committed(
    kafka: Kafka, topic: str, producer: KafkaProducer
) -> None:
    await producer.send_batch([Message(topic, b"one key", str(number).encode()) for number in range(10)])
    first = await KafkaConsumer.start(kafka.bootstrap, group=topic, topics=[topic])
    found = await receive(first, 10)
    place = Partition(topic, found[0].partition)
    await first.commit({place: found[4].offset})
    await first.close()
    second = await KafkaConsumer.start(kafka.bootstrap, group=topic, topics=[topic])
    again = await receive(second, 6)
    assert [each.value for each in again] == [str(number).encode() for number in range(4, 10)]
    assert (await second.end_offsets([place]))[place] == 10
    await second.close()


async def test_a_commit_of_a_partition_that_was_taken_away_does_nothing(kafka: Kafka, topic: str) -> None:
    consumer = await KafkaConsumer.start(kafka.bootstrap, group=topic, topics=[topic])
    assert len(consumer.assignment()) == 6
    await consumer.commit({Partition(topic, 99): 5})
    await consumer.close()


async def test_topics_that_exist_are_left_as_they_are(kafka: Kafka, topic: str) -> None:
    await ensure_topics(kafka.bootstrap, [topic, f"{topic}.other"], partitions=2)
    consumer = await KafkaConsumer.start(kafka.bootstrap, group=topic, topics=[topic])
    assert len(consumer.assignment()) == 6
    await consumer.close()


async def test_a_topic_is_read_whole_without_joining_a_group(
    kafka: Kafka, topic: str, producer: KafkaProducer
) -> None:
    sent = [str(number).encode() for number in range(300)]
    await producer.send_batch([Message(topic, value, value) for value in sent])

    found = [each async for batch in read_whole(kafka.bootstrap, [topic]) for each in batch]

    assert {each.value for each in found} == set(sent)
    assert len(found) == 300
    assert [batch async for batch in read_whole(kafka.bootstrap, [f"{topic}.none"])] == []


async def test_the_ends_are_the_last_that_was_written_and_the_last_that_a_group_has_committed(
    kafka: Kafka, topic: str, producer: KafkaProducer
) -> None:
    own = f"{topic}.own"
    await ensure_topics(kafka.bootstrap, [own])
    for name in (own, topic):
        await producer.send_batch([Message(name, b"one key", str(number).encode()) for number in range(10)])

    async def ends() -> tuple[list[bytes | None], list[bytes | None]]:
        said, heard = await read_ends(kafka.bootstrap, said=own, group=topic, heard=[topic], each=3)
        return [one.value for one in said], [one.value for one in heard]

    assert await ends() == ([b"7", b"8", b"9"], []), "the group has committed nothing"
    consumer = await KafkaConsumer.start(kafka.bootstrap, group=topic, topics=[topic])
    place = Partition(topic, (await receive(consumer, 10))[0].partition)
    await consumer.commit({place: 5})
    await consumer.close()
    assert await ends() == ([b"7", b"8", b"9"], [b"2", b"3", b"4"])


async def test_a_broker_that_is_killed_loses_nothing_acknowledged(kafka: Kafka, topic: str) -> None:
    producer = await KafkaProducer.start(kafka.bootstrap)
    consumer = await KafkaConsumer.start(kafka.bootstrap, group=topic, topics=[topic])
    await producer.send_batch([Message(topic, b"k", b"before")])
    await asyncio.to_thread(kafka.kill)
    await asyncio.to_thread(kafka.start)
    await producer.send_batch([Message(topic, b"k", b"after")])
    assert [each.value for each in await receive(consumer, 2)] == [b"before", b"after"]
    await consumer.close()
    await producer.close()

"""A broker in memory behind the same port as Kafka, which misbehaves on demand and repeatably by seed."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from commons.kafka import Message, Partition, Received


@dataclass
class FakeBroker:
    """Topics in memory. The chances are between 0 and 1, drawn from `seed`.

    `duplicate`: a message arrives a second time, later. `lose`: it is acknowledged and never arrives.
    `shuffle`: messages of different keys change places; those of one key stay in order.
    """

    seed: int = 0
    partitions: int = 3
    duplicate: float = 0.0
    lose: float = 0.0
    shuffle: bool = False
    logs: dict[Partition, list[Received]] = field(default_factory=dict)
    committed: dict[tuple[str, Partition], int] = field(default_factory=dict)
    members: dict[str, list[FakeConsumer]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  (repeatable on purpose)

    def producer(self) -> FakeProducer:
        """A producer to this broker."""
        return FakeProducer(self)

    def consumer(self, group: str, topics: Sequence[str]) -> FakeConsumer:
        """A new member of a group; the partitions are dealt out again."""
        member = FakeConsumer(self, group, tuple(topics))
        self.members.setdefault(group, []).append(member)
        self._deal(group)
        return member

    def messages(self, topic: str) -> list[Received]:
        """Everything in a topic, partition by partition."""
        return [each for part in self._parts(topic) for each in self.logs.get(part, [])]

    def is_drained(self, group: str) -> bool:
        """Whether a group has committed everything of its topics."""
        parts = {
            part for member in self.members[group] for topic in member.topics for part in self._parts(topic)
        }
        return all(self.committed.get((group, part), 0) == len(self.logs.get(part, [])) for part in parts)

    def append(self, messages: Sequence[Message]) -> None:
        """Take a batch, with the misfortunes of the seed."""
        kept = [each for each in messages if self._random.random() >= self.lose]
        kept += [each for each in kept if self._random.random() < self.duplicate]
        for message in self._mix(kept) if self.shuffle else kept:
            part = Partition(message.topic, zlib.crc32(message.key) % self.partitions)
            log = self.logs.setdefault(part, [])
            log.append(
                Received(part.topic, part.number, len(log), message.key, message.value, message.headers)
            )

    def _mix(self, messages: Sequence[Message]) -> list[Message]:
        queues: dict[bytes, list[Message]] = {}
        for message in messages:
            queues.setdefault(message.key, []).append(message)
        order = [message.key for message in messages]
        self._random.shuffle(order)
        return [queues[key].pop(0) for key in order]

    def _deal(self, group: str) -> None:
        members = self.members[group]
        topics = sorted({topic for member in members for topic in member.topics})
        dealt: dict[FakeConsumer, list[Partition]] = {member: [] for member in members}
        for topic in topics:
            takers = [member for member in members if topic in member.topics]
            for part in self._parts(topic):
                dealt[takers[part.number % len(takers)]].append(part)
        for member in members:
            member.assign(dealt[member])

    def _parts(self, topic: str) -> list[Partition]:
        return [Partition(topic, number) for number in range(self.partitions)]


class FakeProducer:
    """The port's Producer to a broker in memory."""

    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker

    async def send_batch(self, messages: Sequence[Message]) -> None:
        """Send all; every one is acknowledged, lost or not."""
        self._broker.append(messages)

    async def close(self) -> None:
        """Nothing to close."""


class FakeConsumer:
    """The port's Consumer from a broker in memory."""

    def __init__(self, broker: FakeBroker, group: str, topics: tuple[str, ...]) -> None:
        self.topics = topics
        self._broker = broker
        self._group = group
        self._positions: dict[Partition, int] = {}

    def assign(self, parts: Iterable[Partition]) -> None:
        """Begin the given partitions where the group has committed, like after a rebalance."""
        self._positions = {part: self._broker.committed.get((self._group, part), 0) for part in parts}

    async def poll(
        self, *, records_max: int, timeout_seconds: float
    ) -> Mapping[Partition, Sequence[Received]]:
        """What has arrived; where nothing has, empty after at most a moment."""
        polled: dict[Partition, Sequence[Received]] = {}
        for part, position in self._positions.items():
            found = self._broker.logs.get(part, [])[position : position + records_max]
            if found:
                polled[part] = found
                self._positions[part] = position + len(found)
                records_max -= len(found)
            if records_max == 0:
                break
        if not polled:
            await asyncio.sleep(min(timeout_seconds, 0.01))
        return polled

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remember the next offsets of the partitions this member still has."""
        for part, offset in offsets.items():
            if part in self._positions:
                self._broker.committed[self._group, part] = offset

    async def lag(self) -> Mapping[Partition, int]:
        """How many messages of each assigned partition have not been polled."""
        ends = await self.end_offsets(self.assignment())
        return {part: end - self._positions[part] for part, end in ends.items()}

    async def end_offsets(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """The offset that the next message of each partition will get."""
        return {part: len(self._broker.logs.get(part, [])) for part in partitions}

    def assignment(self) -> frozenset[Partition]:
        """The partitions this member has."""
        return frozenset(self._positions)

    async def close(self) -> None:
        """Leave the group; its partitions go to the others."""
        members = self._broker.members[self._group]
        if self in members:
            members.remove(self)
            self._positions = {}
            if members:
                self._broker._deal(self._group)

"""What travels between the services: real events published again or in another order, and a program held still."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from commons.cloudevents import Envelope
from commons.database import Connection, connect
from commons.kafka import KafkaProducer
from tests.e2e.addresses import SERVICES, Addresses
from tests.e2e.waiting import until

_EVENTS = """
select id, topic, type, agg_type, agg_id, agg_version, created, data, headers
from outbox
where ($1::uuid is null or data ->> 'entity_id' = $1::text or agg_id = $1)
  and (not $2 or published is null)
order by seq
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The broker of a stack and the outboxes of its services."""

    producer: KafkaProducer
    outboxes: dict[str, Connection]
    bootstrap: str

    async def events_of(
        self, entity_id: UUID, services: Sequence[str] = SERVICES, *, unpublished: bool = False
    ) -> list[Envelope]:
        """The facts about an entity in the outboxes, each service's in the order in which they happened."""
        found = []
        for service in services:
            rows = await self.outboxes[service].fetch(_EVENTS, entity_id, unpublished)
            found += [Envelope(**dict(row)) for row in rows]
        return found

    async def publish(self, events: Sequence[Envelope]) -> None:
        """Send events to their topics, as the relay does, in this order."""
        await self.producer.send_batch([event.to_message() for event in events])

    async def until_all_is_read(self) -> None:
        """Wait until each service has read its topics to their ends as they are now."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        reader = AIOKafkaConsumer(bootstrap_servers=self.bootstrap)
        await admin.start()
        await reader.start()
        try:
            read = {service: await admin.list_consumer_group_offsets(service) for service in SERVICES}
            assert all(read.values()), "each service has read something before"
            ends = await reader.end_offsets({place for offsets in read.values() for place in offsets})
            for service in SERVICES:

                async def left(service: str = service) -> int:
                    offsets = await admin.list_consumer_group_offsets(service)
                    return sum(max(0, ends[place] - offset.offset) for place, offset in offsets.items())

                await until(f"{service} has read all", left, lambda count: count == 0)
        finally:
            await reader.stop()
            await admin.close()

    async def parked(self, service: str, aggregate_ids: Sequence[UUID]) -> list[tuple[str, str]]:
        """The events about something that wait at a service: which, and why."""
        rows = await self.outboxes[service].fetch(
            "select event ->> 'type' as type, kind from parked where agg_id = any($1::uuid[]) order by agg_version",
            list(aggregate_ids),
        )
        return [(row["type"].split(".")[1], row["kind"]) for row in rows]


@asynccontextmanager
async def open_delivery(addresses: Addresses) -> AsyncIterator[Delivery]:
    """The broker and the outboxes of a stack."""
    opened = await asyncio.gather(*(connect(addresses.databases[service], "e2e") for service in SERVICES))
    outboxes: dict[str, Connection] = dict(zip(SERVICES, opened, strict=True))
    producer = await KafkaProducer.start(addresses.kafka)
    try:
        yield Delivery(producer, outboxes, addresses.kafka)
    finally:
        await producer.close()
        await asyncio.gather(*(db.close() for db in opened))


@contextmanager
def held_still(addresses: Addresses, program: str) -> Iterator[None]:
    """Stop one program of the stack in the middle of what it does, and let it go on afterward."""
    processes = json.loads((addresses.run_dir / "processes.json").read_text())
    [pid] = [one["pid"] for one in processes if one["name"] == program]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)

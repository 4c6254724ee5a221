"""The topics as they were written: in which order the versions of each aggregate first appeared."""

from __future__ import annotations

import asyncio
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from local.processes import PARTITIONS_PER_TOPIC, SERVICES

READ_SECONDS_MAX: Final = 120.0
BATCH_SIZE_MAX: Final = 2_000


async def out_of_order(bootstrap: str, country: str) -> list[str]:
    """A sentence for each event that came to its topic before an older one of its aggregate.

    Repetitions are harmless and not looked at: only the first time counts.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = [
            TopicPartition(f"{country.lower()}.{service}.v1", number)
            for service in SERVICES
            for number in range(PARTITIONS_PER_TOPIC)
        ]
        consumer.assign(partitions)
        starts, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning()
        unread = {part for part in partitions if ends[part] > starts[part]}
        # A broker that forgot its oldest records says nothing about what came first there.
        whole = {part for part in partitions if starts[part] == 0}
        last: dict[tuple[str, str], int] = {}
        found = []
        async with asyncio.timeout(READ_SECONDS_MAX):
            while unread:
                for part, records in (
                    await consumer.getmany(timeout_ms=500, max_records=BATCH_SIZE_MAX)
                ).items():
                    for record in records:
                        headers = dict(record.headers)
                        version = int(headers["ce_aggversion"])
                        place = (record.topic, headers["ce_subject"].decode())
                        before = last.get(place, 0)
                        if version == before + 1:
                            last[place] = version
                        elif version > before and part in whole:
                            found.append(
                                f"{record.topic} offset {record.offset}: {headers['ce_type'].decode()} of "
                                f"{place[1]} version {version} came after {before}"
                            )
                            last[place] = version
                    if records and records[-1].offset + 1 >= ends[part]:
                        unread.discard(part)
        return found
    finally:
        await consumer.stop()

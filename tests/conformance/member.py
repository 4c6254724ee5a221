"""A consumer in a process of its own, made to be killed: `python member.py BOOTSTRAP TOPIC GROUP`."""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer

LIFE_SECONDS = 120


async def main(bootstrap: str, topic: str, group: str) -> None:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        session_timeout_ms=6000,
        heartbeat_interval_ms=500,
        metadata_max_age_ms=1000,
    )
    await consumer.start()
    print("joined", flush=True)
    await asyncio.sleep(LIFE_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))

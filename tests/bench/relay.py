"""How many events a second the relay publishes, and how long one takes from its commit to its reader."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from pathlib import Path
from typing import Final

import uvloop

from commons.database import Connection, connect
from commons.kafka import KafkaConsumer, KafkaProducer, ensure_topics
from commons.migrate import COMMONS_MESSAGING, migrate
from commons.relay import lead, publish_batch
from commons.uuid7 import uuid7
from tests.bench.programs import Program, cpu_seconds, free_port, running
from tests.bench.report import Report, load_average, median, percentile
from tests.bench.servers import kafka, postgres

ROOT: Final = Path(__file__).resolve().parents[2]
EVENTS: Final = 30_000
ROUNDS: Final = 3
IDLE_EVENTS: Final = 400
IDLE_PAUSE_SECONDS: Final = 0.02
BUSY_PER_SECOND: Final = 2_000
BUSY_SECONDS: Final = 10
BUSY_TICK_SECONDS: Final = 0.01
READ_SECONDS_MAX: Final = 120.0
TOPIC: Final = "be.shop.v1"

_FILL: Final = """
insert into outbox (id, topic, agg_type, agg_id, agg_version, type, data, headers)
select gen_random_uuid(), $1, 'Sale', gen_random_uuid(), 1, 'shop.SaleMade.v1', $2, $3
from generate_series(1, $4)
"""
# About what InvoiceIssued carries.
_DATA: Final = dict.fromkeys(
    ("invoice_id", "order_id", "entity_id", "activity_id"), "0190f3a0-0000-7000-8000-000000000000"
) | {
    name: {"minor": "125000", "currency": "EUR"}
    for name in ("total_without_vat", "total_vat", "total_with_vat")
}
_HEADERS: Final = {"actor": "somebody", "country": "BE", "request_id": "0190f3a0-0000-7000-8000-000000000000"}


def measure(folder: Path) -> list[Report]:
    """Both, on a real PostgreSQL with fsync and a real Kafka."""
    with postgres(folder) as server, kafka(folder) as broker:
        database = server.url("postgres")
        assert server.pid is not None, "it runs"
        asyncio.run(_prepare(database, broker.bootstrap))
        throughput = uvloop.run(_throughput(database, broker.bootstrap, server.pid))
        latency = _latency(folder, database, broker.bootstrap)
    return [throughput, latency]


async def _prepare(database: str, bootstrap: str) -> None:
    await migrate(database, [COMMONS_MESSAGING])
    await ensure_topics(bootstrap, [TOPIC, "be.control.v1"])


async def _throughput(database: str, bootstrap: str, server_pid: int) -> Report:
    report = Report("relay", "events", ["per second", "relay CPU µs", "database CPU µs"])
    db = await connect(database, "bench")
    producer = await KafkaProducer.start(bootstrap)
    assert await lead(db)
    found: list[tuple[float, float, float]] = []
    try:
        for round_number in range(ROUNDS + 1):
            await db.execute(_FILL, TOPIC, _DATA, _HEADERS, EVENTS)
            began, own, theirs = time.perf_counter(), _own_cpu(), cpu_seconds(server_pid)
            published = 0
            while count := await publish_batch(db, producer):
                published += count
            assert published == EVENTS, "all that was committed, and nothing else"
            if round_number:
                seconds = time.perf_counter() - began
                found.append(
                    (
                        EVENTS / seconds,
                        (_own_cpu() - own) / EVENTS * 1e6,
                        (cpu_seconds(server_pid) - theirs) / EVENTS * 1e6,
                    )
                )
    finally:
        await producer.close()
        await db.close()
    rates, own_costs, their_costs = (median([each[column] for each in found]) for column in range(3))
    report.add("publish and mark, fsync on", rates, own_costs, their_costs)
    report.facts |= {
        "events a round": EVENTS,
        "rounds": ROUNDS,
        "load average at the end": round(load_average(), 1),
    }
    report.reach("events per second", rates, at_least=10_000)
    report.facts["a core of its own would do, by CPU time"] = f"{1e6 / own_costs:,.0f} events/s"
    return report


def _latency(folder: Path, database: str, bootstrap: str) -> Report:
    report = Report("latency", "ms from commit to reader", ["p50", "p99", "worst"])
    port = free_port()
    env = {"BENCH_DATABASE_URL": database, "BENCH_KAFKA": bootstrap, "HTTP_PORT": str(port)}
    with running(
        "relay",
        [sys.executable, "-m", "tests.bench.relay"],
        port=port,
        env=env,
        cwd=ROOT,
        log=folder / "relay.log",
    ) as program:
        for name, work in (("idle", _one_by_one), (f"{BUSY_PER_SECOND} events/s", _steadily)):
            latencies, cost = uvloop.run(_read(database, bootstrap, work, program))
            row = [percentile(latencies, 0.5), percentile(latencies, 0.99), max(latencies)]
            report.add(name, *(each * 1_000 for each in row))
            report.facts[f"worker CPU, {name}"] = f"{cost * 1e6:.0f} µs an event"
            if name == "idle":
                report.reach("p99 idle, ms", row[1] * 1_000, at_most=100)
    report.facts["load average at the end"] = round(load_average(), 1)
    return report


async def _read(database: str, bootstrap: str, work: object, program: Program) -> tuple[list[float], float]:
    consumer = await KafkaConsumer.start(bootstrap, group=f"bench-{uuid7().hex}", topics=[TOPIC])
    db = await connect(database, "bench writer")
    committed: dict[bytes, float] = {}
    latencies: list[float] = []
    done = asyncio.Event()

    async def read() -> None:
        while not done.is_set() or committed:
            polled = await consumer.poll(records_max=5_000, timeout_seconds=0.1)
            now = time.perf_counter()
            for messages in polled.values():
                for message in messages:
                    at = committed.pop(dict(message.headers)["ce_id"], None)
                    if at is not None:
                        latencies.append(now - at)

    try:
        while await consumer.poll(records_max=5_000, timeout_seconds=1.0):
            pass  # what earlier measurements left there
        reader = asyncio.ensure_future(read())
        before = program.cpu_seconds()
        async with asyncio.timeout(READ_SECONDS_MAX):
            await work(db, committed)  # type: ignore[operator]  # one of the two below
            done.set()
            await reader
        return latencies, (program.cpu_seconds() - before) / len(latencies)
    finally:
        await consumer.close()
        await db.close()


async def _commit(db: Connection, committed: dict[bytes, float], count: int) -> None:
    ids = [uuid7() for _ in range(count)]
    await db.execute(
        "insert into outbox (id, topic, agg_type, agg_id, agg_version, type, data, headers) "
        "select id, $1, 'Sale', id, 1, 'shop.SaleMade.v1', $2, $3 from unnest($4::uuid[]) as id",
        TOPIC,
        _DATA,
        _HEADERS,
        ids,
    )
    at = time.perf_counter()
    committed.update((str(each).encode(), at) for each in ids)


async def _one_by_one(db: Connection, committed: dict[bytes, float]) -> None:
    for _ in range(IDLE_EVENTS):
        await _commit(db, committed, 1)
        await asyncio.sleep(IDLE_PAUSE_SECONDS)


async def _steadily(db: Connection, committed: dict[bytes, float]) -> None:
    began, sent = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - began) < BUSY_SECONDS:
        due = int(elapsed * BUSY_PER_SECOND) - sent
        if due:
            await _commit(db, committed, due)
            sent += due
        await asyncio.sleep(BUSY_TICK_SECONDS)


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _relay_worker() -> None:
    """The worker of a service that only publishes, as it runs everywhere."""
    from commons.context import ctx_factory
    from commons.database import create_pools
    from commons.settings import Settings
    from commons.testing import a_country
    from commons.worker import Work, run_worker

    settings = Settings(
        country="be",
        database_url=os.environ["BENCH_DATABASE_URL"],
        kafka_bootstrap=os.environ["BENCH_KAFKA"],
        http_port=int(os.environ["HTTP_PORT"]),
        jwt_issuer="none",
        jwks_url="none",
        profile="local",
    )
    pools = await create_pools(settings.database_url, "shop worker")
    work = Work(
        name="shop",
        make_ctx=ctx_factory(country=a_country(), service=None),
        migrations=[COMMONS_MESSAGING],
        parts=("relay",),
    )
    await run_worker(settings, pools, work)


if __name__ == "__main__":
    uvloop.run(_relay_worker())

"""The worker process of a service: relay, consumer, effects, deadlines and reconciliation, crash-only."""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import uvloop

from commons import deadlines as due
from commons import effects as outside
from commons import idempotency, ledger, reconcile, telemetry
from commons.clock import REAL_CLOCK, Clock
from commons.consumer import Consumption, consume, retry_parked, topics_of
from commons.context import MakeCtx
from commons.database import COMMONS_SQL as SQL
from commons.database import Pool, Pools, UnsafeDatabase, connect, transaction
from commons.deadlines import DeadlineHandler, Deadlines
from commons.effects import EffectHandler, Effects
from commons.events import Handler
from commons.figures import Figure
from commons.figures import measure as measure_figures
from commons.health import Health, served
from commons.inbox import Inbox
from commons.kafka import (
    Consumer,
    ConsumerStuck,
    KafkaConsumer,
    KafkaProducer,
    Producer,
    Received,
    Watchdog,
    tls_context,
)
from commons.migrate import COMMONS_API, MigrationRefused, shows_migrations
from commons.outbox import topic_of
from commons.reconcile import HourClosed, Reconciliation
from commons.relay import relay
from commons.replay import ReplayRequested, heard, replay, say
from commons.restoration import ReadEnds, kafka_ends, look_back
from commons.set_back import SetBack, why_it_must_wait
from commons.settings import Settings, SettingsWrong
from commons.wake import Wake

log = logging.getLogger(__name__)

PARTS: Final = ("relay", "consume", "effects", "deadlines", "reconcile")
"""What a worker does, all or shared out among several; `reconcile` says what was sent, `consume` compares."""
EFFECTS_AT_ONCE: Final = 4  # one silent outside party must not stop the others
MEASURE_SECONDS: Final = 5.0
FIGURES_SECONDS: Final = 60.0  # they may read a whole index
LEDGER_CHECK_SECONDS: Final = 86_400.0
SWEEP_SECONDS: Final = 86_400.0
DRAIN_SECONDS_MAX: Final = 20.0
MIGRATION_POLL_SECONDS: Final = 0.5
MIGRATION_WAIT_SECONDS_MAX: Final = 600.0
TOLD_WAIT_SECONDS_MAX: Final = 600.0

StartProducer = Callable[[], Awaitable[Producer]]
StartConsumer = Callable[[str, Sequence[str]], Awaitable[Consumer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a service's worker does. `name` is the service's name and that of its consumer group.

    `migrations` are all folders its database is made from, those of this library included.
    """

    name: str
    make_ctx: MakeCtx
    migrations: Sequence[Path]
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    effects: Mapping[str, EffectHandler] = field(default_factory=dict)
    deadlines: Mapping[str, DeadlineHandler] = field(default_factory=dict)
    figures: Sequence[Figure] = ()
    has_ledger: bool = False
    clock: Clock = REAL_CLOCK
    parts: Sequence[str] = PARTS
    reconcile_seconds: float = reconcile.INTERVAL_SECONDS
    hour_seconds: int = reconcile.HOUR_SECONDS
    settle_seconds: float = reconcile.SETTLE_SECONDS


async def run_worker(
    settings: Settings,
    pools: Pools,
    work: Work,
    *,
    start_producer: StartProducer | None = None,
    start_consumer: StartConsumer | None = None,
    read_broker: ReadEnds | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Work until SIGTERM or SIGINT, then finish what is begun and return.

    Crash-only: the first exception of any part ends all and is raised; the caller exits with 1 and is started
    again. Waits first until the database has the migrations this program was built for, and, where it was set
    back to an earlier moment, until somebody has told it so.
    """
    health = Health({"database": lambda: _has_migrations(pools, work.migrations)}, works=True)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(served(health, settings.http_host, settings.http_port))
        await _wait_for_migrations(pools, work.migrations)
        async with transaction(pools.write) as db:
            await settings.check_database(db)
        if start_producer is None and start_consumer is None:
            read_broker = read_broker or kafka_ends(settings, work.name)
        await _wait_until_told(settings, pools, work, read_broker)
        wakes: list[Wake] = []
        tasks = await _start_parts(
            stack,
            settings,
            pools,
            work,
            wakes,
            start_producer or _kafka_producer(settings),
            start_consumer or _kafka_consumer(settings),
        )
        health.started = True
        log.info("works", extra={"parts": list(work.parts)})
        await _until_stopped(tasks, wakes, health, stop or _stop_signal())


def run_process(main: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """Run a process to its end; the status to exit with: 0 when told to stop, 1 after any failure.

    A failure is logged without its text, unless that was written for the operator; a supervisor starts the
    process again.
    """
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
    except (SettingsWrong, UnsafeDatabase, MigrationRefused, SetBack) as wrong:
        log.critical(str(wrong))
        return 1
    except Exception:
        log.exception("the process ends")
        return 1
    return 0


async def _start_parts(
    stack: AsyncExitStack,
    settings: Settings,
    pools: Pools,
    work: Work,
    wakes: list[Wake],
    start_producer: StartProducer,
    start_consumer: StartConsumer,
) -> list[asyncio.Task[None]]:
    tasks: list[asyncio.Task[None]] = []

    def bell() -> Wake:
        wakes.append(Wake())
        return wakes[-1]

    def ring_all() -> None:
        for wake in wakes:
            wake.ring()

    def begin(name: str, part: Awaitable[None]) -> None:
        tasks.append(asyncio.ensure_future(_named(name, part)))

    producer = await start_producer()
    stack.push_async_callback(producer.close)
    if "relay" in work.parts:
        session = await connect(settings.database_url, f"{work.name} relay")
        stack.push_async_callback(session.close, timeout=DRAIN_SECONDS_MAX)
        begin("relay", relay(session, producer, bell()))
    if "consume" in work.parts:
        topics = topics_of(work.handlers, settings.country)
        reconciliation = Reconciliation(
            work.name, pools.write, frozenset(topics), hour_seconds=work.hour_seconds
        )
        consumer = await start_consumer(work.name, topics)
        stack.push_async_callback(consumer.close)
        consumption = Consumption(
            consumer=consumer,
            inbox=Inbox(work.name, pools.write, work.handlers, work.make_ctx, work.clock),
            producer=producer,
            country=settings.country,
            on_control=control_handler(
                settings.country, pools.write, work, producer, reconciliation, ring_all
            ),
            on_handled=ring_all,
        )
        watchdog = Watchdog(consumer)
        begin("consumer", consume(consumption, watchdog, bell()))
        begin("parked", retry_parked(consumption, bell()))
        await _remember_watchdog_exits(pools, work.name)
        begin("watchdog", _watch(pools, work.name, watchdog))
        begin("differences", _compare_again(settings, work, producer, reconciliation, bell()))
    if "effects" in work.parts and work.effects:
        executor = Effects(pools.write, work.effects, work.make_ctx, work.clock)
        for _ in range(EFFECTS_AT_ONCE):
            begin("effects", outside.execute(executor, bell(), ring_all))
    if "deadlines" in work.parts and work.deadlines:
        meeting = Deadlines(pools.write, work.deadlines, work.make_ctx, work.clock)
        begin("deadlines", due.meet(meeting, bell(), ring_all))
    if "reconcile" in work.parts:
        begin("reconcile", _close_hours(settings, pools, work, producer, bell()))
        if work.has_ledger:
            begin("ledger", _check_ledger(pools, bell()))
    begin("measure", _measure(pools, bell()))
    if work.figures:
        begin("figures", _measure_figures(pools, work, bell()))
    if COMMONS_API in work.migrations:
        begin("sweep", _sweep(pools, bell()))
    return tasks


async def _until_stopped(
    tasks: list[asyncio.Task[None]], wakes: list[Wake], health: Health, stop: asyncio.Event
) -> None:
    stopped = asyncio.ensure_future(stop.wait())
    try:
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        health.draining = True
        for wake in wakes:
            wake.stop()
        for task in done - {stopped}:
            task.result()
        running = [task for task in tasks if task.get_coro() is not None and not task.done()]
        endless = [task for task in running if task.get_name() == "watchdog"]
        for task in endless:
            task.cancel()
        finished, late = await asyncio.wait(running, timeout=DRAIN_SECONDS_MAX) if running else (set(), set())
        for task in finished - set(endless):
            task.result()
        if late:
            log.warning("work was cut short", extra={"parts": sorted(task.get_name() for task in late)})
    finally:
        for task in [stopped, *tasks]:
            task.cancel()
        await asyncio.gather(stopped, *tasks, return_exceptions=True)


async def _named(name: str, part: Awaitable[None]) -> None:
    task = asyncio.current_task()
    assert task is not None, "it runs in a task of its own"
    task.set_name(name)
    try:
        await part
    except Exception:
        log.exception("a part failed; the process ends and is started again", extra={"part": name})
        raise


def control_handler(
    country: str,
    pool: Pool,
    work: Work,
    producer: Producer,
    reconciliation: Reconciliation,
    ring_all: Callable[[], None],
) -> Callable[[Received], Awaitable[None]]:
    """What a service does with a control message: repeat its own events, compare the hours of others."""
    own_topic = topic_of(country, work.name)

    async def on_control(message: Received) -> None:
        request = heard(message, ReplayRequested)
        if request is not None and request.topic == own_topic:
            async with transaction(pool) as db:
                await replay(db, request)
            ring_all()
        hour = heard(message, HourClosed)
        if hour is not None:
            wanted = await reconciliation.compare(hour)
            if wanted is not None:
                await say(producer, country, wanted)

    return on_control


async def _close_hours(settings: Settings, pools: Pools, work: Work, producer: Producer, wake: Wake) -> None:
    while not wake.stopping:
        await reconcile.close_hours(
            pools.write,
            producer,
            country=settings.country,
            topic=topic_of(settings.country, work.name),
            now=work.clock.now(),
            hour_seconds=work.hour_seconds,
            settle_seconds=work.settle_seconds,
        )
        await _pause(wake, work.reconcile_seconds)


async def _compare_again(
    settings: Settings, work: Work, producer: Producer, reconciliation: Reconciliation, wake: Wake
) -> None:
    while not wake.stopping:
        wanted = await reconciliation.compare_again(now=work.clock.now())
        await say(producer, settings.country, *wanted)
        await _pause(wake, work.reconcile_seconds)


async def _remember_watchdog_exits(pools: Pools, name: str) -> None:
    async with transaction(pools.write) as db:
        ever = await db.fetchval(SQL["count_watchdog_exits"], name)
    telemetry.WATCHDOG_EXITS.inc(ever)


async def _watch(pools: Pools, name: str, watchdog: Watchdog) -> None:
    try:
        await watchdog.run()
    except ConsumerStuck as stuck:
        # The counter ends with this process, before anybody reads it.
        async with transaction(pools.write) as db:
            await db.execute(SQL["note_watchdog_exit"], name, str(stuck))
        raise


async def _check_ledger(pools: Pools, wake: Wake) -> None:
    while not wake.stopping:
        async with transaction(pools.write) as db:
            broken = await ledger.check_invariants(db)
        telemetry.LEDGER_FAILURES.set(len(broken))
        for sentence in broken:
            log.critical("the ledger is broken", extra={"invariant": sentence})
        await _pause(wake, LEDGER_CHECK_SECONDS)


async def _sweep(pools: Pools, wake: Wake) -> None:
    while not wake.stopping:
        swept = idempotency.SWEEP_ROWS_MAX
        while swept == idempotency.SWEEP_ROWS_MAX and not wake.stopping:
            async with transaction(pools.write) as db:
                swept = await idempotency.sweep(db)
        await _pause(wake, SWEEP_SECONDS)


async def _measure(pools: Pools, wake: Wake) -> None:
    while not wake.stopping:
        async with transaction(pools.write) as db:
            oldest_seconds = await db.fetchval(SQL["outbox_oldest_unpublished_seconds"])
            parked = await db.fetch(SQL["count_parked_keys"])
            await reconcile.measure(db)
        telemetry.OUTBOX_OLDEST_UNPUBLISHED_SECONDS.set(oldest_seconds)
        telemetry.PARKED_KEYS.clear()
        for row in parked:
            telemetry.PARKED_KEYS.labels(row["kind"]).set(row["keys"])
        await outside.measure(pools.write)
        await due.measure(pools.write)
        await _pause(wake, MEASURE_SECONDS)


async def _measure_figures(pools: Pools, work: Work, wake: Wake) -> None:
    while not wake.stopping:
        async with transaction(pools.write) as db:
            await measure_figures(db, work.figures, now=work.clock.now())
        await _pause(wake, FIGURES_SECONDS)


async def _pause(wake: Wake, seconds: float) -> None:
    """Wait the whole time although others ring the bell; only the stop ends it early."""
    end = asyncio.get_running_loop().time() + seconds
    while not wake.stopping and (left := end - asyncio.get_running_loop().time()) > 0:
        await wake.wait(left)


async def _has_migrations(pools: Pools, migrations: Sequence[Path]) -> bool:
    async with pools.read.acquire(timeout=MIGRATION_POLL_SECONDS) as db:
        return await shows_migrations(db, migrations)


async def _wait_for_migrations(pools: Pools, migrations: Sequence[Path]) -> None:
    for _ in range(int(MIGRATION_WAIT_SECONDS_MAX / MIGRATION_POLL_SECONDS)):
        if await _has_migrations(pools, migrations):
            return
        await asyncio.sleep(MIGRATION_POLL_SECONDS)
    raise MigrationRefused(f"the database was not migrated within {MIGRATION_WAIT_SECONDS_MAX} s")


async def _wait_until_told(
    settings: Settings, pools: Pools, work: Work, read_broker: ReadEnds | None
) -> None:
    """A database that was set back must not publish, handle or send: others know what it has forgotten."""
    if read_broker is not None:
        await look_back(pools.write, work.name, await read_broker(topics_of(work.handlers, settings.country)))
    for attempt in range(int(TOLD_WAIT_SECONDS_MAX / MIGRATION_POLL_SECONDS)):
        async with transaction(pools.write) as db:
            why = await why_it_must_wait(db, work.name, settings.database_generation)
        if why is None:
            return
        if attempt == 0:
            log.critical(why)
        await asyncio.sleep(MIGRATION_POLL_SECONDS)
    raise SetBack(why)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _kafka_producer(settings: Settings) -> StartProducer:
    async def start() -> Producer:
        return await KafkaProducer.start(settings.kafka_bootstrap, tls=_tls(settings))

    return start


def _kafka_consumer(settings: Settings) -> StartConsumer:
    async def start(group: str, topics: Sequence[str]) -> Consumer:
        return await KafkaConsumer.start(
            settings.kafka_bootstrap, group=group, topics=topics, tls=_tls(settings)
        )

    return start


def _tls(settings: Settings) -> ssl.SSLContext | None:
    return tls_context(settings.kafka_ca_file, settings.kafka_certificate_file, settings.kafka_key_file)

"""Faults at the one moment that counts. Without a mutant each must end well; with its mutant it must not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from commons.database import connect
from local.processes import PARTITIONS_PER_TOPIC
from tests.chaos.plan import DUE_DAYS, PAYMENT_DAY, WORK_DAYS, Ending, StoryPlan, WavePlan
from tests.chaos.run import Field
from tests.chaos.wave import Wave
from tests.e2e.answers import post_once

# 6.5 % of it is 28.41605: a cent is lost where the rounding is.
PRICE: Final = Decimal("437.17")
GROSS: Final = Decimal("170.03")
NEXT_DAY, DAY_AFTER = date(2026, 6, 30), date(2026, 7, 1)
VERSIONS: Final = 40
MOMENT_SECONDS_MAX: Final = 8.0
POLL_SECONDS: Final = 0.05


async def killed_while_it_cannot_store(field: Field) -> None:
    """A worker has read a message and cannot reach its database; then it dies."""
    wave, door = await _founded(field, "store"), field.cell.doors["guarantee worker > postgres"]
    async with _alone(field, "guarantee"):
        before = await _committed(field, "guarantee")
        door.silence()
        await wave.say_day(NEXT_DAY)
        await _a_moment(lambda: _moved(field, "guarantee", before))
        await _kill(field, "guarantee worker")
        await door.cut()
        door.open()


async def killed_while_it_cannot_publish(field: Field) -> None:
    """A relay cannot reach the broker; then it dies, and what it had sent is lost on the way."""
    wave, door = await _founded(field, "publish"), field.cell.doors["broker"]
    door.silence()
    await wave.say_day(NEXT_DAY)
    await _a_moment(lambda: _is_published(field, wave))
    await _kill(field, "invoicing worker")
    await door.cut()
    door.open()


async def killed_as_soon_as_the_inbox_has_it(field: Field) -> None:
    """A worker far from its database dies at the moment at which others can see the inbox row."""
    wave, door = await _founded(field, "inbox"), field.cell.doors["guarantee worker > postgres"]
    async with _alone(field, "guarantee"):
        door.slow_down(0.25)
        await wave.say_day(NEXT_DAY)
        await field.world.facts.until(
            "guarantee's inbox has the day",
            "guarantee",
            "select count(*) from inbox where agg_id = $1 and agg_version = 2",
            wave.entity_id,
            seen=1,
        )
        await _kill(field, "guarantee worker")
        door.open()


async def announced_while_the_relay_is_dead(field: Field) -> None:
    """Something is announced while nobody listens."""
    wave = await _founded(field, "notify")
    field.nurse.leave_dead("invoicing worker")
    await _kill(field, "invoicing worker")
    await wave.say_day(NEXT_DAY)
    field.nurse.revive("invoicing worker")


async def committed_later_than_the_next(field: Field) -> None:
    """A transaction that took its place in the outbox early commits late."""
    wave = await _worked(field, "cursor", Ending.NEVER_PAID)
    [story] = wave.told
    async with _locked(field, "lock table effect in share mode"):
        issuing = asyncio.create_task(wave.issue(story))
        await _blocked(field)
        await wave.open_another_activity()
        await field.world.facts.until(
            "the later event is published",
            "invoicing",
            "select count(*) from outbox where type = 'invoicing.ActivityOpened.v1' and published is null",
            seen=0,
        )
    await issuing
    await wave.play()


async def many_versions_over_a_jittery_network(field: Field) -> None:
    """One aggregate announces many versions while each connection to the broker has delays of its own."""
    wave = await _founded(field, "order", members=1)
    await wave.play("admit")
    field.cell.doors["broker"].slow_down(0.0, 0.3)
    for _ in range(VERSIONS):
        await wave.complete_profile_again()
    await field.world.facts.until(
        "payroll has published all",
        "payroll",
        "select count(*) from outbox where published is null",
        seen=0,
    )
    field.cell.doors["broker"].open()


async def lost_by_the_broker(field: Field) -> None:
    """The broker forgets what it had acknowledged; then the next version of that aggregate comes."""
    wave = await _founded(field, "lost")
    for worker in ("guarantee worker", "guarantee worker 2"):
        field.nurse.leave_dead(worker)
        await _kill(field, worker)
    await wave.say_day(NEXT_DAY)
    await _a_moment(lambda: _is_published(field, wave))
    await _forget_records(field, "invoicing")
    await wave.say_day(DAY_AFTER)
    for worker in ("guarantee worker", "guarantee worker 2"):
        field.nurse.revive(worker)


async def the_bank_pays_and_does_not_say_so(field: Field) -> None:
    """The bank executes a payment file and its answer is lost."""
    rule = {"match": {"operation": "pay"}, "fault": "lost_answer", "times": 1}
    await post_once(field.world.http, f"{field.world.addresses.bank}/simulate/behavior", rule)
    await _through(field, "bank", Ending.NEVER_PAID)


async def advanced(field: Field) -> None:
    """Two wages are advanced by the fund; nothing is broken."""
    await _through(field, "advance", Ending.NEVER_PAID, Ending.NEVER_PAID)


async def invoiced(field: Field) -> None:
    """An invoice is issued and paid at once; nothing is broken."""
    await _through(field, "invoice", Ending.PAID_BEFORE)


async def the_due_day_is_jumped_over(field: Field) -> None:
    """The calendar turns from before the due day to after it."""
    await _through(field, "jump", Ending.NEVER_PAID, days=(PAYMENT_DAY, DUE_DAYS[1]))


async def the_answer_is_lost(field: Field) -> None:
    """A quote is drafted and the client's connection breaks before the answer: it asks again with its key."""
    wave, door = await _founded(field, "answer", Ending.QUOTE_REFUSED), field.cell.doors["client > gateway"]
    await wave.play("admit")
    door.silence(there=False)
    drafting = asyncio.create_task(wave.play())
    await field.world.facts.until(
        "the quote is there and nobody was told",
        "invoicing",
        "select least(count(*), 1) from sales_order where entity_id = $1",
        wave.entity_id,
        seen=1,
    )
    await door.cut()
    door.open()
    await drafting


async def killed_between_number_and_commit(field: Field) -> None:
    """The api dies when an invoice has its number and is not committed."""
    wave = await _worked(field, "number", Ending.NEVER_PAID)
    [story] = wave.told
    async with _locked(field, "lock table effect in share mode"):
        issuing = asyncio.create_task(wave.issue(story))
        await _blocked(field)
        await _kill(field, "invoicing api")
    await issuing
    await wave.play()


async def _founded(field: Field, name: str, *endings: Ending, members: int = 0) -> Wave:
    wave = _wave(field, name, *endings, members=members)
    await wave.play("found")
    return wave


async def _worked(field: Field, name: str, *endings: Ending) -> Wave:
    wave = _wave(field, name, *endings)
    await wave.play("hire")
    await wave.turn_to(PAYMENT_DAY)
    return wave


async def _through(
    field: Field, name: str, *endings: Ending, days: tuple[date, ...] = (DUE_DAYS[-1],)
) -> None:
    await _wave(field, name, *endings, days=days).play()


def _wave(
    field: Field, name: str, *endings: Ending, members: int = 0, days: tuple[date, ...] = (DUE_DAYS[-1],)
) -> Wave:
    stories = tuple(
        StoryPlan(f"{name}-{number}", 0, WORK_DAYS[number], DUE_DAYS[number], PRICE, GROSS, ending)
        for number, ending in enumerate(endings)
    )
    wave = Wave(
        field.world, WavePlan(name, members or min(1, len(stories)), stories, days, waits_for_cover=True)
    )
    field.waves.append(wave)
    return wave


@asynccontextmanager
async def _alone(field: Field, service: str) -> AsyncIterator[None]:
    """One worker of a service instead of two."""
    second = f"{service} worker 2"
    field.nurse.leave_dead(second)
    await _kill(field, second)
    await _has_all_partitions(field, service)
    try:
        yield
    finally:
        field.nurse.revive(second)


async def _kill(field: Field, program: str) -> None:
    await asyncio.to_thread(field.cell.stack.kill, program)


@asynccontextmanager
async def _locked(field: Field, statement: str) -> AsyncIterator[None]:
    """Somebody holds a lock in invoicing's database."""
    db = await connect(field.world.addresses.databases["invoicing"], "chaos lock")
    try:
        async with db.transaction():
            await db.execute(statement)
            yield
    finally:
        await db.close()


async def _blocked(field: Field) -> None:
    """Wait until the api's transaction waits for the lock."""
    await field.world.facts.until(
        "the api waits for the lock",
        "invoicing",
        "select least(count(*), 1) from pg_stat_activity where application_name = 'invoicing api' "
        "and wait_event_type = 'Lock' and query like '%insert into effect%'",
        seen=1,
    )


async def _a_moment(has_happened: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what only a mutant does, and not for long: the product never does it."""
    end = time.monotonic() + MOMENT_SECONDS_MAX
    while not await has_happened():
        if time.monotonic() > end:
            return
        await asyncio.sleep(POLL_SECONDS)


async def _is_published(field: Field, wave: Wave) -> bool:
    waits = await field.world.facts.value(
        "invoicing", "select count(*) from outbox where agg_id = $1 and published is null", wave.entity_id
    )
    return bool(waits == 0)


async def _committed(field: Field, group: str) -> dict[Any, Any]:
    async with _admin(field) as admin:
        offsets = await admin.list_consumer_group_offsets(group)
        return {place: each.offset for place, each in offsets.items() if "invoicing" in place.topic}


async def _moved(field: Field, group: str, before: dict[Any, Any]) -> bool:
    return await _committed(field, group) != before


async def _has_all_partitions(field: Field, group: str) -> None:
    """Wait until the group has one member, the one that lives."""
    end = time.monotonic() + field.world.facts.patience_seconds
    async with _admin(field) as admin:
        while True:
            [answer] = await admin.describe_consumer_groups([group])
            [described] = answer.groups
            members, state = described[5], described[2]
            if (state == "Stable" and len(members) == 1) or time.monotonic() > end:
                return
            await asyncio.sleep(0.3)


async def _forget_records(field: Field, service: str) -> None:
    topic = f"{field.world.addresses.country.lower()}.{service}.v1"
    async with _admin(field) as admin:
        await admin.delete_records(
            {TopicPartition(topic, number): RecordsToDelete(-1) for number in range(PARTITIONS_PER_TOPIC)}
        )


@asynccontextmanager
async def _admin(field: Field) -> AsyncIterator[AIOKafkaAdminClient]:
    # Beside the door: the broker tells its clients the door's port, and asks of this one only metadata.
    admin = AIOKafkaAdminClient(bootstrap_servers=field.cell.stack.addresses["KAFKA_BOOTSTRAP"])
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()

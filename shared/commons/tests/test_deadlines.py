"""What falls due on a day is met when the entity's business day reaches it, once, in the order of the days."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import pytest_asyncio

from commons.clock import (
    BusinessDayOpened,
    DayIsPast,
    EntityIsNotSimulated,
    EntityRegistered,
    UnknownEntity,
    business_day_opened,
    entity_registered,
    open_day,
    register_entity,
)
from commons.context import Ctx, ctx_factory
from commons.database import Connection, Pool, transaction
from commons.deadlines import Deadline, Deadlines, cancel, meet_one, schedule
from commons.events import NotYet
from commons.testing import SetClock, a_country, a_ctx
from commons.uuid7 import uuid7


class Calendar:
    """Meets deadlines and remembers in which order."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.clock = pool, SetClock(datetime.now(UTC))
        self.met: list[str] = []
        self.trouble: Exception | None = None
        make_ctx = ctx_factory(country=a_country(), service=None, clock=self.clock)
        self.deadlines = Deadlines(pool, {"wage": self._meet}, make_ctx, self.clock)

    async def _meet(self, ctx: Ctx, deadline: Deadline) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.met.append(f"{deadline.key} on {await ctx.today(deadline.entity_id)}")

    async def an_entity(self, day: date | None) -> UUID:
        entity = uuid7()
        async with transaction(self.pool) as db:
            await register_entity(db, entity, simulated=day is not None, day=day, time_zone="Europe/Brussels")
        return entity

    async def add(self, entity: UUID, key: str, due: date) -> bool:
        async with transaction(self.pool) as db:
            return await schedule(db, kind="wage", key=key, entity_id=entity, due=due)

    async def open(self, entity: UUID, day: date) -> None:
        async with transaction(self.pool) as db:
            await open_day(db, entity, day)

    async def work(self) -> None:
        while await meet_one(self.deadlines):
            pass


@pytest_asyncio.fixture(loop_scope="session")
async def calendar(pool: Pool) -> Calendar:
    async with transaction(pool) as db:
        await db.execute("truncate deadline")
    return Calendar(pool)


async def test_a_deadline_is_met_on_its_day_and_once(calendar: Calendar) -> None:
    entity = await calendar.an_entity(date(2026, 8, 7))
    assert await calendar.add(entity, "payslip 1", date(2026, 8, 8))
    assert not await calendar.add(entity, "payslip 1", date(2026, 9, 9))
    await calendar.work()
    assert calendar.met == []
    await calendar.open(entity, date(2026, 8, 8))
    await calendar.work()
    await calendar.work()
    assert calendar.met == ["payslip 1 on 2026-08-08"]


async def test_a_jump_over_many_days_meets_them_in_their_order(calendar: Calendar) -> None:
    entity = await calendar.an_entity(date(2026, 8, 1))
    await calendar.add(entity, "c", date(2026, 8, 20))
    await calendar.add(entity, "a", date(2026, 8, 2))
    await calendar.add(entity, "b", date(2026, 8, 8))
    await calendar.open(entity, date(2026, 8, 20))
    await calendar.work()
    assert [each[0] for each in calendar.met] == ["a", "b", "c"]


async def test_entities_have_days_of_their_own(calendar: Calendar) -> None:
    early, late = await calendar.an_entity(date(2026, 1, 1)), await calendar.an_entity(date(2026, 12, 1))
    await calendar.add(early, "early", date(2026, 6, 1))
    await calendar.add(late, "late", date(2026, 6, 1))
    await calendar.work()
    assert calendar.met == ["late on 2026-12-01"]


async def test_a_real_entity_has_the_date_of_its_time_zone(calendar: Calendar) -> None:
    entity = await calendar.an_entity(None)
    calendar.clock = SetClock(datetime(2026, 8, 7, 21, 30, tzinfo=UTC))  # 23:30 in Brussels
    make_ctx = ctx_factory(country=a_country(), service=None, clock=calendar.clock)
    calendar.deadlines = Deadlines(calendar.pool, calendar.deadlines.handlers, make_ctx, calendar.clock)
    await calendar.add(entity, "payslip 2", date(2026, 8, 8))
    await calendar.work()
    assert calendar.met == []
    calendar.clock.advance(1_800)
    await calendar.work()
    assert calendar.met == ["payslip 2 on 2026-08-08"]


async def test_a_canceled_deadline_passes_unmet(calendar: Calendar) -> None:
    entity = await calendar.an_entity(date(2026, 8, 7))
    await calendar.add(entity, "payslip 3", date(2026, 8, 7))
    async with transaction(calendar.pool) as db:
        assert await cancel(db, "payslip 3")
        assert not await cancel(db, "payslip 3")
    await calendar.work()
    assert calendar.met == []


@pytest.mark.parametrize("trouble", [NotYet("no contract"), ValueError("a bug"), ConnectionError("gone")])
async def test_a_deadline_that_fails_is_tried_again_and_never_forgotten(
    calendar: Calendar, trouble: Exception
) -> None:
    entity = await calendar.an_entity(date(2026, 8, 8))
    await calendar.add(entity, "payslip 4", date(2026, 8, 8))
    calendar.trouble = trouble
    for _ in range(30):
        await calendar.work()
        calendar.clock.advance(400)
    calendar.trouble = None
    await calendar.work()
    assert calendar.met == ["payslip 4 on 2026-08-08"]


async def test_several_workers_meet_each_deadline_once(calendar: Calendar) -> None:
    entity = await calendar.an_entity(date(2026, 8, 8))
    for number in range(20):
        await calendar.add(entity, f"payslip {number}", date(2026, 8, 8))
    await asyncio.gather(*(calendar.work() for _ in range(3)))
    assert len(calendar.met) == len(set(calendar.met)) == 20


async def test_a_business_day_never_goes_back(db: Connection) -> None:
    entity, ctx = uuid7(), a_ctx(db)
    with pytest.raises(UnknownEntity):
        await ctx.today(entity)
    registered = EntityRegistered(entity_id=entity, simulated=True, day=date(2026, 6, 5))
    await entity_registered(ctx, registered)
    await business_day_opened(ctx, BusinessDayOpened(entity_id=entity, day=date(2026, 6, 10)))
    await business_day_opened(ctx, BusinessDayOpened(entity_id=entity, day=date(2026, 6, 7)))
    await entity_registered(ctx, registered)
    assert await ctx.today(entity) == date(2026, 6, 10)
    assert not await open_day(db, entity, date(2026, 6, 10))
    with pytest.raises(DayIsPast):
        await open_day(db, entity, date(2026, 6, 9))


async def test_only_a_simulated_entity_can_be_moved(db: Connection) -> None:
    entity = uuid7()
    await register_entity(db, entity, simulated=False, day=None, time_zone="Europe/Budapest")
    with pytest.raises(EntityIsNotSimulated):
        await open_day(db, entity, date(2026, 6, 10))
    with pytest.raises(UnknownEntity):
        await open_day(db, uuid7(), date(2026, 6, 10))

"""Each event is handled once, in the order of its aggregate; what cannot be handled parks its key alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
import pytest_asyncio

from commons import parked
from commons.clock import EntityRegistered, UnknownEntity, entity_registered
from commons.cloudevents import Envelope
from commons.context import Ctx, ctx_factory
from commons.database import COMMONS_SQL as SQL
from commons.database import Pool, transaction
from commons.events import Consumed, Handler, NotYet
from commons.inbox import Inbox, Outcome
from commons.parked import GapCannotBeSkipped, NothingParked, find_parked, retry_due
from commons.testing import SetClock, a_country
from commons.uuid7 import uuid7

TOPIC = "be.shop.v1"


class SaleSeen(Consumed):
    type: ClassVar[str] = "shop.SaleMade.v1"
    sale_id: UUID
    step: int


class Reader:
    """A consumer whose mood a test sets."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.clock = SetClock(datetime.now(UTC))
        self.broken: set[int] = set()
        self.not_yet: set[int] = set()
        self.transient_failures = 0
        self.causations: list[str | None] = []
        self.name = f"reader {uuid7()}"
        self.inbox = self.start()

    def start(self) -> Inbox:
        make_ctx = ctx_factory(country=a_country(), service=None, clock=self.clock)
        handlers = {
            SaleSeen.type: Handler(SaleSeen, self.sale_made),
            EntityRegistered.type: Handler(EntityRegistered, entity_registered),
        }
        return Inbox(self.name, self.pool, handlers, make_ctx, self.clock)

    async def sale_made(self, ctx: Ctx, event: SaleSeen) -> None:
        self.causations.append(ctx.causation)
        await ctx.db.execute(
            "insert into counted (reader, sale, step) values ($1, $2, $3)",
            self.name,
            event.sale_id,
            event.step,
        )
        if event.step in self.broken:
            raise ValueError("this sale cannot be counted")
        if event.step in self.not_yet:
            raise NotYet("the shop is closed")
        if self.transient_failures:
            self.transient_failures -= 1
            raise ConnectionError("a moment ago it was there")

    async def steps(self, sale_id: UUID) -> list[int]:
        async with transaction(self.pool) as db:
            rows = await db.fetch(
                "select step from counted where reader = $1 and sale = $2 order by at", self.name, sale_id
            )
        return [row["step"] for row in rows]

    async def take(self, *events: Envelope) -> list[str]:
        return [outcome.value for outcome in await self.inbox.take(events)]

    async def waiting(self) -> list[tuple[int, str]]:
        async with transaction(self.pool) as db:
            rows = await find_parked(db)
        return sorted((each.agg_version, each.kind) for each in rows if each.consumer == self.name)


def an_event(
    sale_id: UUID, version: int, *, type: str = SaleSeen.type, data: dict[str, Any] | None = None
) -> Envelope:
    return Envelope(
        id=uuid7(),
        topic=TOPIC,
        type=type,
        agg_type="Sale",
        agg_id=sale_id,
        agg_version=version,
        created=datetime.now(UTC),
        data={"sale_id": str(sale_id), "step": version} if data is None else data,
        headers={"actor": "ann", "request_id": "r1"},
    )


@pytest_asyncio.fixture(loop_scope="session")
async def reader(pool: Pool) -> Reader:
    async with transaction(pool) as db:
        await db.execute(
            """create table if not exists counted
            (reader text, sale uuid, step int, at bigserial, primary key (reader, sale, step))"""
        )
    return Reader(pool)


async def test_an_event_is_handled_once_however_often_it_comes(reader: Reader) -> None:
    sale = uuid7()
    first, second = an_event(sale, 1), an_event(sale, 2)
    assert await reader.take(first) == ["handled"]
    assert await reader.take(first, second, first) == ["duplicate", "handled", "duplicate"]
    assert await reader.steps(sale) == [1, 2]
    assert reader.causations == [str(first.id), str(second.id)]


async def test_an_event_nobody_reads_is_remembered_and_lets_the_next_pass(reader: Reader) -> None:
    sale = uuid7()
    unread = an_event(sale, 1, type="shop.SaleForgotten.v1")
    assert await reader.take(unread, an_event(sale, 2), unread) == ["ignored", "handled", "duplicate"]


async def test_a_gap_parks_the_event_and_asks_for_what_is_missing(reader: Reader) -> None:
    sale = uuid7()
    events = [an_event(sale, version) for version in range(1, 6)]
    assert await reader.take(events[0], events[3], events[4]) == ["handled", "gap", "behind"]
    [asked] = reader.inbox.gaps
    assert (asked.agg_id, asked.first_version, asked.last_version) == (sale, 2, 3)
    assert await reader.take(events[1], events[2]) == ["handled", "handled"]
    assert await retry_due(reader.inbox) == 2
    assert await reader.steps(sale) == [1, 2, 3, 4, 5]
    assert await reader.waiting() == []


async def test_a_gap_that_stays_is_asked_for_again(reader: Reader) -> None:
    sale = uuid7()
    await reader.take(an_event(sale, 3))
    reader.inbox.gaps.clear()
    assert await retry_due(reader.inbox) == 0
    assert reader.inbox.gaps == []
    reader.clock.advance(3)
    await retry_due(reader.inbox)
    [asked] = reader.inbox.gaps
    assert (asked.first_version, asked.last_version) == (1, 2)


async def test_a_poison_event_parks_its_key_and_not_the_partition(reader: Reader) -> None:
    sick, well = uuid7(), uuid7()
    reader.broken = {2}
    events = [an_event(sick, 1), an_event(sick, 2), an_event(well, 1), an_event(sick, 3), an_event(well, 3)]
    assert await reader.take(*events) == ["handled", "failed", "handled", "behind", "gap"]
    assert await reader.steps(sick) == [1]
    assert await reader.steps(well) == [1]
    reader.clock.advance(100_000)
    await retry_due(reader.inbox)
    assert (2, "failed") in await reader.waiting()  # never by itself


async def test_a_parked_event_that_comes_again_is_not_tried_outside_its_turn(reader: Reader) -> None:
    sale = uuid7()
    reader.broken = {1}
    poison = an_event(sale, 1)
    assert await reader.take(poison) == ["failed"]
    reader.broken = set()
    assert await reader.take(poison) == ["duplicate"]
    assert await reader.steps(sale) == []
    assert await reader.waiting() == [(1, "failed")]


async def test_behind_a_parked_event_that_another_worker_tries_nothing_is_tried_or_asked_for(
    reader: Reader,
) -> None:
    sale = uuid7()
    reader.not_yet = {1}
    assert await reader.take(an_event(sale, 1), an_event(sale, 2)) == ["not_yet", "behind"]
    reader.not_yet = set()
    reader.clock.advance(3)
    async with transaction(reader.pool) as other_worker:
        await other_worker.fetchrow(SQL["parked_head"], reader.name, TOPIC, "Sale", sale)
        assert await retry_due(reader.inbox) == 0
    assert reader.inbox.gaps == []
    assert await reader.waiting() == [(1, "not_yet"), (2, "behind")]
    assert await retry_due(reader.inbox) == 2


async def test_a_body_the_reader_cannot_understand_is_poison(reader: Reader) -> None:
    sale = uuid7()
    assert await reader.take(an_event(sale, 1, data={"sale_id": "?"})) == ["failed"]
    assert await reader.waiting() == [(1, "failed")]


async def test_a_person_releases_a_parked_key_and_it_goes_on_in_order(reader: Reader) -> None:
    sale = uuid7()
    reader.broken = {1}
    await reader.take(*(an_event(sale, version) for version in (1, 2, 3)))
    reader.broken = set()
    async with transaction(reader.pool) as db:
        await parked.release(db, reader.name, TOPIC, "Sale", sale, by="olga", reason="the price was repaired")
        audit = await db.fetchrow("select * from parked_decision where agg_id = $1", sale)
    assert audit is not None
    assert (audit["released_by"], audit["reason"], audit["decision"]) == (
        "olga",
        "the price was repaired",
        "released",
    )
    reader.clock.advance(60)
    assert await retry_due(reader.inbox) == 3
    assert await reader.steps(sale) == [1, 2, 3]


async def test_a_person_may_set_an_event_aside_but_not_a_gap(reader: Reader) -> None:
    sale = uuid7()
    reader.broken = {1}
    await reader.take(an_event(sale, 1), an_event(sale, 2), an_event(sale, 4))
    async with transaction(reader.pool) as db:
        await parked.skip(db, reader.name, TOPIC, "Sale", sale, by="olga", reason="it was a test")
    reader.clock.advance(60)
    assert await retry_due(reader.inbox) == 1
    assert await reader.steps(sale) == [2]
    with pytest.raises(GapCannotBeSkipped):
        async with transaction(reader.pool) as db:
            await parked.skip(db, reader.name, TOPIC, "Sale", sale, by="olga", reason="impatience")
    with pytest.raises(NothingParked):
        async with transaction(reader.pool) as db:
            await parked.release(db, reader.name, TOPIC, "Sale", uuid7(), by="olga", reason="a mistake")


async def test_an_event_that_came_too_early_is_tried_again_by_itself(reader: Reader) -> None:
    sale = uuid7()
    reader.not_yet = {1}
    assert await reader.take(an_event(sale, 1), an_event(sale, 2)) == ["not_yet", "behind"]
    assert await reader.steps(sale) == []
    for _ in range(3):
        reader.clock.advance(1)
        assert await retry_due(reader.inbox) == 0
    reader.not_yet = set()
    reader.clock.advance(1)
    assert await retry_due(reader.inbox) == 2
    assert await reader.steps(sale) == [1, 2]


async def test_an_event_of_an_entity_that_is_not_known_yet_waits_for_it(reader: Reader) -> None:
    async def knows_the_day(ctx: Ctx, event: SaleSeen) -> None:
        await ctx.today(event.sale_id)

    handlers = {**reader.inbox.handlers, SaleSeen.type: Handler(SaleSeen, knows_the_day)}
    inbox = Inbox(reader.name, reader.pool, handlers, reader.inbox.make_ctx, reader.clock)
    entity = uuid7()
    assert await inbox.take([an_event(entity, 1)]) == [Outcome.NOT_YET]
    registered = an_event(
        uuid7(),
        1,
        type=EntityRegistered.type,
        data={"entity_id": str(entity), "simulated": False, "day": "2026-06-05"},
    )
    assert await inbox.take([registered]) == [Outcome.HANDLED]
    reader.clock.advance(1)
    assert await retry_due(inbox) == 1
    assert issubclass(UnknownEntity, Exception)


async def test_a_transient_error_is_tried_again_in_place(reader: Reader) -> None:
    sale = uuid7()
    reader.transient_failures = 2
    assert await reader.take(an_event(sale, 1)) == ["handled"]
    assert await reader.steps(sale) == [1]


async def test_another_history_under_a_known_place_is_noticed(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    sale = uuid7()
    await reader.take(an_event(sale, 1))
    assert await reader.take(an_event(sale, 1)) == ["duplicate"]
    assert "another event has this place" in caplog.text


async def test_two_workers_with_the_same_events_handle_each_once(reader: Reader) -> None:
    sales = [uuid7() for _ in range(5)]
    events = [an_event(sale, version) for version in range(1, 11) for sale in sales]
    inboxes = [reader.start() for _ in range(3)]
    await asyncio.gather(*(inbox.take(events) for inbox in inboxes))
    reader.clock.advance(100)
    await asyncio.gather(*(retry_due(inbox) for inbox in inboxes))
    for sale in sales:
        assert await reader.steps(sale) == list(range(1, 11))
    assert await reader.waiting() == []

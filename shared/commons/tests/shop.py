"""Two small services for the tests of delivery: a shop that announces sales, a books that counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from commons.clock import REAL_CLOCK, Clock
from commons.consumer import Consumption, topics_of
from commons.context import Ctx, ctx_factory
from commons.database import Connection, Pool, connect, transaction
from commons.events import Consumed, Handler, Published, consumes
from commons.inbox import Inbox
from commons.kafka import Producer, Received
from commons.money import Money
from commons.outbox import topic_of
from commons.reconcile import HourClosed, Reconciliation
from commons.relay import lead, publish_batch
from commons.replay import ReplayRequested, heard, replay, say
from commons.testing import a_country, a_ctx
from commons.testing.broker import FakeBroker

TABLES = """
create table sale (id uuid primary key, cents bigint not null);
create table counted (sale uuid not null, step int not null, at bigserial, primary key (sale, step));
"""


class SaleMade(Published):
    """Something was sold."""

    service: ClassVar[str] = "shop"
    aggregate: ClassVar[str] = "Sale"
    sale_id: UUID
    step: int
    price: Money


class SaleForgotten(Published):
    """A sale nobody reads about."""

    service: ClassVar[str] = "shop"
    aggregate: ClassVar[str] = "Sale"
    sale_id: UUID


class SaleSeen(Consumed):
    """A sale, as the books read it."""

    type: ClassVar[str] = "shop.SaleMade.v1"
    sale_id: UUID
    step: int


@consumes(SaleSeen)
async def sale_made(ctx: Ctx, event: SaleSeen) -> None:
    """Count the step; counting it twice would break the primary key."""
    await ctx.db.execute("insert into counted (sale, step) values ($1, $2)", event.sale_id, event.step)


async def sell(pool: Pool, sale_id: UUID, *steps: int, country: str = "be") -> None:
    """Make sales of one key, each in a transaction."""
    for step in steps:
        async with transaction(pool) as db:
            await db.execute(
                "insert into sale values ($1, 1) on conflict (id) do update set cents = sale.cents + 1",
                sale_id,
            )
            ctx = a_ctx(db, country=a_country(country))
            await ctx.announce(SaleMade(sale_id=sale_id, step=step, price=Money(1, "EUR")))


async def counted(pool: Pool) -> dict[UUID, list[int]]:
    """The steps in the order in which they were counted, by sale."""
    async with transaction(pool) as db:
        rows = await db.fetch("select sale, step from counted order by at")
    found: dict[UUID, list[int]] = {}
    for row in rows:
        found.setdefault(row["sale"], []).append(row["step"])
    return found


@dataclass
class Books:
    """The consuming service, whose process can be thrown away and started again."""

    pool: Pool
    broker: FakeBroker
    name: str = "books"
    handlers: Mapping[str, Handler] = field(
        default_factory=lambda: {SaleSeen.type: Handler(SaleSeen, sale_made)}
    )
    clock: Clock = REAL_CLOCK

    def start(self, producer: Producer | None = None) -> Consumption:
        """A new process: a new member of the group, which forgets what was in memory."""
        topics = topics_of(self.handlers, "be")
        producer = producer or self.broker.producer()
        reconciliation = Reconciliation(self.name, self.pool, frozenset(topics))

        async def on_control(message: Received) -> None:
            hour = heard(message, HourClosed)
            if hour is not None:
                wanted = await reconciliation.compare(hour)
                if wanted is not None:
                    await say(producer, "be", wanted)

        make_ctx = ctx_factory(country=a_country(), service=None, clock=self.clock)
        return Consumption(
            consumer=self.broker.consumer(self.name, topics),
            inbox=Inbox(self.name, self.pool, self.handlers, make_ctx, self.clock),
            producer=producer,
            country="be",
            on_control=on_control,
            on_handled=lambda: None,
        )


@dataclass
class Shop:
    """The producing service's relay and its ear for replays."""

    pool: Pool
    url: str
    broker: FakeBroker
    _session: Connection | None = None
    _ears: Any = None

    async def publish(self) -> int:
        """Publish everything that waits."""
        if self._session is None:
            self._session = await connect(self.url, "shop relay")
            assert await lead(self._session)
        total = 0
        while count := await publish_batch(self._session, self.broker.producer()):
            total += count
        return total

    async def hear(self) -> int:
        """Do what is asked on the control topic; how many events will be published again."""
        self._ears = self._ears or self.broker.consumer("shop", ["be.control.v1"])
        total = 0
        while polled := await self._ears.poll(records_max=100, timeout_seconds=0):
            for message in (message for messages in polled.values() for message in messages):
                request = heard(message, ReplayRequested)
                if request is not None and request.topic == topic_of("be", "shop"):
                    async with transaction(self.pool) as db:
                        total += await replay(db, request)
        return total

    async def close(self) -> None:
        """Give up the lead."""
        if self._session is not None:
            await self._session.close()
            self._session = None

"""Three services of a cell in memory: invoicing says what clients do, guarantee keeps the promise, payroll pays.

Delivery, effects and deadlines are those of `commons`; what guarantee decides, its own `domain` decides. The
handlers here are only as thick as a capability: load, decide, store, announce, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import create_model

from commons import deadlines
from commons.clock import BusinessDayOpened, business_day_opened
from commons.consumer import Consumption, consume, retry_parked, topics_of
from commons.context import Ctx, ctx_factory
from commons.database import transaction
from commons.deadlines import Deadline, Deadlines, meet
from commons.effects import Effect, EffectHandler, Effects, execute
from commons.events import Consumed, Handler, NotYet, Published
from commons.inbox import Inbox
from commons.kafka import Message, Partition, Received, Watchdog
from commons.money import Money
from commons.reconcile import Reconciliation
from commons.relay import relay
from commons.replay import ReplayRequested
from commons.testing import a_country
from commons.testing.broker import FakeBroker, FakeConsumer
from commons.worker import Work, control_handler
from guarantee.domain.books import LineKind, journal_of
from guarantee.domain.errors import EventNotYetExpected
from guarantee.domain.wage_promise import (
    Advance,
    ClientDefaulted,
    Command,
    DueDateReached,
    Event,
    FundWage,
    InvoiceCredited,
    InvoicePaid,
    OrderCancelled,
    PayslipComputed,
    PostHold,
    RecoveryDeadlineReached,
    WagePaid,
    WagePromise,
    WageReturned,
    WriteOffApproved,
    open_promise,
    share_payment,
    step,
)
from tests.simulation.bank import Bank
from tests.simulation.memory import Database, Transaction
from tests.simulation.world import Process, SimulatedWake, World

COUNTRY: Final = a_country()
ENTITY: Final = UUID(int=0xE)
FIRST_DAY, DUE_DAY, RECOVERY_DAY = date(2099, 1, 1), date(2099, 1, 12), date(2099, 3, 20)
NOTHING: Final = Money(0, "EUR")
SERVICES: Final = ("invoicing", "payroll", "guarantee", "governance")
POISON_CHANCE: Final = 0.01
FAILING_CHANCE: Final = 0.002
UNACKNOWLEDGED_CHANCE: Final = 0.06


# --- facts --------------------------------------------------------------------------------------------------


class Fact(Published):
    """A fact of this cell; `about` is the aggregate it belongs to."""

    aggregate: ClassVar[str] = "Thing"
    about: UUID

    @property
    def aggregate_id(self) -> UUID:
        return self.about


class OrderConfirmed(Fact):
    service: ClassVar[str] = "invoicing"
    covered: bool


class OrderCalledOff(Fact):
    service: ClassVar[str] = "invoicing"


class InvoiceIssued(Fact):
    service: ClassVar[str] = "invoicing"
    order_id: UUID
    total: Money


class InvoiceSettled(Fact):
    """`paid` is all that was paid on the invoice until now."""

    service: ClassVar[str] = "invoicing"
    paid: Money


class InvoiceTakenBack(Fact):
    service: ClassVar[str] = "invoicing"
    order_id: UUID


class BuyerFailed(Fact):
    service: ClassVar[str] = "invoicing"
    order_id: UUID


class DayOpened(Fact):
    service: ClassVar[str] = "invoicing"
    day: date


class PayslipMade(Fact):
    service: ClassVar[str] = "payroll"
    order_id: UUID
    labor_cost: Money


class WageWasPaid(Fact):
    service: ClassVar[str] = "payroll"


class WageCameBack(Fact):
    service: ClassVar[str] = "payroll"


class WageFunded(Fact):
    service: ClassVar[str] = "guarantee"
    amount: Money


class AdvanceGranted(Fact):
    service: ClassVar[str] = "guarantee"
    amount: Money


class LossApproved(Fact):
    service: ClassVar[str] = "governance"


@cache
def read(fact: type[Fact]) -> type[Consumed]:
    """How another service reads a fact: the same fields, leniently."""
    fields: dict[str, Any] = {name: (info.annotation, ...) for name, info in fact.model_fields.items()}
    model = create_model(fact.__name__, __base__=Consumed, **fields)
    model.type = fact.type()
    return model


# --- the fund -----------------------------------------------------------------------------------------------


class Guarantee:
    """The handlers of the fund."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def handlers(self) -> dict[type[Fact], Callable[[Ctx, Any], Coroutine[Any, Any, None]]]:
        """Which fact is handled by what."""
        return {
            OrderConfirmed: self.order_confirmed,
            OrderCalledOff: self.order_cancelled,
            InvoiceIssued: self.invoice_issued,
            InvoiceSettled: self.invoice_paid,
            InvoiceTakenBack: lambda ctx, event: self._all_of_order(ctx, event.order_id, InvoiceCredited()),
            BuyerFailed: lambda ctx, event: self._all_of_order(ctx, event.order_id, ClientDefaulted()),
            DayOpened: self._cell.day_opened,
            PayslipMade: self.payslip_computed,
            WageWasPaid: lambda ctx, event: self._wage(ctx, event.about, WagePaid()),
            WageCameBack: lambda ctx, event: self._wage(ctx, event.about, WageReturned()),
            LossApproved: lambda ctx, event: self._wage(ctx, event.about, WriteOffApproved()),
        }

    def deadlines(self) -> dict[str, Callable[[Ctx, Deadline], Coroutine[Any, Any, None]]]:
        """What falls due."""
        return {
            "wage_due": lambda ctx, due: self._wage(ctx, UUID(due.data["payslip_id"]), DueDateReached()),
            "recovery_due": lambda ctx, due: self._wage(
                ctx, UUID(due.data["payslip_id"]), RecoveryDeadlineReached()
            ),
        }

    async def order_confirmed(self, ctx: Ctx, event: Any) -> None:
        """The verdict is part of the fact here: the rules of cover are another matter."""
        await work(
            ctx,
            "keeps the order",
            lambda tx: _new(tx, "order", event.about, covered=event.covered, off=False),
        )

    async def order_cancelled(self, ctx: Ctx, event: Any) -> None:
        """Ends the cover of the order."""
        order = await self._lock(ctx, event.about)
        await work(ctx, "marks the order", lambda tx: tx.put("order", (event.about,), order | {"off": True}))
        await self._all_of_order(ctx, event.about, OrderCancelled())

    async def invoice_issued(self, ctx: Ctx, event: Any) -> None:
        """Keeps what the client owes."""
        facts = {"order_id": event.order_id, "total": event.total, "paid": NOTHING}
        await work(ctx, "keeps the invoice", lambda tx: _new(tx, "invoice", event.about, **facts))

    async def invoice_paid(self, ctx: Ctx, event: Any) -> None:
        """Sets new money of the client against the wages of the order."""
        invoice = await work(ctx, "reads the invoice", lambda tx: tx.get("invoice", (event.about,)))
        if invoice is None:
            raise NotYet("the invoice")
        order_id = invoice["order_id"]
        order = await self._lock(ctx, order_id)
        new = event.paid - invoice["paid"]
        if new.minor <= 0:
            return
        changed = invoice | {"paid": event.paid}
        await work(ctx, "marks the invoice", lambda tx: tx.put("invoice", (event.about,), changed))
        shares, rest = share_payment(new, await self._promises(ctx, order_id))
        for promise, part in shares:
            await self._move(ctx, promise, InvoicePaid(part, f"{event.about}:{event.paid.minor}"))
        if rest.minor:
            await self._open(ctx, order_id, order, rest)

    async def payslip_computed(self, ctx: Ctx, event: Any) -> None:
        """Holds the labor cost and remembers the due date."""
        order = await self._lock(ctx, event.order_id)
        promises = await self._promises(ctx, event.order_id)
        if any(each.payslip_id == event.about for each in promises):
            return
        waiting = next((each for each in promises if each.payslip_id is None), None)
        promise = waiting or await self._open(ctx, event.order_id, order, None)
        surplus = await self._move(ctx, promise, PayslipComputed(event.about, event.labor_cost, DUE_DAY))
        if surplus.minor:
            await self._open(ctx, event.order_id, order, surplus)
        await _due(ctx, "wage_due", event.about, DUE_DAY)

    async def _wage(self, ctx: Ctx, payslip_id: UUID, event: Event) -> None:
        def find(tx: Transaction) -> WagePromise | None:
            rows = [row["promise"] for row in tx.all("wage").values()]
            return next((each for each in rows if each.payslip_id == payslip_id), None)

        found: WagePromise | None = await work(ctx, "finds the wage", find)
        if found is None:
            raise NotYet("the payslip")
        await self._lock(ctx, found.order_id)
        promise: WagePromise | None = await work(ctx, "reads the wage", find)
        assert promise is not None, "a wage is never deleted"
        await self._move(ctx, promise, event)

    async def _all_of_order(self, ctx: Ctx, order_id: UUID, event: Event) -> None:
        await self._lock(ctx, order_id)
        for promise in await self._promises(ctx, order_id):
            await self._move(ctx, promise, event)

    async def _lock(self, ctx: Ctx, order_id: UUID) -> dict[str, Any]:
        def lock(tx: Transaction) -> dict[str, Any] | None:
            tx.lock("order", (order_id,))
            return tx.get("order", (order_id,))

        row: dict[str, Any] | None = await work(ctx, "locks the order", lock)
        if row is None:
            raise NotYet("the order")
        return row

    async def _promises(self, ctx: Ctx, order_id: UUID) -> list[WagePromise]:
        def find(tx: Transaction) -> list[WagePromise]:
            rows = [row["promise"] for row in tx.all("wage").values()]
            return sorted((each for each in rows if each.order_id == order_id), key=lambda each: each.id.int)

        found: list[WagePromise] = await work(ctx, "reads the wages of the order", find)
        return found

    async def _open(
        self, ctx: Ctx, order_id: UUID, order: Mapping[str, Any], collected: Money | None
    ) -> WagePromise:
        number = len(await self._promises(ctx, order_id))
        promise = open_promise(
            id=UUID(int=order_id.int * 1_000 + number),
            order_id=order_id,
            nothing=NOTHING,
            covered=order["covered"],
            collected=collected,
        )
        if order["off"]:
            promise = step(promise, OrderCancelled()).promise
        await work(ctx, "opens a wage", lambda tx: _new(tx, "wage", promise.id, promise=promise))
        return promise

    async def _move(self, ctx: Ctx, promise: WagePromise, event: Event) -> Money:
        try:
            after = step(promise, event)
        except EventNotYetExpected as early:
            raise NotYet(str(early)) from early
        for command in after.commands:
            await self._carry_out(ctx, after.promise, command)
        await work(
            ctx, "keeps the wage", lambda tx: tx.put("wage", (promise.id,), {"promise": after.promise})
        )
        return after.surplus

    async def _carry_out(self, ctx: Ctx, promise: WagePromise, command: Command) -> None:
        payslip_id = promise.payslip_id
        assert payslip_id is not None, "only a wage with its payslip moves money"
        journal = journal_of(command, entity_id=ENTITY, payslip_id=payslip_id)
        if journal is not None:
            await work(ctx, f"books {journal.code}", lambda tx: _book(tx, journal, payslip_id))
        match command:
            case FundWage():
                await ctx.announce(WageFunded(about=payslip_id, amount=command.amount))
            case PostHold(amount) | Advance(amount):
                await ctx.announce(AdvanceGranted(about=promise.id, amount=amount))
                await _due(ctx, "recovery_due", payslip_id, RECOVERY_DAY)


def _book(tx: Transaction, journal: Any, payslip_id: UUID) -> None:
    """The ledger as far as it matters: a journal is written once, a hold ends once."""
    [line] = journal.lines
    if line.kind is LineKind.HOLD:
        _new(tx, "hold", payslip_id, ended=None)
    if line.kind in (LineKind.POST, LineKind.VOID):
        hold = tx.get("hold", (payslip_id,))
        assert hold is not None, "what ends was held"
        assert hold["ended"] is None, "a hold ends once"
        tx.put("hold", (payslip_id,), {"ended": line.kind.value})
    assert tx.insert("journal", (journal.code, journal.ref), {"line": line}), "a journal is written once"


async def _due(ctx: Ctx, kind: str, payslip_id: UUID, day: date) -> None:
    await deadlines.schedule(
        ctx.db,
        kind=kind,
        key=f"{kind}:{payslip_id}",
        entity_id=ENTITY,
        due=day,
        data={"payslip_id": str(payslip_id)},
    )


def _new(tx: Transaction, table: str, key: UUID, **row: Any) -> None:
    assert tx.insert(table, (key,), row), f"a second {table}"


async def work(ctx: Ctx, what: str, statement: Callable[[Transaction], Any]) -> Any:
    """A statement of a simulated service."""
    database: Any = ctx.db
    return await database.work(what, statement)


# --- payroll ------------------------------------------------------------------------------------------------


class Payroll:
    """The handlers of payroll: a funded wage becomes a payment, the bank's word becomes a fact."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def handlers(self) -> dict[type[Fact], Callable[[Ctx, Any], Coroutine[Any, Any, None]]]:
        """Which fact is handled by what."""
        return {WageFunded: self.wage_funded, DayOpened: self._cell.day_opened}

    def effects(self) -> Mapping[str, EffectHandler]:
        """What is done outside."""
        bank = self._cell.bank
        ask = bank.ask if self._cell.parts.asks_first else bank.send
        return {"pay_wage": EffectHandler(bank.send, ask, self.paid, self.returned)}

    async def wage_funded(self, ctx: Ctx, event: Any) -> None:
        """Orders the payment, once."""
        asked = await ctx.effect("pay_wage", f"{event.about}:1", {"payslip_id": str(event.about), "try": 1})
        assert asked, "a wage is funded once"

    async def paid(self, ctx: Ctx, effect: Effect, result: Mapping[str, Any]) -> None:
        """The bank paid."""
        await ctx.announce(WageWasPaid(about=UUID(effect.payload["payslip_id"])))

    async def returned(self, ctx: Ctx, effect: Effect, reason: str) -> None:
        """The bank refused: the wage is still owed, and paid by another order."""
        payslip_id, number = effect.payload["payslip_id"], effect.payload["try"] + 1
        await ctx.announce(WageCameBack(about=UUID(payslip_id)))
        await ctx.effect("pay_wage", f"{payslip_id}:{number}", {"payslip_id": payslip_id, "try": number})


# --- the cell -----------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Parts:
    """The functions of commons that a worker is made of; a mutant replaces one."""

    relay: Callable[..., Coroutine[Any, Any, None]] = relay
    consume: Callable[..., Coroutine[Any, Any, None]] = consume
    inbox: type[Inbox] = Inbox
    asks_first: bool = True


@dataclass(eq=False)
class Cell:
    """The databases, the broker, the bank and the workers of one seed."""

    world: World
    broker: FakeBroker
    is_honest: bool
    """Whether the broker keeps what it acknowledged."""
    replicas: int
    parts: Parts = field(default_factory=Parts)
    databases: dict[str, Database] = field(default_factory=dict)
    inboxes: dict[str, list[Inbox]] = field(default_factory=dict)
    asked_again: list[str] = field(default_factory=list)
    misfortunes: bool = True

    def __post_init__(self) -> None:
        self.bank = Bank(self.world)
        for name in SERVICES:
            database = Database(name, self.world)
            database.table("business_day")[(ENTITY,)] = {
                "day": FIRST_DAY,
                "simulated": True,
                "time_zone": "UTC",
            }
            database.failing = self._server_error
            self.databases[name] = database
            self.world.next_due.append(database.due)
        self.world.rebalance = self._rebalance

    def begin(self) -> None:
        """Start the workers."""
        for name in SERVICES:
            for number in range(self.replicas if name == "guarantee" else 1):
                label = name if self.replicas == 1 or name != "guarantee" else f"{name} {number + 1}"
                self.world.process(label, partial(self._worker, name))

    def handlers(self, name: str) -> dict[str, Handler]:
        """The handlers of a service, each noting what it was given."""
        found = {"guarantee": Guarantee(self).handlers, "payroll": Payroll(self).handlers}
        facts = found[name]() if name in found else {}
        return {fact.type(): self._noted(read(fact), handle) for fact, handle in facts.items()}

    async def day_opened(self, ctx: Ctx, event: Any) -> None:
        """A business day of the entity, in the words of commons."""
        await business_day_opened(ctx, BusinessDayOpened(entity_id=ENTITY, day=event.day))

    def _noted(
        self, model: type[Consumed], handle: Callable[[Ctx, Any], Coroutine[Any, Any, None]]
    ) -> Handler:
        async def noted(ctx: Ctx, event: Any) -> None:
            if self.misfortunes and self.world.chance.random() < POISON_CHANCE:
                raise ValueError("a bug of this release")
            await handle(ctx, event)

            def note(tx: Transaction) -> None:
                tx.database.sequence += 1
                tx.put("applied", (tx.database.sequence,), {"event_id": UUID(ctx.causation)})

            await work(ctx, "notes what it handled", note)

        return Handler(model, noted)

    def _worker(self, name: str, process: Process) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        database = self.databases[name]
        pool = database.pool(process)
        handlers = self.handlers(name)
        make_ctx = ctx_factory(country=COUNTRY, service=None, clock=self.world.clock)
        producer = SteppedProducer(self)
        topics = topics_of(handlers, COUNTRY.code)
        member = self.broker.consumer(name, topics)
        process.on_death.append(lambda: _leave(self.broker, name, member))
        inbox = self.parts.inbox(name, pool, handlers, make_ctx, self.world.clock)
        self.inboxes.setdefault(name, []).append(inbox)
        work_of = Work(name=name, make_ctx=make_ctx, migrations=(), handlers=handlers, clock=self.world.clock)
        reconciliation = Reconciliation(name, pool, frozenset(topics))
        consumption = Consumption(
            consumer=SteppedConsumer(self.world, member),
            inbox=inbox,
            producer=producer,
            country=COUNTRY.code,
            on_control=control_handler(COUNTRY.code, pool, work_of, producer, reconciliation, lambda: None),
            on_handled=lambda: None,
        )

        def bell() -> SimulatedWake:
            return SimulatedWake(self.world)

        async def relay() -> None:
            await self.parts.relay(await pool.acquire(), producer, bell())

        parts: list[tuple[str, Coroutine[Any, Any, None]]] = [
            ("relay", relay()),
            ("consumer", self.parts.consume(consumption, Watchdog(consumption.consumer), bell())),
            ("parked", retry_parked(consumption, bell())),
        ]
        if name == "payroll":
            for number in (1, 2):
                executor = Effects(pool, Payroll(self).effects(), make_ctx, self.world.clock)
                parts.append((f"effects {number}", execute(executor, bell(), lambda: None)))
        if name == "guarantee":
            meeting = Deadlines(pool, Guarantee(self).deadlines(), make_ctx, self.world.clock)
            parts.append(("deadlines", meet(meeting, bell(), lambda: None)))
        return parts

    def _server_error(self) -> Exception | None:
        if self.misfortunes and self.world.chance.random() < FAILING_CHANCE:
            return ConnectionError("the server is gone")
        return None

    def _rebalance(self) -> None:
        for group in self.broker.members:
            if self.broker.members[group]:
                self.broker._deal(group)

    def heed(self, messages: Sequence[Message]) -> None:
        """Note who asks for what again."""
        for message in messages:
            if ("ce_type", ReplayRequested.type.encode()) in message.headers:
                self.asked_again.append((message.value or b"").decode())

    async def tell(self, service: str, fact: Fact, process: Process) -> None:
        """A person's request: the fact is announced in a transaction, again until it is known to be true."""
        while True:
            try:
                async with transaction(self.databases[service].pool(process)) as db:
                    ctx = ctx_factory(country=COUNTRY, service=None, clock=self.world.clock)(db, "person")
                    new = await work(
                        ctx, f"begins {fact.type()}", lambda tx: tx.insert("told", (str(fact),), {})
                    )
                    if new:
                        await ctx.announce(fact)
                return
            except ConnectionError:
                continue


class SteppedProducer:
    """A producer that may be cut off in the middle of a batch, or before it hears the acknowledgment."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    async def send_batch(self, messages: Sequence[Message]) -> None:
        """Send; on an error some of them have arrived, the first ones."""
        world = self._cell.world
        self._cell.heed(messages)
        await world.step(f"sends {len(messages)} messages")
        if self._cell.misfortunes and world.chance.random() < UNACKNOWLEDGED_CHANCE:
            self._cell.broker.append(messages[: world.chance.randint(0, len(messages))])
            world.progressed(parts=("consumer",))
            raise ConnectionError("not acknowledged")
        self._cell.broker.append(messages)
        world.progressed(parts=("consumer",))
        await world.step("hears the acknowledgment")

    async def close(self) -> None:
        """Nothing to close."""


class SteppedConsumer:
    """A member of a group that polls and commits when the schedule says so."""

    def __init__(self, world: World, member: FakeConsumer) -> None:
        self._world = world
        self._member = member

    async def poll(
        self, *, records_max: int, timeout_seconds: float
    ) -> Mapping[Partition, Sequence[Received]]:
        """What has arrived, sometimes in small pieces."""
        waits = any((await self._member.lag()).values())
        await self._world.step("polls", idle=not waits)
        polled = await self._member.poll(
            records_max=min(records_max, self._world.chance.randint(1, 12)), timeout_seconds=0
        )
        if polled:
            self._world.progressed(parts=("consumer",))
        return polled

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remember the offsets."""
        await self._world.step("commits its offsets")
        await self._member.commit(offsets)
        await self._world.step("hears that the offsets are committed")

    async def lag(self) -> Mapping[Partition, int]:
        """How many messages wait."""
        return await self._member.lag()

    async def end_offsets(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """Where the partitions end."""
        return await self._member.end_offsets(partitions)

    def assignment(self) -> frozenset[Partition]:
        """The partitions of this member."""
        return self._member.assignment()

    async def close(self) -> None:
        """Its process leaves the group when it dies."""


def _leave(broker: FakeBroker, group: str, member: FakeConsumer) -> None:
    members = broker.members[group]
    members.remove(member)
    member.assign(())
    if members:
        broker._deal(group)

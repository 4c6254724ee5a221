"""What happens in a seed, and what must be true at its end."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Coroutine
from typing import Any, Final
from uuid import UUID

from commons.money import Money
from commons.outbox import topic_of
from commons.parked import release
from commons.reconcile import close_hours
from commons.replay import ReplayRequested, replay
from commons.testing.broker import FakeBroker
from guarantee.domain.wage_promise import State, WagePromise
from tests.simulation.cell import (
    COUNTRY,
    DUE_DAY,
    ENTITY,
    RECOVERY_DAY,
    SERVICES,
    BuyerFailed,
    Cell,
    DayOpened,
    Fact,
    InvoiceIssued,
    InvoiceSettled,
    InvoiceTakenBack,
    LossApproved,
    OrderCalledOff,
    OrderConfirmed,
    Parts,
    PayslipMade,
    SteppedProducer,
    WageFunded,
)
from tests.simulation.memory import Connection
from tests.simulation.world import Process, World, run

STEPS: Final = (250, 120)
HOURS_MAX: Final = 8
RELEASES_MAX: Final = 5
PATIENCE_SECONDS: Final = 3.0  # what was lost or parked comes only after a repair: longer is no use before
READERS: Final = {"guarantee": ("invoicing", "payroll", "governance"), "payroll": ("invoicing", "guarantee")}


class Broken(AssertionError):
    """What must be true is not; with the seed and its schedule."""


def simulate(seed: int, parts: Parts | None = None) -> Cell:
    """One seed from its first step to its last check. Raises Broken with seed and schedule."""
    world = World(seed)
    chance = random.Random(f"cell {seed}")  # noqa: S311  (repeatable on purpose)
    is_honest = seed % 2 == 0
    broker = FakeBroker(seed=seed, duplicate=0.15, lose=0.0 if is_honest else 0.15, shuffle=True)
    cell = Cell(world, broker, is_honest, replicas=chance.choice((1, 1, 2)), parts=parts or Parts())
    try:
        run(world, lambda _: _story(cell, chance))
    except Exception as error:
        raise Broken(f"{type(error).__name__}: {error}\n{world.told()}") from error
    return cell


async def _story(cell: Cell, chance: random.Random) -> None:
    cell.begin()
    orders = [(UUID(int=number * 100), _facts_of(number, chance)) for number in (1, 2)]

    def people(process: Process) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        acting = [(f"of order {order.int // 100}", _tell(cell, process, facts)) for order, facts in orders]
        days: list[tuple[str, Fact]] = [("invoicing", DayOpened(about=ENTITY, day=DUE_DAY))]
        return [*acting, ("who opens days", _tell(cell, process, days))]

    cell.world.process("people", people, mortal=False)
    await cell.world.misfortune(STEPS[0])
    await _calm(cell)
    await _repair(cell)

    def later(process: Process) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        lost: list[tuple[str, Fact]] = [
            ("governance", LossApproved(about=payslip)) for payslip in _claimed_or_advanced(cell)
        ]
        day: list[tuple[str, Fact]] = [("invoicing", DayOpened(about=ENTITY, day=RECOVERY_DAY))]
        return [("who opens days", _tell(cell, process, day)), ("the board", _tell(cell, process, lost))]

    cell.misfortunes = True
    cell.broker.lose = 0.0 if cell.is_honest else 0.15
    cell.world.process("later", later, mortal=False)
    await cell.world.misfortune(STEPS[1])
    await _calm(cell)
    await _repair(cell)
    check(cell)
    await _replay_everything(cell)


def _facts_of(number: int, chance: random.Random) -> list[tuple[str, Fact]]:
    """An order's life in an order that only its aggregates bind."""
    order, invoice = UUID(int=number * 100), UUID(int=number * 100 + 1)
    lives: list[list[tuple[str, Fact]]] = [
        [("invoicing", OrderConfirmed(about=order, covered=chance.random() < 0.8))]
    ]
    if chance.random() < 0.15:
        lives[0].append(("invoicing", OrderCalledOff(about=order)))
    lives.append([("invoicing", InvoiceIssued(about=invoice, order_id=order, total=_eur(1_000)))])
    paid = 0
    for _ in range(chance.randint(0, 3)):
        paid += chance.choice((100, 333, 500, 1_000))
        lives[1].append(("invoicing", InvoiceSettled(about=invoice, paid=_eur(paid))))
    if chance.random() < 0.15:
        lives[1].append(("invoicing", InvoiceTakenBack(about=invoice, order_id=order)))
    if chance.random() < 0.15:
        lives[1].append(("invoicing", BuyerFailed(about=invoice, order_id=order)))
    for wage in range(chance.randint(1, 2)):
        payslip = UUID(int=number * 100 + 10 + wage)
        cost = _eur(chance.choice((200, 333, 600)))
        lives.append([("payroll", PayslipMade(about=payslip, order_id=order, labor_cost=cost))])
    told = []
    while lives:
        life = chance.choice(lives)
        told.append(life.pop(0))
        lives = [each for each in lives if each]
    return told


async def _tell(cell: Cell, process: Process, facts: list[tuple[str, Fact]]) -> None:
    for service, fact in facts:
        await cell.tell(service, fact, process)


def _claimed_or_advanced(cell: Cell) -> list[UUID]:
    """Wages with an open advance: the board gives up what it sees open."""
    open_states = (State.ADVANCED, State.PAID, State.RECOVERY_OPENED)
    promises = [row["promise"] for row in cell.databases["guarantee"].table("wage").values()]
    return [each.payslip_id for each in promises if each.state in open_states]


async def _calm(cell: Cell) -> None:
    cell.misfortunes = False
    cell.broker.lose = 0.0
    await cell.world.calm(seconds_max=PATIENCE_SECONDS)


async def _repair(cell: Cell) -> None:
    """What operation does: closed hours are compared, and a person releases what a bug has parked."""
    for _ in range(RELEASES_MAX):
        if not await _release(cell):
            break
    if cell.is_honest:
        assert await cell.world.calm(), "nothing is left to happen"
        return  # then there is nothing to repair, which the checks show
    for _ in range(HOURS_MAX):
        cell.world.seconds += 3_700
        before = len(cell.asked_again)
        await _close_hours(cell)
        released = await _release(cell)
        if len(cell.asked_again) == before and not released and await cell.world.calm(seconds_max=1):
            return
    raise AssertionError(f"hours still differ after {HOURS_MAX} of them")


async def _close_hours(cell: Cell) -> None:
    def operation(process: Process) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        return [(f"closes the hours of {name}", _close(cell, process, name)) for name in SERVICES]

    cell.world.process("operation", operation, mortal=False)
    await cell.world.calm(seconds_max=PATIENCE_SECONDS)


async def _close(cell: Cell, process: Process, name: str) -> None:
    await close_hours(
        cell.databases[name].pool(process),
        SteppedProducer(cell),
        country=COUNTRY.code,
        topic=topic_of(COUNTRY.code, name),
        now=cell.world.clock.now(),
    )


async def _release(cell: Cell) -> int:
    """Release the failed heads; how many there were."""
    count = 0

    async def decide(process: Process, name: str) -> None:
        nonlocal count
        db: Any = Connection(cell.databases[name], process)
        for row in list(cell.databases[name].table("parked").values()):
            if row["kind"] == "failed":
                count += 1
                key = (row["consumer"], row["topic"], row["agg_type"], row["agg_id"])
                await release(db, *key, by="operator", reason="the bug is repaired")

    cell.world.process(
        "operators",
        lambda process: [(name, decide(process, name)) for name in SERVICES],
        mortal=False,
    )
    await cell.world.calm(seconds_max=PATIENCE_SECONDS)
    return count


async def _replay_everything(cell: Cell) -> None:
    """Every event again: nothing may change by it."""
    kept = ("inbox", "parked", "applied", "order", "invoice", "wage", "journal", "hold", "effect", "deadline")
    before = {name: cell.databases[name].digest(*kept) for name in SERVICES}
    facts = {name: len(cell.databases[name].table("outbox")) for name in SERVICES}
    paid = list(cell.bank.paid)

    async def again(process: Process, name: str) -> None:
        db: Any = Connection(cell.databases[name], process)
        topic = topic_of(COUNTRY.code, name)
        await replay(db, ReplayRequested(topic=topic, requested_by="operator", reason="everything again"))

    cell.world.process(
        "replay", lambda process: [(name, again(process, name)) for name in SERVICES], mortal=False
    )
    await cell.world.calm()
    for name in SERVICES:
        assert cell.databases[name].digest(*kept) == before[name], f"a replay changed {name}"
        assert len(cell.databases[name].table("outbox")) == facts[name], f"a replay made {name} announce"
    assert cell.bank.paid == paid, "a replay paid"


def check(cell: Cell) -> None:
    """Everything that must be true when nothing is left to happen."""
    if cell.is_honest:
        assert not cell.asked_again, f"an honest broker lost nothing, yet asked again: {cell.asked_again}"
    for name, database in cell.databases.items():
        assert not database.table("parked"), f"{name} has parked {list(database.table('parked').values())}"
        unpublished = [row for row in database.table("outbox").values() if row["published"] is None]
        assert not unpublished, f"{name} has not published {unpublished}"
    for reader, topics in READERS.items():
        for service in topics:
            _check_delivery(cell, reader, service)
    _check_money(cell)


def _check_delivery(cell: Cell, reader: str, service: str) -> None:
    handled: dict[UUID, int] = {}
    for (position,), row in cell.databases[reader].table("applied").items():
        assert row["event_id"] not in handled, f"{reader} handled an event twice"
        handled[row["event_id"]] = position
    heard = cell.handlers(reader)
    orders: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for row in cell.databases[service].table("outbox").values():
        place = (reader, row["topic"], row["agg_type"], row["agg_id"], row["agg_version"])
        taken = cell.databases[reader].table("inbox").get(place)
        assert taken is not None, f"{reader} has lost {row['type']} {row['agg_version']} of {row['agg_id']}"
        assert taken["event_id"] == row["id"], f"{reader} took another event in the place of {row['type']}"
        if row["type"] in heard:
            assert row["id"] in handled, f"{reader} remembers {row['type']} and never handled it"
            orders[row["agg_id"]].append((row["agg_version"], handled[row["id"]]))
    for aggregate, places in orders.items():
        positions = [position for _, position in sorted(places)]
        assert positions == sorted(positions), f"{reader} handled {aggregate} out of its order"


def _check_money(cell: Cell) -> None:
    guarantee, payroll = cell.databases["guarantee"], cell.databases["payroll"]
    funded = Counter(
        row["agg_id"] for row in guarantee.table("outbox").values() if row["type"] == WageFunded.type()
    )
    payslips = {
        row["agg_id"] for row in payroll.table("outbox").values() if row["type"] == PayslipMade.type()
    }
    assert set(funded) == payslips, "every wage that was due is funded"
    assert all(count == 1 for count in funded.values()), f"a wage was funded twice: {funded}"
    cell.bank.receive()
    assert not cell.bank.on_the_way
    paid = Counter(UUID(key.partition(":")[0]) for key in cell.bank.paid)
    assert paid == Counter(payslips), f"each wage is paid once, the bank says {paid}"
    states = Counter(row["state"] for row in payroll.table("effect").values())
    assert set(states) <= {"done", "failed"}, f"effects are left: {states}"
    assert all(row["done_at"] for row in guarantee.table("deadline").values()), "deadlines are left"
    booked: dict[tuple[str, str], int] = defaultdict(int)
    for (code, ref), row in guarantee.table("journal").items():
        booked[code, ref.partition(":")[0]] += row["line"].amount.minor
    for row in guarantee.table("wage").values():
        if row["promise"].payslip_id is not None:
            _check_wage(row["promise"], guarantee.table("hold"), booked)


def _check_wage(
    promise: WagePromise, holds: dict[tuple[Any, ...], dict[str, Any]], booked: dict[tuple[str, str], int]
) -> None:
    """The promise and the books say the same, and no hold is left open."""
    assert promise.labor_cost is not None
    assert promise.funded == promise.labor_cost, "a wage is funded in full"
    hold = holds.get((promise.payslip_id,))
    assert hold is None or hold["ended"] is not None, "every hold has ended"
    name = str(promise.payslip_id)
    lost = booked["loss", name] - booked["loss_recovery", name]
    recovered = booked["recovery", name] + booked["loss_recovery", name]
    said = (promise.held.minor, promise.advanced.minor, promise.recovered.minor, promise.lost.minor)
    assert said == (0, booked["advance", name], recovered, lost), f"the books say otherwise: {promise}"
    assert promise.open_advance.minor >= 0


def _eur(amount: int) -> Money:
    return Money(amount * 100, "EUR")

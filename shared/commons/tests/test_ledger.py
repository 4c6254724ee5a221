"""The ledger: balanced by construction, booked once, never below its floor, whatever happens at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from commons import ledger
from commons.database import Connection, Pool, connect, transaction
from commons.ledger import (
    FloorReached,
    HoldEnded,
    JournalDiffers,
    Leg,
    MoreThanHeld,
    UnknownAccount,
    UnknownHold,
)
from commons.money import Money
from commons.refusal import Refusal
from commons.testing.fixtures import Databases
from commons.uuid7 import uuid7

T = TypeVar("T")
DAY = date(2026, 6, 15)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


async def an_account(
    db: Connection, *, floor: int | None = None, currency: str = "EUR", holding: int = 0
) -> UUID:
    account = uuid7()
    await ledger.open_account(db, account, f"account/{account}", currency, "budget", None, floor)
    if holding:
        source = await an_account(db, currency=currency)
        await post(db, source, account, holding)
    return account


async def post(db: Connection, debit: UUID, credit: UUID, minor: int, *, ref: str | None = None) -> UUID:
    legs = [Leg(debit, credit, eur(minor))]
    return await ledger.post(
        db, code="test", ref=ref or str(uuid7()), actor="a test", effective=DAY, legs=legs
    )


async def hold(db: Connection, debit: UUID, credit: UUID, minor: int, *, ref: str | None = None) -> UUID:
    return await ledger.hold(
        db,
        code="hold",
        ref=ref or str(uuid7()),
        actor="a test",
        effective=DAY,
        debit=debit,
        credit=credit,
        amount=eur(minor),
    )


async def post_hold(
    db: Connection, hold_id: UUID, *, ref: str | None = None, minor: int | None = None
) -> UUID:
    amount = None if minor is None else eur(minor)
    return await ledger.post_hold(
        db, code="post", ref=ref or str(uuid7()), actor="a test", effective=DAY, hold=hold_id, amount=amount
    )


async def void_hold(db: Connection, hold_id: UUID, *, ref: str | None = None) -> UUID:
    return await ledger.void_hold(
        db, code="void", ref=ref or str(uuid7()), actor="a test", effective=DAY, hold=hold_id
    )


async def test_what_is_debited_gives_and_what_is_credited_receives(db: Connection) -> None:
    giver, receiver = await an_account(db), await an_account(db)
    await post(db, giver, receiver, 93_500)
    assert (await ledger.balance(db, giver)).posted == eur(-93_500)
    assert (await ledger.balance(db, receiver)).available == eur(93_500)


async def test_a_journal_is_booked_once_however_often_it_is_asked_for(db: Connection) -> None:
    giver, receiver = await an_account(db), await an_account(db)
    first = await post(db, giver, receiver, 100, ref="invoice 1")
    assert await post(db, giver, receiver, 100, ref="invoice 1") == first
    assert (await ledger.balance(db, receiver)).posted == eur(100)


async def test_another_booking_under_the_same_reference_is_refused_and_changes_nothing(
    db: Connection,
) -> None:
    giver, receiver = await an_account(db), await an_account(db)
    await post(db, giver, receiver, 100, ref="invoice 2")
    for debit, credit, minor in ((giver, receiver, 101), (receiver, giver, 100)):
        with pytest.raises(JournalDiffers):
            await post(db, debit, credit, minor, ref="invoice 2")
    assert (await ledger.balance(db, receiver)).posted == eur(100)


async def test_an_account_does_not_go_below_its_floor_and_the_transaction_stays_usable(
    db: Connection,
) -> None:
    budget, cost = await an_account(db, floor=0, holding=500), await an_account(db)
    with pytest.raises(FloorReached) as refused:
        await post(db, budget, cost, 501)
    assert refused.value.facts == {"account": budget, "available_minor": 500}
    await post(db, budget, cost, 500)
    assert (await ledger.balance(db, budget)).available == eur(0)


async def test_the_database_insists_on_the_floor_even_where_the_function_is_bypassed(db: Connection) -> None:
    budget = await an_account(db, floor=0)
    with pytest.raises(asyncpg.CheckViolationError, match="never_below_floor"):
        await db.execute("update ledger.balance set posted = -1 where account = $1", budget)


async def test_all_legs_are_booked_or_none(db: Connection) -> None:
    budget, first, second = (
        await an_account(db, floor=0, holding=100),
        await an_account(db),
        await an_account(db),
    )
    legs = [Leg(budget, first, eur(60)), Leg(budget, second, eur(60))]
    with pytest.raises(FloorReached):
        await ledger.post(db, code="payroll", ref="1", actor="a test", effective=DAY, legs=legs)
    assert (await ledger.balance(db, budget)).posted == eur(100)
    assert (await ledger.balance(db, first)).posted == eur(0)
    # Nothing of the refused journal remains: the same reference is free.
    await ledger.post(db, code="payroll", ref="1", actor="a test", effective=DAY, legs=legs[:1])


async def test_a_hold_sets_money_aside_and_posting_moves_it(db: Connection) -> None:
    budget, wages = await an_account(db, floor=0, holding=100), await an_account(db)
    held = await hold(db, budget, wages, 70)
    assert await ledger.balance(db, budget) == ledger.Balance(posted=eur(100), held=eur(70))
    with pytest.raises(FloorReached):
        await post(db, budget, wages, 31)
    await post_hold(db, held)
    assert await ledger.balance(db, budget) == ledger.Balance(posted=eur(30), held=eur(0))
    assert (await ledger.balance(db, wages)).posted == eur(70)


async def test_a_hold_may_be_posted_for_less_and_the_rest_is_free(db: Connection) -> None:
    budget, wages = await an_account(db, floor=0, holding=100), await an_account(db)
    held = await hold(db, budget, wages, 70)
    with pytest.raises(MoreThanHeld):
        await post_hold(db, held, minor=71)
    await post_hold(db, held, minor=40)
    assert await ledger.balance(db, budget) == ledger.Balance(posted=eur(60), held=eur(0))


async def test_a_hold_ends_once(db: Connection) -> None:
    budget, wages = await an_account(db, floor=0, holding=100), await an_account(db)
    held = await hold(db, budget, wages, 70, ref="contract 1")
    assert await hold(db, budget, wages, 70, ref="contract 1") == held
    ended = await void_hold(db, held, ref="contract 1")
    assert await void_hold(db, held, ref="contract 1") == ended
    with pytest.raises(HoldEnded):
        await post_hold(db, held)
    with pytest.raises(HoldEnded):
        await void_hold(db, held)
    assert await ledger.balance(db, budget) == ledger.Balance(posted=eur(100), held=eur(0))


async def test_unknown_accounts_and_holds_are_refused(db: Connection) -> None:
    known = await an_account(db)
    with pytest.raises(UnknownAccount):
        await post(db, known, uuid7(), 1)
    with pytest.raises(UnknownHold):
        await post_hold(db, uuid7())
    with pytest.raises(UnknownAccount):
        await ledger.balance(db, uuid7())


async def test_money_does_not_cross_currencies(db: Connection) -> None:
    euros, crowns = await an_account(db), await an_account(db, currency="SEK")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await post(db, euros, crowns, 1)


async def test_an_account_is_opened_once_and_only_with_the_same_facts(db: Connection) -> None:
    account = uuid7()
    await ledger.open_account(db, account, "fund/1", "EUR", "fund")
    await ledger.open_account(db, account, "fund/1", "EUR", "fund")
    with pytest.raises(asyncpg.PostgresError, match="is there with other facts"):
        async with db.transaction():
            await ledger.open_account(db, account, "fund/1", "EUR", "fund", floor=None)
    with pytest.raises(asyncpg.PostgresError, match="is there with other facts"):
        await ledger.open_account(db, uuid7(), "fund/1", "EUR", "fund")


@pytest.mark.parametrize("table", ["account", "journal", "transfer"])
@pytest.mark.parametrize("change", ["delete from {}", "update {} set id = id", "truncate {} cascade"])
async def test_what_is_booked_is_never_changed(db: Connection, table: str, change: str) -> None:
    await post(db, await an_account(db), await an_account(db), 1)
    with pytest.raises(asyncpg.PostgresError, match="is never changed"):
        await db.execute(change.format(f"ledger.{table}"))


async def test_another_role_books_through_the_functions_and_in_no_other_way(db: Connection) -> None:
    giver, receiver = await an_account(db), await an_account(db)
    await db.execute("create role booking_app; set local role booking_app")
    await post(db, giver, receiver, 5)
    assert (await ledger.balance(db, receiver)).posted == eur(5)
    for statement in (
        "insert into ledger.journal values (gen_random_uuid(), 'a', 'b', 'c', current_date)",
        "update ledger.balance set posted = 1",
        f"select ledger.book(null, 'a', 'b', 'c', current_date, '{{}}', null, null, null, null, 'plain', '{uuid7()}')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.transaction():
                await db.execute(statement)


async def test_a_broken_invariant_is_told_in_a_sentence(db: Connection) -> None:
    assert await ledger.check_invariants(db) == []
    account = await an_account(db, holding=10)
    await db.execute(
        "update ledger.balance set posted = 11, held = 3, version = 7 where account = $1", account
    )
    sentences = "\n".join(await ledger.check_invariants(db))
    for part in (
        "add up to 1, not to nothing",
        "has 11, its entries add up to 10",
        "holds 3,",
        "is at version 7",
    ):
        assert part in sentences


async def test_many_at_once_lose_nothing_and_do_not_deadlock(pool: Pool) -> None:
    async with transaction(pool) as db:
        accounts = [await an_account(db, floor=0, holding=1_000) for _ in range(4)]
        hot = await an_account(db)

    async def book(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  (repeatable on purpose)
        for number in range(40):
            debit, credit = chance.sample(accounts, 2)
            legs = [Leg(debit, hot, eur(chance.randint(1, 50))), Leg(hot, credit, eur(chance.randint(1, 50)))]
            try:
                async with transaction(pool) as db:
                    await ledger.post(
                        db, code="load", ref=f"{seed}/{number}", actor="a test", effective=DAY, legs=legs
                    )
            except FloorReached:
                pass

    await asyncio.gather(*(book(seed) for seed in range(8)))
    async with transaction(pool) as db:
        assert await ledger.check_invariants(db) == []


async def test_one_hold_resolved_by_two_at_once_ends_once(pool: Pool) -> None:
    async with transaction(pool) as db:
        budget, wages = await an_account(db, floor=0, holding=1_000), await an_account(db)
        holds = [await hold(db, budget, wages, 10) for _ in range(20)]

    async def resolve(hold_id: UUID, end: Any) -> bool:
        try:
            async with transaction(pool) as db:
                await end(db, hold_id)
        except HoldEnded:
            return False
        return True

    results = await asyncio.gather(*(resolve(each, end) for each in holds for end in (post_hold, void_hold)))
    assert sum(results) == len(holds)
    async with transaction(pool) as db:
        assert await ledger.check_invariants(db) == []
        assert (await ledger.balance(db, budget)).held == eur(0)


class LedgerMachine(RuleBasedStateMachine):
    """Random bookings against the database, each compared with a few lines of Python."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.db = self.run(connect(self.url, "machine"))
        self.accounts: list[UUID] = []
        self.posted: dict[UUID, int] = {}
        self.held: dict[UUID, int] = {}
        self.floor: dict[UUID, int | None] = {}
        self.journals: dict[str, tuple[UUID, UUID, int]] = {}
        self.holds: dict[UUID, tuple[UUID, UUID, int]] = {}
        self.ended: set[UUID] = set()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize()
    def open_accounts(self) -> None:
        for floor in (None, 0, -50):
            account = self.run(an_account(self.db, floor=floor))
            self.accounts.append(account)
            self.posted[account] = self.held[account] = 0
            self.floor[account] = floor

    def has(self, account: UUID, minor: int) -> bool:
        floor = self.floor[account]
        return floor is None or self.posted[account] - self.held[account] - minor >= floor

    def is_refused(self, work: Coroutine[Any, Any, UUID], expected: type[Refusal] | None) -> UUID | None:
        refused: type[Refusal] | None = None
        result: UUID | None = None
        try:
            result = self.run(work)
        except Refusal as refusal:
            refused = type(refusal)
        assert refused is expected
        return result

    @rule(d=st.integers(0, 2), c=st.integers(0, 2), minor=st.integers(1, 120), ref=st.sampled_from("abcdef"))
    def post(self, d: int, c: int, minor: int, ref: str) -> None:
        debit, credit = self.accounts[d], self.accounts[c]
        if debit == credit:
            return
        known = self.journals.get(ref)
        expected: type[Refusal] | None = None
        if known is not None:
            expected = None if known == (debit, credit, minor) else JournalDiffers
        elif not self.has(debit, minor):
            expected = FloorReached
        name = f"{id(self)}/{self.accounts[0]}/{ref}"
        if self.is_refused(post(self.db, debit, credit, minor, ref=name), expected) and known is None:
            self.journals[ref] = (debit, credit, minor)
            self.posted[debit] -= minor
            self.posted[credit] += minor

    @rule(d=st.integers(0, 2), c=st.integers(0, 2), minor=st.integers(1, 120))
    def hold(self, d: int, c: int, minor: int) -> None:
        debit, credit = self.accounts[d], self.accounts[c]
        if debit == credit:
            return
        expected = None if self.has(debit, minor) else FloorReached
        held = self.is_refused(hold(self.db, debit, credit, minor), expected)
        if held is not None:
            self.holds[held] = (debit, credit, minor)
            self.held[debit] += minor

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), part=st.integers(0, 130))
    def post_a_hold(self, data: st.DataObject, part: int) -> None:
        held = data.draw(st.sampled_from(list(self.holds)))
        debit, credit, minor = self.holds[held]
        moved = minor if part == 0 else part
        expected: type[Refusal] | None = None
        if held in self.ended:
            expected = HoldEnded
        elif moved > minor:
            expected = MoreThanHeld
        if self.is_refused(post_hold(self.db, held, minor=part or None), expected):
            self.ended.add(held)
            self.held[debit] -= minor
            self.posted[debit] -= moved
            self.posted[credit] += moved

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def void_a_hold(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(list(self.holds)))
        debit, _, minor = self.holds[held]
        if self.is_refused(void_hold(self.db, held), HoldEnded if held in self.ended else None):
            self.ended.add(held)
            self.held[debit] -= minor

    @invariant()
    def the_database_says_the_same(self) -> None:
        for account in self.accounts:
            balance = self.run(ledger.balance(self.db, account))
            assert balance == ledger.Balance(posted=eur(self.posted[account]), held=eur(self.held[account]))

    def teardown(self) -> None:
        broken = self.run(ledger.check_invariants(self.db))
        self.run(self.db.close())
        self.loop.close()
        assert broken == []


async def test_the_database_books_like_the_model_in_python(
    databases: Databases, migrations: list[Any]
) -> None:
    url = await databases.create(migrations)
    machine: type[LedgerMachine] = type("Machine", (LedgerMachine,), {"url": url})
    quick = settings(
        max_examples=30,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    # In a thread: the machine has an event loop of its own.
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=quick)
    await databases.drop(url)

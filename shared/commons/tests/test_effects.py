"""Outside work is asked for once, done once, and what became unknown is asked about before anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from commons import effects
from commons.context import Ctx, ctx_factory
from commons.database import Pool, transaction
from commons.effects import Effect, EffectHandler, Effects, NotSent, Rejected, StillWaiting, execute_one
from commons.testing import SetClock, a_country, a_ctx


class Bank:
    """The other side: it knows what it was given, and misbehaves as a test tells it."""

    def __init__(self) -> None:
        self.given: dict[str, int] = {}
        self.asked = 0
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        self.answer: Callable[[], None] = lambda: None

    async def send(self, effect: Effect) -> dict[str, Any]:
        self.before()
        self.given[effect.key] = self.given.get(effect.key, 0) + 1
        self.after()
        return {"receipt": effect.key}

    async def ask(self, effect: Effect) -> dict[str, Any] | None:
        self.asked += 1
        self.answer()
        return {"receipt": effect.key} if effect.key in self.given else None


class Office:
    """A service with one kind of effect; its worker can be killed."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.bank, self.clock = pool, Bank(), SetClock(datetime.now(UTC))
        self.settled: list[str] = []
        self.gave_up: list[str] = []
        handler = EffectHandler(
            send=self.bank.send,
            ask=self.bank.ask,
            settled=self._settled,
            gave_up=self._gave_up,
            timeout_seconds=0.2,
            attempts_max=3,
        )
        make_ctx = ctx_factory(country=a_country(), service=None, clock=self.clock)
        self.effects = Effects(pool, {"pay": handler}, make_ctx, self.clock)

    async def _settled(self, ctx: Ctx, effect: Effect, result: Any) -> None:
        await ctx.db.execute("select 1")
        self.settled.append(result["receipt"])

    async def _gave_up(self, ctx: Ctx, effect: Effect, reason: str) -> None:
        self.gave_up.append(f"{effect.key}: {reason}")

    async def pay(self, key: str) -> bool:
        async with transaction(self.pool) as db:
            return await a_ctx(db).effect("pay", key, {"cents": 1})

    async def work(self, seconds: float = 1_000) -> int:
        """Execute until nothing is due, time passing in between."""
        count = 0
        for _ in range(10):
            self.clock.advance(seconds)
            while await execute_one(self.effects):
                count += 1
        return count

    async def state(self, key: str) -> str:
        async with transaction(self.pool) as db:
            state: str = await db.fetchval("select state from effect where key = $1", key)
        return state


def fails(error: BaseException, times: int = 1) -> Callable[[], None]:
    left = [times]

    def fail() -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return fail


@pytest_asyncio.fixture(loop_scope="session")
async def office(pool: Pool) -> Office:
    async with transaction(pool) as db:
        await db.execute("truncate effect")
    return Office(pool)


async def test_an_effect_is_asked_for_once_and_done_once(office: Office) -> None:
    assert await office.pay("wage 1")
    assert not await office.pay("wage 1")
    assert await office.work() == 1
    assert office.bank.given == {"wage 1": 1}
    assert office.settled == ["wage 1"]
    assert await office.state("wage 1") == "done"


async def test_an_effect_of_a_transaction_that_rolls_back_never_happens(office: Office) -> None:

    async def fail() -> None:
        async with transaction(office.pool) as db:
            await a_ctx(db).effect("pay", "wage 2", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await office.work() == 0


async def test_a_lost_answer_leads_to_a_question_and_not_to_a_second_payment(office: Office) -> None:
    office.bank.after = fails(ConnectionError("cut"))
    await office.pay("wage 3")
    await office.work()
    assert office.bank.given == {"wage 3": 1}
    assert office.bank.asked == 1
    assert office.settled == ["wage 3"]


async def test_an_unknown_payment_that_never_arrived_is_sent_after_asking(office: Office) -> None:
    office.bank.before = fails(ConnectionError("cut"))
    await office.pay("wage 4")
    await office.work()
    assert (office.bank.given, office.bank.asked) == ({"wage 4": 1}, 1)


@pytest.mark.parametrize("place", ["before", "after"])
async def test_a_worker_killed_around_sending_pays_once(office: Office, place: str) -> None:
    class Killed(BaseException):
        pass

    setattr(office.bank, place, fails(Killed()))
    await office.pay("wage 5")
    office.clock.advance(1)
    with pytest.raises(Killed):
        await execute_one(office.effects)
    assert await office.state("wage 5") == "sending"
    assert not await execute_one(office.effects)  # its lease still runs
    await office.work()
    assert office.bank.given == {"wage 5": 1}
    assert office.bank.asked == 1
    assert await office.state("wage 5") == "done"


async def test_silence_is_an_unknown_outcome(office: Office) -> None:
    real_send = office.bank.send

    async def silent(effect: Effect) -> dict[str, Any]:
        await real_send(effect)
        await asyncio.sleep(5)
        raise AssertionError("unreachable")

    handler = office.effects.handlers["pay"]
    office.effects.handlers["pay"] = EffectHandler(silent, handler.ask, handler.settled, timeout_seconds=0.05)  # type: ignore[index]  # a test's own dictionary
    await office.pay("wage 6")
    await office.work()
    assert office.bank.given == {"wage 6": 1}
    assert office.settled == ["wage 6"]


async def test_what_was_certainly_not_sent_is_sent_again_a_limited_number_of_times(office: Office) -> None:
    office.bank.before = fails(NotSent("busy"), times=2)
    await office.pay("wage 7")
    await office.work()
    assert (office.bank.given, office.bank.asked) == ({"wage 7": 1}, 0)
    office.bank.before = fails(NotSent("busy"), times=99)
    await office.pay("wage 8")
    await office.work()
    assert office.gave_up == ["wage 8: sent 3 times: busy"]
    assert await office.state("wage 8") == "failed"


async def test_a_rejection_is_final(office: Office) -> None:
    office.bank.before = fails(Rejected("account closed"))
    await office.pay("wage 9")
    await office.work()
    assert office.gave_up == ["wage 9: account closed"]
    assert office.bank.given == {}


async def test_a_decision_that_takes_time_is_asked_for_until_it_is_there(office: Office) -> None:
    office.bank.after = fails(StillWaiting("acknowledged"))
    office.bank.answer = fails(StillWaiting("in process"), times=3)
    await office.pay("declaration 1")
    await office.work()
    assert (office.bank.given, office.bank.asked) == ({"declaration 1": 1}, 4)
    assert office.settled == ["declaration 1"]


async def test_an_unknown_payment_is_never_given_up_or_repeated_only_left_to_a_person(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "ASKED_MAX", 3)
    office.bank.after = fails(ConnectionError("cut"))
    office.bank.answer = fails(ConnectionError("cut"), times=3)
    await office.pay("wage 10")
    await office.work()
    assert await office.state("wage 10") == "unknown"
    assert office.bank.given == {"wage 10": 1}
    async with transaction(office.pool) as db:
        assert await effects.ask_again(db, "pay", "wage 10")
    await office.work()
    assert office.settled == ["wage 10"]
    assert office.bank.given == {"wage 10": 1}


async def test_many_executors_share_the_work(office: Office) -> None:
    for number in range(20):
        await office.pay(f"wage {number}")
    office.clock.advance(1)

    async def executor() -> None:
        while await execute_one(office.effects):
            pass

    await asyncio.gather(*(executor() for _ in range(4)))
    assert set(office.bank.given.values()) == {1}
    assert len(office.settled) == 20

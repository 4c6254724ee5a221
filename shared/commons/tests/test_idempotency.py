"""Once per key: waiting, giving up, forgetting. What a client sees of it is in test_graphql."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from commons import idempotency
from commons.database import Connection, Pools, transaction
from commons.idempotency import IdempotencyInProgress, IdempotencyKeyReused, once, request_hash, sweep
from commons.money import Money


class PaidRow(msgspec.Struct, frozen=True, gc=False):
    key: str
    amount: Money


KINDS = {"PaidRow": PaidRow}


async def pay(db: Connection, key: str, amount: str = "1.00", hold: asyncio.Event | None = None) -> Any:
    async def work() -> PaidRow:
        if hold is not None:
            await asyncio.wait_for(hold.wait(), 10)
        return PaidRow(amount, Money.of(amount, "EUR"))

    return await once(
        db, subject="anna", operation="pay", key=key, request={"amount": amount}, work=work, kinds=KINDS
    )


async def test_a_stored_answer_is_the_same_record(pools: Pools) -> None:
    async with transaction(pools.write) as db:
        first = await pay(db, "stored")
    async with transaction(pools.write) as db:
        assert await pay(db, "stored") == first
        with pytest.raises(IdempotencyKeyReused):
            await pay(db, "stored", "2.00")


async def test_who_waits_too_long_is_told_that_it_is_in_progress(
    pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_MILLISECONDS", 50)
    hold = asyncio.Event()

    async def first() -> Any:
        async with transaction(pools.write) as db:
            return await pay(db, "slow", hold=hold)

    slow = asyncio.create_task(first())
    await asyncio.sleep(0.1)  # until the first has claimed the key
    with pytest.raises(IdempotencyInProgress):
        async with transaction(pools.write) as db:
            await pay(db, "slow")
    hold.set()
    assert (await slow).key == "1.00"


async def test_a_rollback_frees_the_key(pools: Pools) -> None:
    async with pools.write.acquire() as connection:
        rolled_back = connection.transaction()
        await rolled_back.start()
        await pay(connection, "freed")
        await rolled_back.rollback()
    async with transaction(pools.write) as db:
        assert (await pay(db, "freed", "3.00")).key == "3.00"


async def test_old_keys_are_forgotten_a_few_at_a_time(pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "SWEEP_ROWS_MAX", 2)
    async with transaction(pools.write) as db:
        await db.execute("truncate idempotency")
        for key in ("a", "b", "c", "young"):
            await pay(db, key)
        await db.execute("update idempotency set created = now() - interval '31 days' where key <> 'young'")
        assert [await sweep(db), await sweep(db), await sweep(db)] == [2, 1, 0]
        assert await db.fetchval("select key from idempotency") == "young"


def test_the_order_of_arguments_does_not_matter() -> None:
    assert request_hash({"a": 1, "b": [{"c": 2, "d": 3}]}) == request_hash({"b": [{"d": 3, "c": 2}], "a": 1})
    assert request_hash({"a": 1}) != request_hash({"a": "1"})

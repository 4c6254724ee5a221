from __future__ import annotations

import asyncio
from typing import Any

import pytest

from commons import ledger
from commons.events import NotYet


async def test_a_contract_waits_for_the_verdict_on_its_order(desk: Any) -> None:
    order = await desk.confirm()
    with pytest.raises(NotYet):
        await desk.request_contract(order, "900.00")


async def test_a_budget_is_not_overspent_by_a_cent_and_the_refusal_speaks_of_the_budget(desk: Any) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "935.01")
    refused = await desk.body(contract, "BudgetRefused")
    assert refused["code"] == "BudgetTooSmall"
    assert refused["requested"] == {"minor": "93501", "currency": "EUR"}
    assert refused["available"] == {"minor": "93500", "currency": "EUR"}
    await desk.request_contract(order, "935.00")
    assert await desk.balance() == ("935.00", "935.00")


async def test_of_contracts_that_ask_at_the_same_moment_only_as_many_as_fit_are_held(desk: Any) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contracts = await asyncio.gather(*(desk.request_contract(order, "300.00") for _ in range(6)))
    told = [await desk.told(contract) for contract in contracts]
    assert sorted(name for [name] in told) == ["BudgetHeld"] * 3 + ["BudgetRefused"] * 3
    assert await desk.balance() == ("935.00", "900.00")
    async with desk.pools.write.acquire() as db:
        assert await ledger.check_invariants(db) == []

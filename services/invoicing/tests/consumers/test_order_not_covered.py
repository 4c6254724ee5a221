from __future__ import annotations

from typing import Any


async def test_an_order_that_is_not_covered_brings_nothing_and_keeps_the_reasons(desk: Any) -> None:
    order = await desk.confirm()
    await desk.refuse_cover(order)
    assert await desk.balance() == ("0.00", "0.00")
    row = await desk.pools.read.fetchrow(
        "select is_covered, cover_reasons from sales_order where id = $1", order
    )
    assert (row["is_covered"], row["cover_reasons"]) == (False, ["buyer_in_time"])
    contract = await desk.request_contract(order, "100.00")
    assert (await desk.body(contract, "BudgetRefused"))["available"] == {"minor": "0", "currency": "EUR"}

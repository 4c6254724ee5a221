"""What a person on duty watches: holds of budgets that no running contract explains."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from invoicing.figures import FIGURES


async def test_a_hold_is_told_once_no_running_contract_names_it(desk: Any) -> None:
    [figure] = FIGURES
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "300.00")
    async with desk.pools.write.acquire() as db:
        assert await figure.count(db, now=datetime.now(UTC)) == (0, False)
        await db.execute("update budget_hold set ended_on = held_on where contract_id = $1", contract)
        assert await figure.count(db, now=datetime.now(UTC)) == (1, True)

"""What a person on duty watches: holds of budgets that no running contract explains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from commons.ledger import HOLDS_WITHOUT_PROCESS
from invoicing.figures import FIGURES, SENDING_SECONDS


async def test_a_hold_is_told_once_no_running_contract_names_it(desk: Any) -> None:
    [figure] = [each for each in FIGURES if each.gauge is HOLDS_WITHOUT_PROCESS]
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "300.00")
    async with desk.pools.write.acquire() as db:
        assert await figure.count(db, now=datetime.now(UTC)) == (0, False)
        await db.execute("update budget_hold set ended_on = held_on where contract_id = $1", contract)
        assert await figure.count(db, now=datetime.now(UTC)) == (1, True)


async def test_an_invoice_is_told_from_its_issue_until_it_has_left(desk: Any, invoice: Any) -> None:
    [figure] = [each for each in FIGURES if each.beside is not None]
    soon, late = datetime.now(UTC), datetime.now(UTC) + timedelta(seconds=SENDING_SECONDS + 60)
    async with desk.pools.write.acquire() as db:
        waiting, _ = await figure.count(db, now=soon)
        assert waiting >= 1
        assert (await figure.count(db, now=late))[1]
        await db.execute("update transmission set state = 'sent'")
        assert await figure.count(db, now=late) == (0, False)

"""What the price of a contract left over is the mutual pool's: each step once, in balanced books."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from commons import ledger
from commons.context import Ctx
from commons.money import Money
from commons.uuid7 import uuid7
from guarantee.consumers.labor_cost_corrected import labor_cost_corrected
from guarantee.domain.books import accounts_of
from guarantee.events.consumed import LaborCostCorrected
from guarantee.sql import SQL


def corrected(cell: Any, cents: int, contract: UUID | None = None, number: int = 1) -> LaborCostCorrected:
    return LaborCostCorrected.model_validate(
        {
            "contract_id": contract or uuid7(),
            "entity_id": cell.entity,
            "number": number,
            "change": {"minor": str(cents), "currency": "EUR"},
            "corrected_on": date(2026, 7, 31),
        }
    )


async def pool(cell: Any) -> int:
    code = f"{cell.entity}:mutual_pool"
    balance: int = await cell.pools.read.fetchval(
        "select posted from ledger.balance join ledger.account on id = account where code = $1", code
    )
    return balance


async def test_each_step_of_a_variance_reaches_the_pool_once_and_leaves_the_fund_alone(funded: Any) -> None:
    contract = uuid7()
    for event in (corrected(funded, 4_000, contract), corrected(funded, -1_500, contract, number=2)):
        for _ in range(2):
            await funded.do(lambda ctx, event=event: labor_cost_corrected(ctx, event))
    assert await pool(funded) == 2_500
    assert await funded.fund() == ("10000.00", "0.00")
    await funded.check_books()


async def test_a_step_that_comes_before_the_one_declared_first_leaves_the_pool_the_same(funded: Any) -> None:
    contract = uuid7()
    declared, later = corrected(funded, 4_000, contract), corrected(funded, -1_500, contract, number=2)
    for event in (later, declared, later, declared):
        await funded.do(lambda ctx, event=event: labor_cost_corrected(ctx, event))
        await funded.check_books()
    assert await pool(funded) == 2_500


async def test_costs_above_their_prices_take_the_pool_below_nothing(funded: Any) -> None:
    event = corrected(funded, -7_000)
    await funded.do(lambda ctx: labor_cost_corrected(ctx, event))
    assert await pool(funded) == -7_000
    await funded.check_books()


async def test_without_a_fund_a_variance_waits_for_one(cell: Any) -> None:
    event = corrected(cell, 4_000)
    await cell.do(lambda ctx: labor_cost_corrected(ctx, event))
    await cell.open_fund("100.00")
    assert await pool(cell) == 4_000
    await cell.do(lambda ctx: labor_cost_corrected(ctx, event))
    assert await pool(cell) == 4_000
    await cell.check_books()


async def test_a_fund_of_before_there_was_a_pool_gets_its_accounts_with_the_first_step(cell: Any) -> None:
    async def of_before(ctx: Ctx) -> None:
        await ctx.db.execute(SQL["insert_fund"], cell.entity, "Fonds", date(2026, 6, 5))
        for account in accounts_of(cell.entity, "EUR", Money.zero("EUR"))[:4]:
            await ledger.open_account(
                ctx.db, uuid7(), account.code, account.currency, account.kind, cell.entity, 0
            )

    await cell.do(of_before)
    event = corrected(cell, 4_000)
    await cell.do(lambda ctx: labor_cost_corrected(ctx, event))
    assert await pool(cell) == 4_000
    await cell.check_books()

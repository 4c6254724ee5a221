"""Take the next batch of a recomputation."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from commons import deadlines
from commons.capability import capability
from commons.context import Ctx
from payroll.capabilities.correct_payslips import correct_payslips
from payroll.deadlines.keys import RECOMPUTATION, recomputation_key
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import settle_items

BATCH_SIZE_MAX: Final = 250  # payslips: a few seconds of work, and no more locks than that


@capability
async def continue_recomputation(ctx: Ctx[Payroll], *, run_id: UUID) -> None:
    """Correct the next payslips, note what failed, and have the next batch taken.

    All in the transaction that ends this batch: who is killed in the middle has done nothing, and the batch
    is taken again.
    """
    run = await ctx.db.fetchrow(SQL["recomputation_for_update"], run_id)
    assert run is not None, "recomputations are never deleted"
    batch = [
        row["payslip_id"] for row in await ctx.db.fetch(SQL["recomputation_batch"], run_id, BATCH_SIZE_MAX)
    ]
    if batch:
        outcomes = await correct_payslips(
            ctx, entity_id=run["entity_id"], recomputation_id=run_id, payslips=batch
        )
        await settle_items(ctx.db, SQL["settle_recomputation_items"], run_id, outcomes)
    if len(batch) == BATCH_SIZE_MAX:
        await ctx.db.execute(SQL["count_recomputation_batch"], run_id)
        await schedule_batch(
            ctx,
            run_id=run_id,
            entity_id=run["entity_id"],
            due=run["period_start"],
            number=run["batches"] + 1,
        )
    else:
        await ctx.db.execute(SQL["finish_recomputation"], run_id, await ctx.today(run["entity_id"]))


async def schedule_batch(ctx: Ctx[Payroll], *, run_id: UUID, entity_id: UUID, due: date, number: int) -> None:
    """Have a batch taken now: it is due since the first of its months began."""
    await deadlines.schedule(
        ctx.db,
        kind=RECOMPUTATION,
        key=recomputation_key(run_id, number),
        entity_id=entity_id,
        due=due,
        data={"run_id": str(run_id)},
    )

"""Take the next batch of a recomputation."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from commons import deadlines
from commons.capability import capability
from commons.context import Ctx
from commons.refusal import Refusal
from payroll.capabilities.correct_payslips import Outcome, correct_payslips
from payroll.deadlines.keys import RECOMPUTATION, recomputation_key
from payroll.domain.errors import PayslipNotComputed
from payroll.service import Payroll
from payroll.sql import SQL

log = logging.getLogger(__name__)

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
        await _settle(ctx, run_id, outcomes)
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


async def _settle(ctx: Ctx[Payroll], run_id: UUID, outcomes: Mapping[UUID, Outcome]) -> None:
    keys = list(outcomes)
    refusals = {key: _refusal(key, each) for key, each in outcomes.items() if isinstance(each, Exception)}
    await ctx.db.execute(
        SQL["settle_recomputation_items"],
        run_id,
        keys,
        [None if key in refusals else outcomes[key] for key in keys],
        [refusals[key].code if key in refusals else None for key in keys],
        [refusals[key].message if key in refusals else None for key in keys],
    )


def _refusal(payslip_id: UUID, error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    # The class alone: messages of database errors quote values.
    log.error(
        "a payslip could not be computed again",
        extra={"payslip": str(payslip_id), "error": type(error).__name__},
    )
    return PayslipNotComputed(payslip=payslip_id)

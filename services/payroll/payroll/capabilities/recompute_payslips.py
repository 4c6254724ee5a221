"""Compute the payslips of past months again, and correct what differs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from payroll.capabilities.continue_recomputation import schedule_batch
from payroll.domain.errors import RecomputationUnderWay
from payroll.domain.pay_run import pay_periods
from payroll.rows import RecomputationRow, recomputation_row
from payroll.service import Payroll
from payroll.sql import SQL

PAYSLIPS_MAX: Final = 100_000


@capability
async def recompute_payslips(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    period: date,
    reason: Annotated[str, Text(max=200, min=1)],
    until: date | None = None,
) -> RecomputationRow:
    """Have every payslip of a month computed again, by the law and the facts of its days as known now.

    `period` is any day of the month, `until` any day of the last month where there are several: what an
    earlier payslip of the year counts, later ones follow. The worker does it, in batches. What differs is
    kept beside the payslip, which stays as it was, and the next payslip takes it up; again nothing differs.
    `reason` stands on what the worker is shown: it names no person.
    Raises UnknownEntity, PayPeriodNotBegun, PeriodReversed, RecomputationUnderWay.
    """
    today = await ctx.today(entity_id)
    months = pay_periods(period, until or period, today)
    run_id: UUID | None = await ctx.db.fetchval(
        SQL["insert_recomputation"],
        uuid7(),
        entity_id,
        months.start,
        months.last,
        reason,
        ctx.who.subject,
        today,
    )
    if run_id is None:
        raise RecomputationUnderWay(recomputation=await ctx.db.fetchval(SQL["open_recomputation"], entity_id))
    await ctx.db.execute(
        SQL["insert_recomputation_items"], run_id, entity_id, months.start, months.last, PAYSLIPS_MAX
    )
    await schedule_batch(ctx, run_id=run_id, entity_id=entity_id, due=months.start, number=0)
    [row] = await ctx.db.fetch(SQL["recomputations_by_key"], [run_id])
    return recomputation_row(row)

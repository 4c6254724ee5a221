"""Start the pay run of a month."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from payroll.capabilities.continue_pay_run import schedule_batch
from payroll.domain.pay_run import pay_period
from payroll.rows import PayRunRow, pay_run_row
from payroll.service import Payroll
from payroll.sql import SQL

CONTRACTS_MAX: Final = 100_000  # what is left over is taken by the next run


@capability
async def start_pay_run(
    ctx: Ctx[Payroll], *, entity_id: Annotated[UUID, Node("Entity")], period: date
) -> PayRunRow:
    """Have every payslip of a month computed that is due and not there: the worker does it, in batches.

    `period` is any day of the month. While a run of the month is under way, that run is the answer; after it,
    another one takes what failed and what has become due since. Raises UnknownEntity, PayPeriodNotBegun.
    """
    today = await ctx.today(entity_id)
    month = pay_period(period, today)
    run_id: UUID | None = await ctx.db.fetchval(
        SQL["insert_pay_run"], uuid7(), entity_id, month.start, ctx.who.subject, today
    )
    if run_id is None:
        run_id = await ctx.db.fetchval(SQL["open_pay_run"], entity_id, month.start)
        assert run_id is not None, "the one that was in the way"
    else:
        due_until = min(month.last, today)
        await ctx.db.execute(
            SQL["insert_pay_run_items"], run_id, entity_id, month.start, due_until, CONTRACTS_MAX
        )
        await schedule_batch(ctx, run_id=run_id, entity_id=entity_id, due=month.start, number=0)
    [row] = await ctx.db.fetch(SQL["pay_runs_by_key"], [run_id])
    return pay_run_row(row)

"""File a periodic return again, after what was wrong is corrected."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from payroll.capabilities.file_return import filing_day, send_return, the_row
from payroll.domain import return_filing as filings
from payroll.domain.errors import ReturnUnknown
from payroll.domain.keys import periodic_return_key
from payroll.domain.return_filing import ReturnKind, return_period
from payroll.rows import PeriodicReturnRow
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import filing_from


@capability
async def refile_return(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    period_day: date,
    kind: ReturnKind = ReturnKind.GENERAL,
) -> PeriodicReturnRow:
    """Send the return of a period under its next number, whole and from what is known now.

    For a return that the authority refused, or that lacks a payslip or a correction which came after it. What
    was sent before stays as it was. Raises ReturnUnknown, ReturnNotRefused, and what `fileReturn` raises.
    """
    today = await ctx.today(entity_id)
    period = return_period(ctx.service.law, kind, period_day)
    row = await ctx.db.fetchrow(SQL["current_return_for_update"], entity_id, kind.value, period.start)
    if row is None:
        raise ReturnUnknown(kind=kind.value, day=period_day).at("periodDay")
    before = filing_from(row)
    late = await ctx.db.fetchval(SQL["count_late_payslips"], entity_id, period.start, period.last, kind.value)
    next_id = periodic_return_key(entity_id, kind.value, period.start, before.sequence + 1)
    filing = filings.refile_return(before, next_id, late_payslips=late)
    await ctx.db.execute(SQL["replace_return"], before.id, today)
    await ctx.db.fetchval(
        SQL["expect_return"],
        filing.id,
        entity_id,
        kind.value,
        period.start,
        period.last,
        filing.sequence,
        row["format"],
        row["filing_date"],
        filing.due_date,
    )
    if today >= filing.due_date:
        await ctx.db.execute(SQL["flag_return_overdue"], filing.id, today)
    await send_return(ctx, filings.file_return(filing, await filing_day(ctx, filing)))
    return await the_row(ctx, filing.id)

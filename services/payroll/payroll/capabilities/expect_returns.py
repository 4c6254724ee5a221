"""Know which returns an employer owes for a period, and on which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.deadlines import schedule
from payroll.deadlines.keys import RETURN_DUE, RETURN_FILING, RETURN_REMINDER, return_key
from payroll.domain.keys import periodic_return_key
from payroll.domain.return_filing import ReturnKind, days_of, return_form, return_period
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def expect_returns(ctx: Ctx[Payroll], *, entity_id: UUID, day: date) -> None:
    """Every return of the period that a day of work falls in; one that is known already stays as it is."""
    for kind in ReturnKind:
        if ctx.service.law.find(kind.value, day) is not None:
            await expect_return(ctx, entity_id, kind, day)


async def note_payslips(ctx: Ctx[Payroll], entity_id: UUID, days: Iterable[date]) -> None:
    """What was paid makes its entity owe returns too; one that has been filed lacks it from now on.

    A hire may have been accepted before returns were expected, and its budget held after its work was done.
    Raises ValueNotInForce.
    """
    of_periods = sorted(set(days))
    for day in of_periods:
        await expect_returns(ctx, entity_id=entity_id, day=day)
    await flag_returns(ctx, entity_id, of_periods)


async def flag_returns(ctx: Ctx[Payroll], entity_id: UUID, days: Sequence[date]) -> None:
    """Returns that have been filed lack what is stored now of the periods of some days; they are locked."""
    await ctx.db.execute(SQL["lock_returns_of_days"], entity_id, days)
    await ctx.db.execute(SQL["flag_late_payslips"], entity_id, days, await ctx.today(entity_id))


async def expect_return(ctx: Ctx[Payroll], entity_id: UUID, kind: ReturnKind, day: date) -> None:
    """The return of one kind, with its days. Raises ReturnUnknown, ValueNotInForce."""
    law = ctx.service.law
    period = return_period(law, kind, day)
    days = days_of(law, ctx.country, kind, period)
    added = await ctx.db.fetchval(
        SQL["expect_return"],
        periodic_return_key(entity_id, kind.value, period.start, 1),
        entity_id,
        kind.value,
        period.start,
        period.last,
        1,
        return_form(law, kind, period.last).format,
        days.filing,
        days.due,
    )
    if added is None:
        return
    data = {
        "entity_id": str(entity_id),
        "kind": kind.value,
        "period_start": period.start.isoformat(),
    }
    for deadline, due in (
        (RETURN_FILING, days.filing),
        (RETURN_REMINDER, days.reminder),
        (RETURN_DUE, days.due),
    ):
        key = return_key(deadline, entity_id, kind.value, period.start)
        await schedule(ctx.db, kind=deadline, key=key, entity_id=entity_id, due=due, data=data)

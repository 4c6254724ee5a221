"""Know what the contracts of a period cost as their return declares it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from payroll.capabilities.announce_labor_cost import announce_labor_cost
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def declare_labor_cost(ctx: Ctx[Payroll], *, return_id: UUID, today: date) -> None:
    """Keep what an accepted return says that each contract in it cost, and announce the cost known by now.

    Where a correction was announced before, or a later return repeats what is known, there is nothing to
    announce. The return's row is locked: a correction of its period waits, or has been made.
    """
    for row in await ctx.db.fetch(SQL["put_declared_costs"], return_id):
        cost = Money(row["cost_minor"], row["currency"])
        await announce_labor_cost(ctx, contract_id=row["contract_id"], cost=cost, today=today)

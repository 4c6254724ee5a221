"""Know that a wage came back from the bank."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import NotYet, consumes
from guarantee.capabilities.move_wage import move_wage
from guarantee.domain import wage_promise
from guarantee.events.consumed import WageReturned
from guarantee.store import lock_wage


@consumes(WageReturned)
async def wage_returned(ctx: Ctx, event: WageReturned) -> None:
    """Note it: payroll pays the wage again, and the fund does not fund it again."""
    wage = await lock_wage(ctx.db, event.payslip_id)
    if wage is None:
        raise NotYet(f"payslip {event.payslip_id}")
    today = max(await ctx.today(event.entity_id), event.returned_on)
    await move_wage(ctx, wage=wage, event=wage_promise.WageReturned(), today=today)

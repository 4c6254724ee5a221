"""Know that a wage was paid out."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import NotYet, consumes
from guarantee.capabilities.move_wage import move_wage
from guarantee.domain import wage_promise
from guarantee.events.consumed import WagePaid
from guarantee.store import lock_wage


@consumes(WagePaid)
async def wage_paid(ctx: Ctx, event: WagePaid) -> None:
    """Note the payment; a wage that is paid already stays so."""
    wage = await lock_wage(ctx.db, event.payslip_id)
    if wage is None:
        raise NotYet(f"payslip {event.payslip_id}")
    if not wage.promise.is_wage_paid:
        today = max(await ctx.today(event.entity_id), event.paid_on)
        await move_wage(ctx, wage=wage, event=wage_promise.WagePaid(), today=today)

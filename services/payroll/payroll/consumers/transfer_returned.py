"""Know that a wage which the bank had executed came back days later."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from payroll.capabilities.settle_wage_payment import settle_wage_payment
from payroll.domain.payment import payslip_of
from payroll.events.consumed import TransferReturned
from payroll.service import Payroll
from payroll.sql import SQL


@consumes(TransferReturned)
async def transfer_returned(ctx: Ctx[Payroll], event: TransferReturned) -> None:
    """Owe the wage again; a transfer that is none of ours is nobody's wage.

    Nothing waits: the order of a wage is written before the bank hears of it.
    """
    if payslip_of(event.end_to_end_id) is None:
        return
    if await ctx.db.fetchrow(SQL["payment_place"], event.end_to_end_id) is None:
        return
    await settle_wage_payment(ctx, end_to_end_id=event.end_to_end_id, returned_because=event.reason)

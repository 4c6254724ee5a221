"""Fund a wage on the day it is due: from the client's money where it came, else from the fund."""

from __future__ import annotations

from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.events import NotYet
from guarantee.capabilities.move_wage import move_wage
from guarantee.capabilities.note_reserve import note_reserve
from guarantee.domain.wage_promise import DueDateReached
from guarantee.sql import SQL
from guarantee.store import lock_wage


@capability
async def fund_wage(ctx: Ctx, *, payslip_id: UUID) -> None:
    """Let payroll pay a wage; where the client has not paid, the fund advances it.

    Raises FloorReached or UnknownAccount where the fund does not have it: the due date is kept and tried
    again until it has.
    """
    wage = await lock_wage(ctx.db, payslip_id)
    if wage is None:
        raise NotYet(f"payslip {payslip_id}")
    today = await ctx.today(wage.entity_id)
    await move_wage(ctx, wage=wage, event=DueDateReached(), today=today)
    await ctx.db.execute(SQL["refresh_exposure"], wage.promise.order_id)
    currency = wage.promise.held.currency
    await note_reserve(ctx, entity_id=wage.entity_id, currency=currency, today=today)

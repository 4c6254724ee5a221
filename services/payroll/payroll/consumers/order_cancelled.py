"""Let go the contracts of an order that will not be carried out."""

from __future__ import annotations

from typing import Final

from commons.context import Ctx
from commons.events import consumes
from payroll.capabilities.cut_contract_short import cut_contract_short
from payroll.capabilities.refuse_contract import refuse_contract
from payroll.events.consumed import OrderCancelled
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract

ORDER_CANCELLED: Final = "OrderCancelled"


@consumes(OrderCancelled)
async def order_cancelled(ctx: Ctx[Payroll], event: OrderCancelled) -> None:
    """Refuse the contracts that have not begun; those that have end that day, and their work is paid.

    An order that was never confirmed has no contracts and is not known here.
    """
    if await ctx.db.fetchrow(SQL["confirmed_order_for_update"], event.order_id) is None:
        return
    await ctx.db.execute(SQL["cancel_confirmed_order"], event.order_id, event.cancelled_on)
    for row in await ctx.db.fetch(SQL["contracts_of_order"], event.order_id):
        stored = await lock_contract(ctx.db, row["id"])
        assert stored is not None, "contracts are never deleted"
        if event.cancelled_on < stored.contract.terms.first_day:
            await refuse_contract(ctx, stored=stored, code=ORDER_CANCELLED)
        else:
            await cut_contract_short(ctx, stored=stored, last_day=event.cancelled_on)

"""Carry the loss that was decided."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.carry_loss import carry_loss
from guarantee.events.consumed import WriteOffApproved


@consumes(WriteOffApproved)
async def write_off_approved(ctx: Ctx, event: WriteOffApproved) -> None:
    """Book what is open on the order as a loss of the fund."""
    await carry_loss(
        ctx, write_off_id=event.write_off_id, order_id=event.order_id, approved_on=event.approved_on
    )

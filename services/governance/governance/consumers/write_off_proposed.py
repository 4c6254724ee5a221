"""Put a claim that the guarantee fund cannot get back before those who decide."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from governance.events.consumed import WriteOffProposed
from governance.sql import SQL


@consumes(WriteOffProposed)
async def write_off_proposed(ctx: Ctx, event: WriteOffProposed) -> None:
    """Keep the proposal until somebody decides."""
    await ctx.db.execute(
        SQL["insert_write_off"],
        event.write_off_id,
        event.order_id,
        event.entity_id,
        event.amount.minor,
        event.amount.currency,
        event.proposed_on,
    )

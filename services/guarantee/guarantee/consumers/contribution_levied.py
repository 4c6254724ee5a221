"""Feed the fund."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from guarantee.capabilities.feed_fund import feed_fund
from guarantee.events.consumed import ContributionLevied


@consumes(ContributionLevied)
async def contribution_levied(ctx: Ctx, event: ContributionLevied) -> None:
    """Book the fund's part of a contribution."""
    await feed_fund(
        ctx,
        entity_id=event.entity_id,
        invoice_id=event.invoice_id,
        levied=event.amount,
        levied_on=event.levied_on,
    )

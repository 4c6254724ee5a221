"""Let no new money in for a member who left; what is in the budgets stays theirs to spend."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.capabilities.withdraw_offers import withdraw_offers
from invoicing.events.consumed import MemberResigned
from invoicing.service import Invoicing
from invoicing.sql import SQL


@consumes(MemberResigned)
async def member_resigned(ctx: Ctx[Invoicing], event: MemberResigned) -> None:
    """Keep the day, and withdraw the offers that no buyer has decided on."""
    await ctx.db.execute(SQL["note_resignation"], event.member_id, event.entity_id, event.resigned_on)
    await withdraw_offers(
        ctx, member_id=event.member_id, entity_id=event.entity_id, resigned_on=event.resigned_on
    )

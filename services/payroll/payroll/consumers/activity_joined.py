"""Know who may work on the budget of an activity."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from payroll.events.consumed import ActivityJoined
from payroll.service import Payroll
from payroll.sql import SQL


@consumes(ActivityJoined)
async def activity_joined(ctx: Ctx[Payroll], event: ActivityJoined) -> None:
    """Keep the person; every role may have contracts."""
    await ctx.db.execute(SQL["insert_participant"], event.activity_id, event.member_id, event.joined_on)

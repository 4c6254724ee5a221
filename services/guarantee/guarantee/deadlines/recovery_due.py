"""The day on which an advance that did not come back is claimed."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from guarantee.capabilities.move_wage import move_wage
from guarantee.domain.wage_promise import RecoveryDeadlineReached
from guarantee.store import lock_wage


async def recovery_due(ctx: Ctx, deadline: Deadline) -> None:
    """Open the recovery of an advance; of one that came back there is nothing to claim."""
    wage = await lock_wage(ctx.db, UUID(deadline.data["payslip_id"]))
    assert wage is not None, "an advance belongs to a wage"
    today = await ctx.today(wage.entity_id)
    await move_wage(ctx, wage=wage, event=RecoveryDeadlineReached(), today=today)

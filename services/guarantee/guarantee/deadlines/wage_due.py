"""The day on which a wage is due."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from guarantee.capabilities.fund_wage import fund_wage


async def wage_due(ctx: Ctx, deadline: Deadline) -> None:
    """Fund the wage: its member is paid today, whether the client has paid or not."""
    await fund_wage(ctx, payslip_id=UUID(deadline.data["payslip_id"]))

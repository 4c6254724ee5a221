"""The day on which a return files itself."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from payroll.capabilities.expect_returns import expect_return
from payroll.capabilities.file_return import try_return
from payroll.domain.return_filing import ReturnKind, return_period
from payroll.service import Payroll


async def return_filing(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """File it, and expect that of the next period: who has employed declares that nobody worked, too."""
    entity_id, kind = UUID(deadline.data["entity_id"]), ReturnKind(deadline.data["kind"])
    period_start = date.fromisoformat(deadline.data["period_start"])
    await try_return(ctx, entity_id, kind, period_start)
    period = return_period(ctx.service.law, kind, period_start)
    await expect_return(ctx, entity_id, kind, period.last + timedelta(days=1))

"""The day on which giving up a claim is proposed."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from guarantee.capabilities.propose_write_off import propose_write_off


async def write_off_due(ctx: Ctx, deadline: Deadline) -> None:
    """Propose it, if the advance has not come back."""
    await propose_write_off(ctx, payslip_id=UUID(deadline.data["payslip_id"]))

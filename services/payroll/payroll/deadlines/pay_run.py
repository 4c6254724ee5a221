"""A batch of a pay run: due at once, and the next one after it."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from payroll.capabilities.continue_pay_run import continue_pay_run
from payroll.service import Payroll


async def pay_run(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """Take the batch."""
    await continue_pay_run(ctx, run_id=UUID(deadline.data["run_id"]))

"""A batch of a recomputation: due at once, and the next one after it."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from payroll.capabilities.continue_recomputation import continue_recomputation
from payroll.service import Payroll


async def recomputation(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """Take the batch."""
    await continue_recomputation(ctx, run_id=UUID(deadline.data["run_id"]))

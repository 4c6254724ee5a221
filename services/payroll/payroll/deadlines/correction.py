"""The day until which a wage could take up what a worker is still owed of a corrected payslip."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from payroll.capabilities.pay_correction import pay_correction
from payroll.service import Payroll


async def correction(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """Pay it alone, where no wage did."""
    await pay_correction(ctx, entity_id=deadline.entity_id, member_id=UUID(deadline.data["member_id"]))

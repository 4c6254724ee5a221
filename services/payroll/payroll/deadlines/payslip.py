"""A payslip that was refused at the end of its contract: tried again until what it lacks is there."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from payroll.capabilities.compute_payslip import compute_payslip
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract


async def payslip(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """Compute the payslip; a refusal fails the deadline, which the metrics show and which is tried again."""
    stored = await lock_contract(ctx.db, UUID(deadline.data["contract_id"]))
    assert stored is not None, "contracts are never deleted"
    if not await ctx.db.fetch(SQL["payslips_of_contracts"], [stored.contract.id]):
        await compute_payslip(ctx, stored=stored)
    await ctx.db.execute(SQL["flag_payslip_refusal"], stored.contract.id, None)

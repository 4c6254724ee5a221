"""The last day of a contract: the work is done, the payslip is computed."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from payroll.capabilities.end_contract import end_contract
from payroll.service import Payroll


async def contract_end(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """End the contract."""
    await end_contract(ctx, contract_id=UUID(deadline.data["contract_id"]))

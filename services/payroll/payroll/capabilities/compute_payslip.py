"""Compute the payslip of a contract whose work is done."""

from __future__ import annotations

from commons.capability import capability
from commons.context import Ctx
from payroll.capabilities.compute_payslips import compute_payslips
from payroll.service import Payroll
from payroll.store import StoredContract


@capability
async def compute_payslip(ctx: Ctx[Payroll], *, stored: StoredContract) -> None:
    """Compute the payslip of one contract, as a pay run does for many.

    Raises the refusals of domain and engine.
    """
    outcomes = await compute_payslips(ctx, entity_id=stored.entity_id, contracts=[stored])
    outcome = outcomes[stored.contract.id]
    if isinstance(outcome, Exception):
        raise outcome

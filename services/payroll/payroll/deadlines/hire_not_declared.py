"""The first day of a contract whose hire is not accepted: a payroll officer must know at once."""

from __future__ import annotations

import logging
from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from commons.effects import ask_again
from payroll.effects.kinds import DIMONA_DECLARE
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract

log = logging.getLogger(__name__)


async def hire_not_declared(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """Flag the contract, where it is still undeclared, and ask for the answer now."""
    stored = await lock_contract(ctx.db, UUID(deadline.data["contract_id"]))
    assert stored is not None, "the contract and its deadline were written together"
    today = await ctx.today(stored.entity_id)
    if stored.contract.is_undeclared_at_start(today):
        await ctx.db.execute(SQL["flag_undeclared"], stored.contract.id, today)
        await ask_again(ctx.db, DIMONA_DECLARE, str(stored.contract.id))
        log.warning(
            "work should begin and the hire is not accepted", extra={"contract": str(stored.contract.id)}
        )

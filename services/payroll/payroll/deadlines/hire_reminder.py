"""Shortly before work begins: whether its hire is accepted, and whether the authority still says so."""

from __future__ import annotations

import logging
from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from commons.effects import ask_again
from payroll.effects.kinds import DIMONA_CHECK, DIMONA_DECLARE
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract

log = logging.getLogger(__name__)


async def hire_reminder(ctx: Ctx[Payroll], deadline: Deadline) -> None:
    """Flag a hire without an answer and ask for it now; ask about an accepted one a second time."""
    contract_id = UUID(deadline.data["contract_id"])
    stored = await lock_contract(ctx.db, contract_id)
    assert stored is not None, "the contract and its deadline were written together"
    if stored.contract.refused_on is not None:
        return
    if stored.contract.declared_on is None:
        await ctx.db.execute(SQL["flag_unanswered"], contract_id, await ctx.today(stored.entity_id))
        await ask_again(ctx.db, DIMONA_DECLARE, str(contract_id))
        log.warning("work begins soon and the hire is not accepted", extra={"contract": str(contract_id)})
        return
    hire = await ctx.db.fetchrow(SQL["hire_of_contract"], contract_id)
    if hire is None:  # where the law asks for no declaration of hires
        return
    payload = {"contract_id": str(contract_id), "declaration_id": str(hire["id"])}
    await ctx.effect(DIMONA_CHECK, str(contract_id), payload)

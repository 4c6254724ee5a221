"""Compare what the authority says of a hire now with what it decided."""

from __future__ import annotations

import logging
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from payroll.domain.declaration import Answer, contradicts
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import StoredContract, declaration_from, keep_anomalies, lock_contract

log = logging.getLogger(__name__)


@capability
async def check_declaration(
    ctx: Ctx[Payroll], *, contract_id: UUID, declaration_id: UUID, answer: Answer
) -> None:
    """Flag the declaration where the second answer says the opposite of the first; else nothing changes."""
    stored = await lock_contract(ctx.db, contract_id)
    row = await ctx.db.fetchrow(SQL["declaration_for_update"], declaration_id)
    assert stored is not None, "contracts are never deleted"
    assert row is not None, "declarations are never deleted"
    await note_contradiction(ctx, stored, row, answer)


async def note_contradiction(ctx: Ctx[Payroll], stored: StoredContract, row: Record, answer: Answer) -> None:
    """Keep the first contradiction of a locked declaration: a person must find out which answer counts."""
    if row["contradicted_on"] is not None or not contradicts(declaration_from(row), answer):
        return
    await ctx.db.execute(
        SQL["contradict_declaration"],
        row["id"],
        await ctx.today(stored.entity_id),
        answer.result,
        keep_anomalies(answer.anomalies),
    )
    log.warning("the authority contradicts itself", extra={"contract": str(stored.contract.id)})

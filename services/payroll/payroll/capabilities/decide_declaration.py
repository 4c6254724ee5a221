"""Write down what became of a declaration."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.set_back import told_day
from payroll.capabilities.check_declaration import note_contradiction
from payroll.capabilities.confirm_contract import confirm_contract
from payroll.capabilities.cut_contract_short import end_declaration
from payroll.capabilities.refuse_contract import refuse_contract, take_back_declaration
from payroll.domain.declaration import Answer, Declaration, DeclarationState, decide, mark_sent
from payroll.events.published import DeclarationAccepted, DeclarationRefused, HireDeclared
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import StoredContract, declaration_from, lock_contract, store_declaration

HIRE_REFUSED: Final = "HireRefused"
REJECTED: Final = Answer(DeclarationState.REFUSED, "rejected", None, ())
"""What counts where the authority did not even take the declaration."""


@capability
async def decide_declaration(
    ctx: Ctx[Payroll], *, contract_id: UUID, declaration_id: UUID, kind: str, answer: Answer
) -> None:
    """An accepted hire confirms its contract, a refused one ends it; either is announced.

    What was decided stays decided: a second answer changes nothing, and the opposite one is flagged.
    """
    stored = await lock_contract(ctx.db, contract_id)
    row = await ctx.db.fetchrow(SQL["declaration_for_update"], declaration_id)
    assert stored is not None, "contracts are never deleted"
    assert row is not None, "declarations are never deleted"
    known = declaration_from(row)
    if known.is_decided:
        await note_contradiction(ctx, stored, row, answer)
        return
    declaration = decide(mark_sent(known) if known.state is DeclarationState.DRAFT else known, answer)
    await store_declaration(ctx.db, declaration)
    event = DeclarationAccepted if declaration.is_accepted else DeclarationRefused
    told_on = await told_day(ctx.db, event, declaration.id, "decided_on")
    today = told_on or await ctx.today(stored.entity_id)
    await ctx.announce(
        event(
            declaration_id=declaration.id,
            contract_id=contract_id,
            entity_id=stored.entity_id,
            kind=kind,
            result=answer.result,
            anomalies=[anomaly.code for anomaly in answer.anomalies],
            decided_on=today,
        )
    )
    if kind != "in":
        return
    if not declaration.is_accepted:
        await refuse_contract(ctx, stored=stored, code=HIRE_REFUSED)
    elif stored.contract.refused_on is not None:
        # It was cancelled while the authority was thinking.
        await take_back_declaration(ctx, stored)
    else:
        await _confirm(ctx, stored, declaration, today)


async def _confirm(ctx: Ctx[Payroll], stored: StoredContract, declaration: Declaration, today: date) -> None:
    if await ctx.db.fetchval(SQL["is_cut_short"], stored.contract.id):
        # Its order was cancelled during the work while the authority was thinking.
        await end_declaration(ctx, stored)
    assert declaration.result is not None, "decide() sets it"
    await ctx.announce(
        HireDeclared(
            contract_id=stored.contract.id,
            entity_id=stored.entity_id,
            declaration_id=declaration.id,
            result=declaration.result,
            declared_on=today,
        )
    )
    await confirm_contract(ctx, stored)

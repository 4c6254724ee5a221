"""Write down that a worker died: nobody is hired after the own death."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from payroll.capabilities.cut_contract_short import cut_contract_short
from payroll.capabilities.refuse_contract import refuse_contract
from payroll.domain.age import check_day_of_death
from payroll.domain.errors import ContractAfterDeath, PayrollProfileMissing
from payroll.rows import MemberRef
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import lock_contract, open_person, seal_person

CONTRACTS_MAX: Final = 500  # that one worker can have left


@capability
async def record_death(
    ctx: Ctx[Payroll],
    *,
    member_id: Annotated[UUID, Node("Member")],
    entity_id: Annotated[UUID, Node("Entity")],
    died_on: date | None,
) -> MemberRef:
    """Keep the day of a worker's death, encrypted with the rest; no day takes an earlier word back.

    Contracts that begin after it are refused, whoever asks for them and whenever they were asked for; one
    under way ends with that day, and what was worked is owed. Raises PayrollProfileMissing, DeathToCome.
    """
    today = await ctx.today(entity_id)
    profile = await ctx.db.fetchrow(SQL["payroll_profile_for_update"], member_id)
    if profile is None:
        raise PayrollProfileMissing()
    check_day_of_death(died_on, today)
    person = replace(open_person(ctx.service.sealer, member_id, profile["person"]), died_on=died_on)
    sealed = seal_person(ctx.service.sealer, member_id, person)
    await ctx.db.execute(
        SQL["put_payroll_profile"], member_id, profile["language"], profile["completed_on"], sealed
    )
    if died_on is not None:
        await _let_go(ctx, member_id, died_on)
    return MemberRef(key=str(member_id))


async def _let_go(ctx: Ctx[Payroll], member_id: UUID, died_on: date) -> None:
    for contract_id in await ctx.db.fetch(SQL["contracts_left_after"], member_id, died_on, CONTRACTS_MAX):
        stored = await lock_contract(ctx.db, contract_id["id"])
        assert stored is not None, "contracts are never deleted"
        if stored.contract.terms.first_day > died_on:
            await refuse_contract(ctx, stored=stored, code=ContractAfterDeath.__name__)
        else:
            await cut_contract_short(ctx, stored=stored, last_day=died_on)

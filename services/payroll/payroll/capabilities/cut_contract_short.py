"""End a contract earlier than agreed: its order was cancelled during the work."""

from __future__ import annotations

from datetime import date

from commons.capability import capability
from commons.context import Ctx
from commons.deadlines import cancel, schedule
from payroll.capabilities.take_allowance_days import give_allowance_days_back
from payroll.deadlines.keys import CONTRACT_END, contract_end_key, cut_short_key
from payroll.documents.hires import hire_form, is_hire_declared
from payroll.domain import contract as contracts
from payroll.domain.errors import PayrollProfileMissing
from payroll.domain.facts import situation_of
from payroll.domain.keys import declaration_key
from payroll.domain.price import simulate_gross
from payroll.effects.kinds import DIMONA_OUT
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import StoredContract, open_person


@capability
async def cut_contract_short(ctx: Ctx[Payroll], *, stored: StoredContract, last_day: date) -> None:
    """Make `last_day` the last day of a contract that has begun; what was worked by then is owed and paid.

    An accepted hire is declared to have ended; one that the authority still thinks about, when it decides.
    Again, and for a contract that has ended or was refused, it changes nothing.
    """
    contract = stored.contract
    is_over = contract.ended_on is not None or contract.refused_on is not None
    if is_over or contract.terms.last_day <= last_day:
        return
    await _store(ctx, stored, last_day)
    await give_allowance_days_back(ctx.db, contract.id, after=last_day)
    await cancel(ctx.db, contract_end_key(contract.id))
    if contract.declared_on is None:
        return
    await end_declaration(ctx, stored)
    await schedule(
        ctx.db,
        kind=CONTRACT_END,
        key=cut_short_key(contract.id),
        entity_id=stored.entity_id,
        due=last_day,
        data={"contract_id": str(contract.id)},
    )


async def end_declaration(ctx: Ctx[Payroll], stored: StoredContract) -> None:
    """Declare to the authority that a hire ended before the day that it was told, where it takes that."""
    contract_id = stored.contract.id
    law, terms = ctx.service.law, stored.contract.terms
    if not is_hire_declared(law, terms.first_day, terms.regime):
        return
    if hire_form(law, terms.first_day, terms.regime).end is None:
        return
    declaration_id = await ctx.db.fetchval(
        SQL["insert_declaration"], declaration_key(contract_id, "out"), contract_id, "out"
    )
    if declaration_id is not None:
        payload = {"contract_id": str(contract_id), "declaration_id": str(declaration_id)}
        await ctx.effect(DIMONA_OUT, str(contract_id), payload)


async def _store(ctx: Ctx[Payroll], stored: StoredContract, last_day: date) -> None:
    law, engine = ctx.service.law, ctx.service.engine
    terms = contracts.cut_short(stored.contract.terms, last_day, law)
    profile = await ctx.db.fetchrow(SQL["payroll_profile"], stored.member_id)
    if profile is None:
        raise PayrollProfileMissing()
    person = open_person(ctx.service.sealer, stored.member_id, profile["person"])
    situation = situation_of(engine.situation_type, person.answers)
    wage = contracts.wage_of(terms, contracts.only_pay_period(terms), situation, law)
    amounts = simulate_gross(engine, wage).amounts
    # The budget holds what was agreed: the part is never dearer than the whole.
    labor_cost = min(amounts.provisioned, stored.contract.labor_cost)
    await ctx.db.execute(
        SQL["cut_contract_short"],
        stored.contract.id,
        terms.kind.value,
        terms.last_day,
        terms.wage.minor,
        terms.days,
        terms.hours,
        terms.gross.minor,
        amounts.estimated.minor,
        labor_cost.minor,
        await ctx.today(stored.entity_id),
    )

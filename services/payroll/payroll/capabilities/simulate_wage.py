"""What a budget pays, what a gross wage gives and costs, or what gross a net needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from commons.arguments import Between, Node
from commons.capability import capability
from commons.context import Ctx
from commons.money import DOWN, Money
from payroll.domain.belgium.situation import ORDINARY, Status
from payroll.domain.contract import (
    ContractKind,
    Terms,
    check_time,
    minimum_wage,
    only_pay_period,
    wage_due_date,
    wage_of,
)
from payroll.domain.errors import GrossNotPositive, OneAmountAsked
from payroll.domain.price import Simulation, simulate_budget, simulate_gross, simulate_net
from payroll.domain.sheet import withholding_tax
from payroll.domain.wage import Situation
from payroll.inputs import FamilySituationInput
from payroll.rows import WageSimulationRow
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import log_access, open_person


@capability
async def simulate_wage(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    regime: Status,
    kind: ContractKind,
    start_date: date,
    end_date: date,
    days: Annotated[int, Between(0, 366)] = 0,
    hours: Decimal = Decimal(0),
    budget: Money | None = None,
    gross_wage: Money | None = None,
    net_wage: Money | None = None,
    family_situation: FamilySituationInput | None = None,
) -> WageSimulationRow:
    """A wage with every line, from exactly one amount: the budget, the gross wage, or the net wage wished.

    The gross wage is per month, day or hour, or the lump sum, by the kind; budget and net are of the whole
    contract. Without a family situation the one of one's own profile counts, or that of somebody alone.
    """
    await ctx.today(entity_id)  # refuses an entity that nobody registered
    service, law = ctx.service, ctx.service.law
    given = [amount for amount in (budget, gross_wage, net_wage) if amount is not None]
    if len(given) != 1:
        raise OneAmountAsked()
    nothing = Money.zero(law.currency)
    if given[0] <= nothing:  # refuses another currency too
        raise GrossNotPositive(amount=given[0])
    terms = Terms(
        kind=kind,
        status=regime,
        first_day=start_date,
        last_day=end_date,
        wage=gross_wage or nothing,
        days=days,
        hours=hours,
    )
    check_time(terms, law)
    period = only_pay_period(terms)
    wage = wage_of(terms, period, await _situation(ctx, family_situation), law)
    if budget is not None:
        found = simulate_budget(service.engine, wage, budget)
    elif net_wage is not None:
        found = simulate_net(service.engine, wage, net_wage)
    else:
        found = simulate_gross(service.engine, wage)
    minimum = minimum_wage(terms, law)
    payslip = found.payslip
    return WageSimulationRow(
        wage=gross_wage or _per_unit(found, terms),
        gross_wage=payslip.gross_wage,
        withholding_tax=withholding_tax(payslip),
        net_wage=payslip.net_wage,
        net_payable=payslip.net_payable,
        amounts=found.amounts,
        remainder=found.remainder,
        minimum_wage=minimum,
        is_below_minimum_wage=payslip.gross_wage < minimum,
        lines=payslip.lines,
        remarks=payslip.remarks,
        fingerprint=payslip.fingerprint,
        engine_version=payslip.engine_version,
        period_start=period.start,
        period_end=period.last,
        due_date=wage_due_date(law, ctx.country, period.last),
    )


async def _situation(ctx: Ctx[Payroll], given: FamilySituationInput | None) -> Situation:
    if given is not None:
        return given.family.situation
    member_id = ctx.who.member_id
    row = None if member_id is None else await ctx.read.fetchrow(SQL["payroll_profile"], member_id)
    if row is None or member_id is None:
        return ORDINARY
    async with ctx.service.write.acquire() as db:
        await log_access(db, ctx.who.subject, [str(member_id)], "payroll_profile", ctx.request_id)
    return open_person(ctx.service.sealer, member_id, row["person"]).family.situation


def _per_unit(found: Simulation, terms: Terms) -> Money:
    # Rounded down: the contract made with it must not cost more than the budget asked about.
    gross = found.payslip.gross_wage
    if terms.kind is ContractKind.DAYS:
        return gross.divided_by(terms.days, DOWN)
    if terms.kind is ContractKind.HOURS:
        return gross.divided_by(terms.hours, DOWN)
    return gross

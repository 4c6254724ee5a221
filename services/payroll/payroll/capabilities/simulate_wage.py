"""What a budget pays, what a gross wage gives and costs, or what gross a net needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from commons.arguments import Between, Items, Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.money import DOWN, Money
from payroll.domain.allowance import AllowanceLimits
from payroll.domain.contract import (
    ContractKind,
    Terms,
    check_amount,
    check_currency,
    check_regime,
    check_time,
    minimum_wage,
    only_pay_period,
    wage_due_date,
    wage_of,
)
from payroll.domain.errors import GrossNotPositive, OneAmountAsked
from payroll.domain.explanation import traced_payslip
from payroll.domain.facts import Facts, assumed, situation_of
from payroll.domain.price import Simulation, simulate_budget, simulate_gross, simulate_net
from payroll.domain.sheet import withholding_tax
from payroll.inputs import FACTS_MAX, FamilySituationInput, TaxFactInput, told
from payroll.rows import WageSimulationRow
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import log_access, open_person


@capability
async def simulate_wage(
    ctx: Ctx[Payroll],
    *,
    regime: Annotated[str, Text(max=60, min=1)],
    kind: ContractKind,
    start_date: date,
    end_date: date,
    days: Annotated[int, Between(0, 366)] = 0,
    hours: Decimal = Decimal(0),
    entity_id: Annotated[UUID, Node("Entity")] | None = None,
    budget: Money | None = None,
    gross_wage: Money | None = None,
    net_wage: Money | None = None,
    family_situation: FamilySituationInput | None = None,
    tax_facts: Annotated[list[TaxFactInput], Items(max=FACTS_MAX)] | None = None,
) -> WageSimulationRow:
    """A wage with every line, from exactly one amount: the budget, the gross wage, or the net wage wished.

    The gross wage is per month, day or hour, or the lump sum, by the kind; budget and net are of the whole
    contract. Where nothing is told of the worker, what one's own profile tells counts, or the law's defaults,
    which a remark names. Nobody needs an account to ask.
    """
    if entity_id is not None:
        await ctx.today(entity_id)  # refuses an entity that nobody registered
    service, law = ctx.service, ctx.service.law
    given = [amount for amount in (budget, gross_wage, net_wage) if amount is not None]
    if len(given) != 1:
        raise OneAmountAsked()
    check_currency(given[0], law)
    if given[0].minor <= 0:
        raise GrossNotPositive(amount=given[0])
    terms = Terms(
        kind=kind,
        regime=regime,
        first_day=start_date,
        last_day=end_date,
        wage=gross_wage or Money.zero(law.currency),
        days=days,
        hours=hours,
    )
    check_regime(regime, law, start_date)
    check_time(terms, law)
    check_amount(given[0])
    limits = AllowanceLimits.find(regime, law, start_date)
    if limits is not None:
        limits.check_span(terms)
    period = only_pay_period(terms)
    facts = await _facts(ctx, family_situation, tax_facts)
    wage = wage_of(terms, period, situation_of(service.engine.situation_type, facts), law)
    if budget is not None:
        found = simulate_budget(service.engine, wage, budget)
    elif net_wage is not None:
        found = simulate_net(service.engine, wage, net_wage)
    else:
        found = simulate_gross(service.engine, wage)
    if limits is not None:
        limits.check_amount(found.payslip.gross_wage, days=terms.days)
    minimum = minimum_wage(terms, law)
    payslip, remark = found.payslip, assumed(service.engine.situation_type, facts, law)
    return WageSimulationRow(
        wage=gross_wage or _per_unit(found, terms),
        gross_wage=payslip.gross_wage,
        withholding_tax=withholding_tax(payslip),
        net_wage=payslip.net_wage,
        net_payable=payslip.net_payable,
        amounts=found.amounts,
        remainder=found.remainder,
        minimum_wage=None if minimum is None else minimum.amount,
        is_below_minimum_wage=minimum is not None and payslip.gross_wage < minimum.amount,
        lines=payslip.lines,
        remarks=payslip.remarks if remark is None else (*payslip.remarks, remark),
        fingerprint=payslip.fingerprint,
        engine_version=payslip.engine_version,
        period_start=period.start,
        period_end=period.last,
        due_date=wage_due_date(law, ctx.country, period.last),
        traced_lines=lambda: (
            traced_payslip(service.engine, replace(wage, gross=payslip.gross_wage.minor)).lines
        ),
    )


async def _facts(
    ctx: Ctx[Payroll], family: FamilySituationInput | None, tax_facts: list[TaxFactInput] | None
) -> Facts:
    if family is not None or tax_facts is not None:
        return told(ctx.service.engine.situation_type, family, tax_facts)
    member_id = ctx.who.member_id
    row = None if member_id is None else await ctx.read.fetchrow(SQL["payroll_profile"], member_id)
    if row is None or member_id is None:
        return {}
    async with ctx.service.write.acquire() as db:
        await log_access(db, ctx.who.subject, [str(member_id)], "payroll_profile", ctx.request_id)
    return open_person(ctx.service.sealer, member_id, row["person"]).answers


def _per_unit(found: Simulation, terms: Terms) -> Money:
    # Rounded down: the contract made with it must not cost more than the budget asked about.
    gross = found.payslip.gross_wage
    if terms.kind is ContractKind.DAYS:
        return gross.divided_by(terms.days, DOWN)
    if terms.kind is ContractKind.HOURS:
        return gross.divided_by(terms.hours, DOWN)
    return gross

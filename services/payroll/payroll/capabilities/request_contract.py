"""Ask for a work contract under an order that the client confirmed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from commons.access import must_be_own
from commons.arguments import Between, Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.deadlines import schedule
from commons.identifiers import birth_date
from commons.money import Money
from commons.period import DateRange
from commons.set_back import forgotten
from commons.uuid7 import uuid7
from payroll.capabilities.take_allowance_days import take_allowance_days
from payroll.deadlines.keys import (
    HIRE_NOT_DECLARED,
    HIRE_REMINDER,
    hire_not_declared_key,
    hire_reminder_key,
)
from payroll.domain import contract as contracts
from payroll.domain.age import check_age, check_life
from payroll.domain.allowance import AllowanceLimits
from payroll.domain.condition import check_condition
from payroll.domain.contract import ContractKind, Terms
from payroll.domain.errors import (
    ContractForgottenOtherwise,
    OrderIsCancelled,
    PayrollProfileMissing,
    UnknownOrder,
)
from payroll.domain.facts import situation_of
from payroll.domain.overlap import check_overlap
from payroll.domain.price import simulate_gross
from payroll.events.published import ContractRequested
from payroll.rows import ContractRow, contract_rows
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import contract_from, open_person

AT_ONCE_MAX: Final = 500  # contracts of one worker on the days of a month


@capability
async def request_contract(
    ctx: Ctx[Payroll],
    *,
    order_id: Annotated[UUID, Node("Order")],
    regime: Annotated[str, Text(max=60, min=1)],
    kind: ContractKind,
    gross_wage: Money,
    start_date: date,
    end_date: date,
    function_title: Annotated[str, Text(max=200, min=1)],
    days: Annotated[int, Between(0, 366)] = 0,
    hours: Decimal = Decimal(0),
) -> ContractRow:
    """Ask for a contract; it waits for its budget, then for the authority. Nobody begins before both.

    One asks for one's own work, under an order of one's own or of an activity one has joined. The gross wage
    is per month, day or hour, or the lump sum, by the kind. The regime is one that `payrollQuestions` lists;
    the joint committee, where the country has them, follows from it. A contract that a restored database has
    forgotten is asked for again in the same words, and goes on where it was.
    """
    law, engine = ctx.service.law, ctx.service.engine
    order = await ctx.db.fetchrow(SQL["confirmed_order_for_update"], order_id)
    if order is None:
        raise UnknownOrder(order=order_id).at("orderId")
    member_id = await _worker(ctx, order)
    if order["cancelled_on"] is not None:
        raise OrderIsCancelled(order=order_id).at("orderId")
    # Locked: of two contracts asked for at once, the second one counts the hours of the first.
    profile = await ctx.db.fetchrow(SQL["payroll_profile_for_update"], member_id)
    if profile is None:
        raise PayrollProfileMissing()
    # One that a restored database has forgotten is the one that others know, and was asked for in time.
    forgot = await forgotten(
        ctx.db,
        ContractRequested,
        order_id=order_id,
        member_id=member_id,
        start_date=start_date,
        end_date=end_date,
    )
    today = (
        await ctx.today(order["entity_id"])
        if forgot is None
        else date.fromisoformat(forgot.told["requested_on"])
    )
    terms = Terms(
        kind=kind,
        regime=regime,
        first_day=start_date,
        last_day=end_date,
        wage=gross_wage,
        days=0 if kind is ContractKind.MONTH else days,
        hours=hours if kind is ContractKind.HOURS else Decimal(0),
    )
    contracts.check_terms(terms, law)
    limits = AllowanceLimits.find(regime, law, start_date)
    if limits is not None:
        limits.check_terms(terms)
    person = open_person(ctx.service.sealer, member_id, profile["person"])
    pay_period = contracts.only_pay_period(terms)
    days_of_order = DateRange.inclusive(order["start_date"], order["end_date"])
    contracts.check_days(terms, order=days_of_order, today=today)
    check_life(terms, person.died_on)
    check_age(terms, birth_date(person.national_number, ctx.country.national_number), law)
    neighbors = await ctx.db.fetch(SQL["contracts_at_once"], member_id, start_date, end_date, AT_ONCE_MAX)
    check_overlap(terms, [contract_from(row).terms for row in neighbors], law)
    situation = situation_of(engine.situation_type, person.answers)
    check_condition(terms, situation, law)
    wage = contracts.wage_of(terms, pay_period, situation, law)
    amounts = simulate_gross(engine, wage).amounts
    contract = contracts.request_contract(
        contract_id=forgot.id if forgot else uuid7(),
        terms=terms,
        labor_cost=amounts.provisioned,
        law=law,
        today=today,
    )
    requested = ContractRequested(
        contract_id=contract.id,
        order_id=order_id,
        activity_id=order["activity_id"],
        entity_id=order["entity_id"],
        member_id=member_id,
        labor_cost=contract.labor_cost,
        start_date=start_date,
        end_date=end_date,
        requested_on=today,
    )
    if forgot and requested.body() != forgot.told:
        raise ContractForgottenOtherwise().at("grossWage")
    await ctx.db.execute(
        SQL["insert_contract"],
        contract.id,
        order_id,
        order["activity_id"],
        order["entity_id"],
        member_id,
        kind.value,
        regime,
        start_date,
        end_date,
        gross_wage.minor,
        terms.days,
        terms.hours,
        function_title,
        contracts.joint_committee(regime, law, start_date),
        terms.gross.minor,
        amounts.estimated.minor,
        contract.labor_cost.minor,
        gross_wage.currency,
        today,
    )
    # Of an order confirmed before its buyer was known here, the cooperative counts as the principal.
    await take_allowance_days(
        ctx,
        contract=contract,
        member_id=member_id,
        principal_id=order["buyer_id"] or order["entity_id"],
    )
    await schedule(
        ctx.db,
        kind=HIRE_NOT_DECLARED,
        key=hire_not_declared_key(contract.id),
        entity_id=order["entity_id"],
        due=start_date,
        data={"contract_id": str(contract.id)},
    )
    reminder = contracts.reminder_day(terms, law, ctx.country)
    await schedule(
        ctx.db,
        kind=HIRE_REMINDER,
        key=hire_reminder_key(contract.id),
        entity_id=order["entity_id"],
        # Asked for at the last moment, a hire has until its first day.
        due=reminder if reminder > today else start_date,
        data={"contract_id": str(contract.id)},
    )
    await ctx.announce(requested)
    [row] = await contract_rows(ctx, await ctx.db.fetch(SQL["contracts_by_key"], [contract.id]))
    return row


async def _worker(ctx: Ctx[Payroll], order: Record) -> UUID:
    """Who asks, for the own work: whose order it is, or somebody else in its activity. Raises NotYours."""
    asking = ctx.who.member_id
    if asking is not None and await ctx.db.fetchval(SQL["is_participant"], order["activity_id"], asking):
        return asking
    must_be_own(ctx.who, order["member_id"])
    worker: UUID = order["member_id"]
    return worker

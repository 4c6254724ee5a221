"""Compute the payslip of a contract whose work is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from payroll.archive import keep_line, keep_remark, keep_source
from payroll.domain.contract import only_pay_period, require_payable, wage_due_date, wage_of
from payroll.domain.errors import PayrollProfileMissing
from payroll.domain.explanation import traced_payslip
from payroll.domain.facts import assumed, situation_of
from payroll.events.published import PayslipComputed
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import StoredContract, counted_from, open_person


@capability
async def compute_payslip(ctx: Ctx[Payroll], *, stored: StoredContract) -> None:
    """Compute the payslip by the law of the last day of work, and announce when the wage is due.

    What earlier payslips of the month, quarter and year counted is taken into account; the budget is charged
    the price that was held, whatever the engine finds. Raises the refusals of domain and engine.
    """
    contract, law, engine = stored.contract, ctx.service.law, ctx.service.engine
    require_payable(contract)
    period = only_pay_period(contract.terms)
    profile = await ctx.db.fetchrow(SQL["payroll_profile_for_update"], stored.member_id)
    if profile is None:
        raise PayrollProfileMissing()
    person = open_person(ctx.service.sealer, stored.member_id, profile["person"])
    earlier = await ctx.db.fetch(
        SQL["counted_payslips"],
        stored.member_id,
        stored.entity_id,
        date(period.last.year, 1, 1),
        date(period.last.year, 12, 31),
    )
    wage = wage_of(
        contract.terms,
        period,
        situation_of(engine.situation_type, person.answers),
        law,
        engine.earlier([counted_from(row) for row in earlier], period.last),
    )
    payslip = traced_payslip(engine, wage)
    if (remark := assumed(engine.situation_type, person.answers, law)) is not None:
        payslip = replace(payslip, remarks=(*payslip.remarks, remark))
    if ctx.service.is_production:
        payslip.require_confirmed()
    key = uuid7()
    due_date = wage_due_date(law, ctx.country, period.last)
    today = await ctx.today(stored.entity_id)
    await ctx.db.execute(
        SQL["insert_payslip"],
        key,
        contract.id,
        stored.order_id,
        stored.activity_id,
        stored.entity_id,
        stored.member_id,
        period.start,
        period.last,
        law.currency,
        payslip.gross_wage.minor,
        payslip.net_wage.minor,
        payslip.net_payable.minor,
        payslip.labor_cost.minor,
        contract.labor_cost.minor,
        engine.counts(payslip, wage),
        [keep_line(line) for line in payslip.lines],
        [keep_remark(remark) for remark in payslip.remarks],
        [keep_source(source) for source in payslip.sources],
        payslip.fingerprint,
        payslip.engine_version,
        due_date,
        today,
    )
    await ctx.announce(
        PayslipComputed(
            payslip_id=key,
            contract_id=contract.id,
            order_id=stored.order_id,
            activity_id=stored.activity_id,
            entity_id=stored.entity_id,
            member_id=stored.member_id,
            gross_wage=payslip.gross_wage,
            net_payable=payslip.net_payable,
            labor_cost=contract.labor_cost,
            due_date=due_date,
            computed_on=today,
        )
    )

"""Pay what is open of a worker's corrected payslips where no wage takes it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from commons import deadlines
from commons.capability import capability
from commons.context import Ctx
from payroll.archive import keep_line, keep_remark
from payroll.capabilities.order_wage_payment import order_wage_payment
from payroll.capabilities.take_up_corrections import open_corrections, store_settlements
from payroll.deadlines import keys as deadline_keys
from payroll.domain.contract import wage_due_date
from payroll.domain.correction import correction_payslip
from payroll.domain.keys import correction_payslip_key
from payroll.service import Payroll
from payroll.sql import SQL

SOURCE: Final = "correction"


@capability
async def pay_correction(ctx: Ctx[Payroll], *, entity_id: UUID, member_id: UUID) -> None:
    """Make a payslip of corrections alone and order its payment; nothing where a wage took them up.

    What the worker was paid too much is set against it. Where that is more, nothing is paid and it waits for
    a wage to come. The fund is not asked: it stood for the price of the contract, and what that leaves over
    or lacks is the mutual pool's.
    """
    await ctx.db.fetch(SQL["payroll_profiles_for_update"], [member_id])
    corrections = (await open_corrections(ctx.db, entity_id, [member_id])).get(member_id, [])
    today = await ctx.today(entity_id)
    law = ctx.service.law
    payslip, settled = correction_payslip(corrections, law, today, ctx.service.engine.version)
    if payslip.net_payable.minor <= 0:
        return
    key = correction_payslip_key([each.correction_id for each in settled])
    await ctx.db.execute(
        SQL["insert_correction_payslip"],
        key,
        corrections[0].contract_id,
        today,
        payslip.net_payable.minor,
        [keep_line(line) for line in payslip.lines],
        [keep_remark(remark) for remark in payslip.remarks],
        [],
        payslip.fingerprint,
        payslip.engine_version,
        wage_due_date(law, ctx.country, today),
    )
    await store_settlements(ctx.db, [(key, settled)])
    await order_wage_payment(ctx, payslip_id=key, source=SOURCE, funded_on=today)


async def wait_for_wages(ctx: Ctx[Payroll], entity_id: UUID, corrections: Mapping[UUID, UUID]) -> None:
    """Let the next wage of workers take up what each is owed; where none comes, it is paid alone.

    `corrections` are what is owed, with its worker. A wage is waited for until the day on which it is due.
    """
    today = await ctx.today(entity_id)
    members = sorted(set(corrections.values()))
    rows = await ctx.db.fetch(SQL["next_wages_end_on"], members, entity_id, today)
    ends_on = {row["member_id"]: row["last_day"] for row in rows}
    for correction_id, member_id in corrections.items():
        due = today
        if member_id in ends_on:
            due = wage_due_date(ctx.service.law, ctx.country, ends_on[member_id])
        await deadlines.schedule(
            ctx.db,
            kind=deadline_keys.CORRECTION,
            key=deadline_keys.correction_key(correction_id),
            entity_id=entity_id,
            due=due,
            data={"member_id": str(member_id)},
        )

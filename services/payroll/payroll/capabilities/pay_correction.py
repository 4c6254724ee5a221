"""Pay what is open of a worker's corrected payslips where no wage takes it up."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from payroll.archive import keep_line, keep_remark
from payroll.capabilities.order_wage_payment import order_wage_payment
from payroll.capabilities.take_up_corrections import open_corrections, store_settlements
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

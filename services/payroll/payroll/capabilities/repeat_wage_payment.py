"""Pay a wage again that the bank returned."""

from __future__ import annotations

import logging
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from payroll.capabilities.order_wage_payment import write_order
from payroll.domain.errors import UnknownPayslip, WageNotReturned, WageReturnedTooOften
from payroll.domain.payment import Payment, pay_again
from payroll.rows import PayslipRow, payslip_row
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import file_owner, open_person

log = logging.getLogger(__name__)


@capability
async def repeat_wage_payment(
    ctx: Ctx[Payroll], *, payslip_id: Annotated[UUID, Node("Payslip")]
) -> PayslipRow:
    """Order a returned wage once more, to the account that the member's profile names now.

    For a payroll officer who knows that the same account works again; a member who corrects the account needs
    nobody for it. The fund gave its money for the first order and is not asked again.
    Raises UnknownPayslip, WageNotReturned, WageReturnedTooOften.
    """
    row = await ctx.db.fetchrow(SQL["payslip_to_pay"], payslip_id)
    if row is None:
        raise UnknownPayslip(payslip=payslip_id).at("payslipId")
    await ctx.db.fetchrow(SQL["payroll_profile_for_update"], row["member_id"])
    order = await ctx.db.fetchrow(SQL["current_payment_for_update"], payslip_id)
    if order is None:
        raise WageNotReturned(payslip=payslip_id, paid_on=None)
    await _order_again(ctx, order)
    [found] = await ctx.db.fetch(SQL["payslips_by_key"], [payslip_id])
    return payslip_row(found)


async def repeat_to_another_account(ctx: Ctx[Payroll], member_id: UUID) -> None:
    """Order again every returned wage of a member that went to another account than the profile's.

    The profile is locked: whoever comes second, the correction or the bank's report, sees what the other did.
    The account that failed is not tried again by itself.
    """
    profile = await ctx.db.fetchrow(SQL["payroll_profile_for_update"], member_id)
    assert profile is not None, "who has a payslip has a profile"
    iban = open_person(ctx.service.sealer, member_id, profile["person"]).iban
    for order in await ctx.db.fetch(SQL["returned_payments_of_member"], member_id):
        sent = ctx.service.sealer.open(order["document"], of=file_owner(order["file_id"]))
        if iban.encode() in sent:
            continue
        try:
            await _order_again(ctx, order)
        except WageReturnedTooOften as refusal:
            log.error(
                "a returned wage needs a person",
                extra={"payslip": str(order["payslip_id"]), "code": refusal.code},
            )


async def _order_again(ctx: Ctx[Payroll], order: Record) -> None:
    payment = pay_again(
        Payment(
            payslip_id=order["payslip_id"],
            attempt=order["attempt"],
            source=order["source"],
            funded_on=order["funded_on"],
            paid_on=order["paid_on"],
            returned_on=order["returned_on"],
        )
    )
    row = await ctx.db.fetchrow(SQL["payslip_to_pay"], payment.payslip_id)
    assert row is not None, "an order is of a payslip"
    await ctx.db.execute(SQL["replace_payment"], order["id"], await ctx.today(row["entity_id"]))
    await write_order(ctx, row, payment)

"""Order the payment of a wage for which there is money."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.events import NotYet
from commons.money import Money
from commons.uuid7 import uuid7
from payroll.documents.pain001 import Debtor, WagePayment, transfer_scheme, write_payment_file
from payroll.domain.payment import Payment
from payroll.effects.kinds import BANK_PAY
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import file_owner, open_person


@capability
async def order_wage_payment(ctx: Ctx[Payroll], *, payslip_id: UUID, source: str, funded_on: date) -> None:
    """Order the first payment of a wage; hearing again that there is money for it orders nothing.

    What the bank returns is ordered again by `repeat_wage_payment`, and by nothing else.
    """
    row = await ctx.db.fetchrow(SQL["payslip_to_pay"], payslip_id)
    if row is None:
        raise NotYet(f"payslip {payslip_id}")
    if not row["is_ordered"]:
        await write_order(ctx, row, Payment(payslip_id, attempt=1, source=source, funded_on=funded_on))


async def write_order(ctx: Ctx[Payroll], row: Record, payment: Payment) -> None:
    """Write the file for the bank and keep its bytes: whatever is sent, once or again, is these.

    Its message id comes from the payslip, so that the bank knows a repetition too. On a day on which banks do
    not settle it asks for an instant transfer.
    """
    person = open_person(ctx.service.sealer, row["member_id"], row["person"])
    amount = Money(row["net_payable_minor"], row["currency"])
    today = await ctx.today(row["entity_id"])
    execution_date = max(today, payment.funded_on)
    scheme = transfer_scheme(ctx.service.law, ctx.country, execution_date)
    # The day is the entity's; for one that is not simulated this is the instant itself.
    local = ctx.clock.now().astimezone(ctx.country.time_zone)
    file_id = uuid7()
    document = write_payment_file(
        message_id=payment.message_id,
        created_at=datetime.combine(today, local.timetz()),
        execution_date=execution_date,
        debtor=Debtor(row["entity_name"], row["entity_iban"]),
        payments=[
            WagePayment(
                end_to_end_id=payment.end_to_end_id,
                creditor_name=person.holder_name,
                creditor_iban=person.iban,
                amount=amount,
                remittance=f"{row['entity_name']} {row['period_start']} {row['period_end']}",
            )
        ],
        scheme=scheme,
        decimals=ctx.country.decimals_shown,
    )
    await ctx.db.execute(
        SQL["insert_payment"],
        file_id,
        payment.message_id,
        row["entity_id"],
        scheme,
        execution_date,
        amount.minor,
        amount.currency,
        today,
        ctx.service.sealer.seal(document, of=file_owner(file_id)),
        uuid7(),
        payment.payslip_id,
        payment.end_to_end_id,
        payment.source,
        payment.funded_on,
        payment.attempt,
    )
    payload = {
        "payslip_id": str(payment.payslip_id),
        "file_id": str(file_id),
        "message_id": payment.message_id,
        "end_to_end_id": payment.end_to_end_id,
    }
    await ctx.effect(BANK_PAY, payment.effect_key, payload)

"""Decide that money in suspense goes back to whom it came from."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from commons import ledger
from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from commons.uuid7 import uuid7
from invoicing.domain.allocation import DecisionKind, decide
from invoicing.domain.books import AccountKind, entity_account, refund_decided
from invoicing.domain.numbering import compact_reference
from invoicing.rows import PaymentRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import lock_payment, open_accounts

DEBT: Final = "refund"  # what the first digit of the transfer's reference says is paid


@capability
async def refund_payment(
    ctx: Ctx[Invoicing], *, payment_id: Annotated[UUID, Node("Payment")], amount: Money | None = None
) -> PaymentRow:
    """Give money in suspense back, all of it where no amount is said.

    The transfer is made at the bank, which knows who paid: that is neither kept nor told here. It must carry
    the reference of the decision; the statement that shows it proves that the money is back.
    """
    payment = await lock_payment(ctx.db, payment_id)
    given_back = decide(amount, open_amount=payment.in_suspense)
    today = await ctx.today(payment.entity_id)
    key = uuid7()
    await ctx.db.execute(
        SQL["insert_payment_decision"],
        key,
        payment.id,
        payment.entity_id,
        DecisionKind.REFUNDED.value,
        given_back.minor,
        given_back.currency,
        None,
        None,
        compact_reference(
            ctx.country.payment_reference,
            ctx.service.rules.communication_digits[DEBT],
            await ctx.db.fetchval(SQL["next_reference"]),
        ),
        today,
        ctx.who.subject,
    )
    owed = entity_account(AccountKind.REFUND, payment.entity_id)
    await open_accounts(ctx.db, [owed], given_back.currency)
    await ledger.post(
        ctx.db,
        code="refund_decided",
        ref=str(key),
        actor=ctx.who.subject,
        effective=today,
        legs=refund_decided(entity_id=payment.entity_id, amount=given_back),
    )
    [row] = await ctx.db.fetch(SQL["payments_by_key"], [payment.id])
    return PaymentRow(*row)

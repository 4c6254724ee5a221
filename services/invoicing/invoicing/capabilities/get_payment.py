"""One payment."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain.errors import UnknownPayment
from invoicing.rows import PaymentRow
from invoicing.sql import SQL


@capability
async def get_payment(ctx: Ctx, *, id: Annotated[UUID, Node("Payment")]) -> PaymentRow:
    """One line of a bank statement, by id, with what was decided about it."""
    row = await ctx.read.fetchrow(SQL["payments_by_key"], [id])
    if row is None:
        raise UnknownPayment(payment=id)
    return PaymentRow(*row)

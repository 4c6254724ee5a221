"""The days on which an invoice that is not paid reaches the next level of the dunning ladder."""

from __future__ import annotations

from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline
from invoicing.capabilities.remind_buyer import remind_buyer
from invoicing.service import Invoicing


async def invoice_overdue(ctx: Ctx[Invoicing], deadline: Deadline) -> None:
    """Remind the buyer, if the invoice is still due."""
    await remind_buyer(ctx, invoice_id=UUID(deadline.data["invoice_id"]), level=int(deadline.data["level"]))

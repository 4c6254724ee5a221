"""Write off an invoice that was given up."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from invoicing.capabilities.write_off_invoice import write_off_invoice
from invoicing.events.consumed import WriteOffApproved
from invoicing.service import Invoicing


@consumes(WriteOffApproved)
async def write_off_approved(ctx: Ctx[Invoicing], event: WriteOffApproved) -> None:
    """Give up what is still due on the invoice of the order."""
    await write_off_invoice(
        ctx, order_id=event.order_id, write_off_id=event.write_off_id, approved_on=event.approved_on
    )

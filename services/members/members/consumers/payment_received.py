"""Find the shares that a payment pays, and enter them in the register."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from members.capabilities.enter_shares import enter_shares
from members.domain.payment import Matched, match_payment, normalize_reference
from members.domain.reference import is_ours
from members.events.consumed import PaymentReceived
from members.sql import SQL
from members.store import subscription_from


@consumes(PaymentReceived)
async def payment_received(ctx: Ctx, event: PaymentReceived) -> None:
    """Enter the shares this payment pays; keep a payment that pays none for a person to look at.

    References of other services are theirs: only those that this service gave out are looked at.
    """
    reference = normalize_reference(event.reference)
    if not is_ours(reference):
        return
    row = await ctx.db.fetchrow(SQL["share_subscription_for_payment"], reference)
    found = match_payment(reference, event.amount, [subscription_from(row)] if row else [])
    if isinstance(found, Matched):
        await enter_shares(ctx, subscription=found.subscription, paid_on=event.received_on)
        return
    await ctx.db.execute(
        SQL["insert_unmatched_payment"],
        event.payment_id,
        event.entity_id,
        reference,
        event.amount.minor,
        event.amount.currency,
        event.received_on,
        found.reason.value,
        found.subscription.id if found.subscription else None,
    )

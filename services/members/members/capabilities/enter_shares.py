"""Write paid shares into the register, and admit whoever pays a first one."""

from __future__ import annotations

from datetime import date

from commons.capability import capability
from commons.context import Ctx
from members.domain.register import capabilities_on, enter_payment
from members.domain.rules import membership_rules
from members.domain.subscription import ShareSubscription, mark_paid
from members.events.published import MemberAdmitted, SharesPaid
from members.sql import SQL
from members.store import entries_of, store_entries


@capability
async def enter_shares(ctx: Ctx, *, subscription: ShareSubscription, paid_on: date) -> None:
    """Enter the shares under the next number of the entity's register.

    The payment's own day counts. It may be known a moment before this service turned the entity's page, so
    the entry is written on whichever of the two days is later.
    """
    paid = mark_paid(subscription, paid_on=paid_on)
    today = max(await ctx.today(paid.entity_id), paid_on)
    number = await ctx.db.fetchval(SQL["next_register_number"], paid.entity_id)
    entry = enter_payment(paid, number=number, paid_on=paid_on, today=today)
    await store_entries(ctx.db, [entry])
    await ctx.db.execute(SQL["mark_share_subscription_paid"], paid.id, paid_on)
    entries = await entries_of(ctx.db, paid.member_id, paid.entity_id)
    rules = membership_rules(ctx.country.section("membership"), today)
    entitled_until = capabilities_on(entries, today, rules).entitled_until
    assert entitled_until is not None, "a share was just paid"
    if await ctx.db.fetchval(SQL["admit"], paid.member_id, paid.entity_id, paid_on):
        await ctx.announce(
            MemberAdmitted(
                member_id=paid.member_id,
                entity_id=paid.entity_id,
                category=paid.category,
                admitted_on=paid_on,
            )
        )
    await ctx.announce(
        SharesPaid(
            subscription_id=paid.id,
            member_id=paid.member_id,
            entity_id=paid.entity_id,
            register_number=number,
            quantity=paid.quantity,
            amount=paid.amount,
            paid_on=paid_on,
            entitled_until=entitled_until,
        )
    )

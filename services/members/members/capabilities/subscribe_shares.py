"""Promise to pay for shares, with private money."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Between, Node
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from members.domain import reference as references
from members.domain import subscription as subscriptions
from members.domain.errors import MembershipEnded, NotAMember
from members.domain.rules import membership_rules
from members.events.published import ShareSubscribed
from members.rows import ShareSubscriptionRow
from members.sql import SQL


@capability
async def subscribe_shares(
    ctx: Ctx,
    *,
    member_id: Annotated[UUID, Node("Member")],
    entity_id: Annotated[UUID, Node("Entity")],
    quantity: Annotated[int, Between(1, 1_000)],
) -> ShareSubscriptionRow:
    """Subscribe shares of a legal entity. They count from the day the payment arrives with its reference."""
    today = await ctx.today(entity_id)
    rules = membership_rules(ctx.country.section("membership"), today)
    membership = await ctx.db.fetchrow(SQL["membership"], member_id, entity_id)
    if membership is None:
        raise NotAMember(entity=entity_id)
    if membership["resigned_on"] is not None:
        raise MembershipEnded(entity=entity_id, resigned_on=membership["resigned_on"])
    number = await ctx.db.fetchval(SQL["next_reference"])
    subscription = subscriptions.subscribe(
        id=uuid7(),
        member_id=member_id,
        entity_id=entity_id,
        category=membership["category"],
        quantity=quantity,
        reference=references.reference(ctx.country.payment_reference, number),
        today=today,
        rules=rules,
    )
    await ctx.db.execute(
        SQL["insert_share_subscription"],
        subscription.id,
        member_id,
        entity_id,
        subscription.category,
        quantity,
        subscription.share_value.minor,
        subscription.share_value.currency,
        subscription.reference,
        today,
        subscription.pay_by,
    )
    await ctx.announce(
        ShareSubscribed(
            subscription_id=subscription.id,
            member_id=member_id,
            entity_id=entity_id,
            quantity=quantity,
            amount=subscription.amount,
            year=subscription.year,
            reference=subscription.reference,
            subscribed_on=today,
        )
    )
    [row] = await ctx.db.fetch(SQL["share_subscriptions_by_key"], [subscription.id])
    return ShareSubscriptionRow(*row)

"""Leave a legal entity by a dated letter; all shares are asked back at their nominal value."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from members.domain import resignation as resignations
from members.domain.errors import NotAMember
from members.domain.register import repay_by
from members.domain.rules import membership_rules
from members.events.published import MemberResigned, ShareRedemptionRequested
from members.rows import MemberRow
from members.sql import SQL
from members.store import entries_of, store_entries


@capability
async def resign_membership(
    ctx: Ctx,
    *,
    member_id: Annotated[UUID, Node("Member")],
    entity_id: Annotated[UUID, Node("Entity")],
    letter_date: date,
) -> MemberRow:
    """Resign from a legal entity by a letter to the board; the board enters one that came on paper.

    No reason is asked and nobody approves it. From this day on there is no vote and no new money; what is in
    the budget of an activity may still be spent. Subscriptions that are not paid are cancelled, and the
    shares are repaid at their nominal value within the delay of the statutes, to the account of the payroll
    profile.
    """
    today = await ctx.today(entity_id)
    membership = await ctx.db.fetchrow(SQL["membership"], member_id, entity_id)
    if membership is None:
        raise NotAMember(entity=entity_id)
    resignations.check_may_resign(
        admitted_on=membership["admitted_on"],
        resigned_on=membership["resigned_on"],
        letter_date=letter_date,
        today=today,
    )
    # First: a payment that is being entered is waited for, so that its shares are asked back too.
    await ctx.db.execute(SQL["cancel_open_share_subscriptions"], member_id, entity_id, today)
    number = await ctx.db.fetchval(SQL["next_register_number"], entity_id)
    entries = await entries_of(ctx.db, member_id, entity_id)
    left = resignations.resign(entries, id=uuid7(), number=number, letter_date=letter_date, today=today)
    await store_entries(ctx.db, [left.redemption])
    await ctx.db.execute(
        SQL["insert_resignation"],
        left.id,
        membership["id"],
        entity_id,
        letter_date,
        left.resigned_on,
        ctx.who.subject,
        number,
    )
    await ctx.db.execute(SQL["end_membership"], membership["id"], left.resigned_on)
    rules = membership_rules(ctx.country.section("membership"), today)
    await ctx.announce(
        ShareRedemptionRequested(
            member_id=member_id,
            entity_id=entity_id,
            register_number=number,
            quantity=left.redemption.quantity,
            amount=left.redemption.amount,
            requested_on=today,
            repay_by=repay_by(left.redemption, rules),
        )
    )
    await ctx.announce(
        MemberResigned(
            member_id=member_id,
            entity_id=entity_id,
            letter_date=letter_date,
            resigned_on=left.resigned_on,
            register_number=number,
        )
    )
    [row] = await ctx.db.fetch(SQL["members_by_key"], [member_id])
    return MemberRow(*row)

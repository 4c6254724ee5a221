"""Repay shares that were asked back, at once or in instalments, never more than was paid for them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Between, Node
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from members.domain.errors import RedemptionUnknown
from members.domain.register import pay_redemption, redemptions
from members.events.published import SharesRedeemed
from members.rows import RedemptionRow, redemption_row
from members.sql import SQL
from members.store import entries_of, store_entries


@capability
async def redeem_shares(
    ctx: Ctx,
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    number: Annotated[int, Between(1, 2_147_483_647)],
    amount: Money,
) -> RedemptionRow:
    """Enter that an amount was repaid on the redemption with this register number.

    The register gets an entry of its own; the request stays as it was written. Raises RedemptionUnknown,
    InstalmentInOtherCurrency, InstalmentNotPositive, InstalmentExceedsRedemption.
    """
    today = await ctx.today(entity_id)
    # The counter's row is locked: two instalments of one redemption follow each other.
    next_number = await ctx.db.fetchval(SQL["next_register_number"], entity_id)
    member_id = await ctx.db.fetchval(SQL["member_of_register_number"], entity_id, number)
    if member_id is None:
        raise RedemptionUnknown(number=number).at("number")
    entries = await entries_of(ctx.db, member_id, entity_id)
    instalment = pay_redemption(entries, number=next_number, of=number, amount=amount, today=today)
    await store_entries(ctx.db, [instalment])
    [redemption] = [one for one in redemptions([*entries, instalment]) if one.request.number == number]
    await ctx.announce(
        SharesRedeemed(
            member_id=member_id,
            entity_id=entity_id,
            register_number=next_number,
            redemption_number=number,
            amount=amount,
            open=redemption.open,
            redeemed_on=today,
        )
    )
    return redemption_row(redemption, ctx.country.section("membership"), today)

"""Batch loaders: results in the order of the keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from commons.context import Ctx
from members.domain.register import RegisterEntry, capabilities_on, holding, redemptions
from members.domain.rules import membership_rules
from members.rows import MemberRow, MembershipRow, PayeeRow, ShareSubscriptionRow, redemption_row
from members.sql import SQL
from members.store import entry_from


async def members_by_key(ctx: Ctx, keys: list[str]) -> Sequence[MemberRow | None]:
    """Members."""
    rows = {row["id"]: MemberRow(*row) for row in await ctx.read.fetch(SQL["members_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def memberships_by_member(ctx: Ctx, keys: list[str]) -> list[list[MembershipRow]]:
    """The memberships of members, oldest first, as the register has them on each entity's business day."""
    entries: dict[tuple[str, str], list[RegisterEntry]] = defaultdict(list)
    for record in await ctx.read.fetch(SQL["register_entries_of_members"], keys):
        entries[str(record["member_id"]), str(record["entity_id"])].append(entry_from(record))
    found: dict[str, list[MembershipRow]] = {key: [] for key in keys}
    for record in await ctx.read.fetch(SQL["memberships_by_member"], keys):
        own = entries[record["member_id"], record["entity_id"]]
        today = await ctx.today(UUID(record["entity_id"]))
        law = ctx.country.section("membership")
        rules = membership_rules(law, today)
        held = holding(own, today, rules.share_value.currency)
        may = capabilities_on(own, today, rules)
        found[record["member_id"]].append(
            MembershipRow(
                member_id=record["member_id"],
                entity_id=record["entity_id"],
                category=record["category"],
                applied_on=record["applied_on"],
                admitted_on=record["admitted_on"],
                resigned_on=record["resigned_on"],
                shares=held.shares,
                value=held.value,
                entitled_until=may.entitled_until,
                may_bring_new_money=may.may_bring_new_money,
                may_spend=may.may_spend,
                may_vote=may.may_vote,
                redemptions=[redemption_row(one, law, today) for one in redemptions(own)],
            )
        )
    return [found[key] for key in keys]


async def share_subscriptions_by_key(ctx: Ctx, keys: list[str]) -> Sequence[ShareSubscriptionRow | None]:
    """Share subscriptions."""
    rows = await ctx.read.fetch(SQL["share_subscriptions_by_key"], keys)
    found = {row["id"]: ShareSubscriptionRow(*row) for row in rows}
    return [found.get(key) for key in keys]


async def share_subscriptions_by_member(ctx: Ctx, keys: list[str]) -> list[list[ShareSubscriptionRow]]:
    """The share subscriptions of members, oldest first."""
    found: dict[str, list[ShareSubscriptionRow]] = {key: [] for key in keys}
    for record in await ctx.read.fetch(SQL["share_subscriptions_by_member"], keys):
        found[record["member_id"]].append(ShareSubscriptionRow(*record))
    return [found[key] for key in keys]


async def payees_by_entity(ctx: Ctx, keys: list[str]) -> list[PayeeRow | None]:
    """Whom to pay for shares of an entity."""
    found: dict[str, PayeeRow] = {}
    for key in keys:
        row = await ctx.read.fetchrow(SQL["entity"], key)
        if row:
            found[key] = PayeeRow(row["name"], row["iban"])
    return [found.get(key) for key in keys]

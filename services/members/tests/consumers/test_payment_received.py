from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons.context import Ctx
from commons.database import Pools
from commons.money import Money
from commons.uuid7 import uuid7
from members.capabilities.apply_for_membership import apply_for_membership
from members.capabilities.subscribe_shares import subscribe_shares
from members.consumers.payment_received import payment_received
from members.events.consumed import PaymentReceived
from members.rows import ShareSubscriptionRow

Handle = Callable[[Callable[[Ctx], Awaitable[Any]]], Awaitable[None]]


@pytest.fixture
async def subscription(handle: Handle, pools: Pools, entity: UUID) -> ShareSubscriptionRow:
    """A member's promise to pay one share."""
    made: list[ShareSubscriptionRow] = []

    async def join(ctx: Ctx) -> None:
        member = await apply_for_membership(
            ctx,
            entity_id=entity,
            given_name="Ana",
            family_name="Lambert",
            email="ana@example.org",
            birth_date=date(1990, 4, 1),
            language="fr",
        )
        made.append(await subscribe_shares(ctx, member_id=UUID(member.key), entity_id=entity, quantity=1))

    await handle(join)
    return made[0]


def a_payment(subscription: ShareSubscriptionRow, entity: UUID, amount: str = "30.00") -> PaymentReceived:
    return PaymentReceived(
        payment_id=uuid7(),
        entity_id=entity,
        reference=subscription.compact_reference,
        amount=Money.of(amount, "EUR"),
        received_on=date(2026, 6, 8),
    )


async def announced(pools: Pools, member: str) -> list[str]:
    rows = await pools.read.fetch("select type from outbox where agg_id = $1 order by agg_version", member)
    return [row["type"] for row in rows]


async def test_a_paid_share_enters_the_register_and_admits_the_member(
    handle: Handle, pools: Pools, entity: UUID, subscription: ShareSubscriptionRow
) -> None:
    await handle(lambda ctx: payment_received(ctx, a_payment(subscription, entity)))
    entry = await pools.read.fetchrow("select number, kind from register_entry where entity_id = $1", entity)
    assert entry is not None
    assert (entry["number"], entry["kind"]) == (1, "paid")
    assert await announced(pools, subscription.member_id) == [
        "members.ShareSubscribed.v1",
        "members.MemberAdmitted.v1",
        "members.SharesPaid.v1",
    ]
    paid = await pools.read.fetchval(
        "select data from outbox where agg_id = $1 and type like '%SharesPaid%'", subscription.member_id
    )
    assert paid["entitled_until"] == "2026-12-31"


async def test_the_same_share_paid_twice_enters_the_register_once_and_a_person_looks_at_the_rest(
    handle: Handle, pools: Pools, entity: UUID, subscription: ShareSubscriptionRow
) -> None:
    await handle(lambda ctx: payment_received(ctx, a_payment(subscription, entity)))
    await handle(lambda ctx: payment_received(ctx, a_payment(subscription, entity)))
    assert await pools.read.fetchval("select count(*) from register_entry where entity_id = $1", entity) == 1
    assert await pools.read.fetchval("select reason from unmatched_payment where entity_id = $1", entity) == (
        "already_paid"
    )


@pytest.mark.parametrize(("amount", "reason"), [("29.99", "underpaid"), ("31.00", "overpaid")])
async def test_a_wrong_amount_buys_no_share_and_is_not_lost(
    handle: Handle, pools: Pools, entity: UUID, subscription: ShareSubscriptionRow, amount: str, reason: str
) -> None:
    await handle(lambda ctx: payment_received(ctx, a_payment(subscription, entity, amount)))
    assert await pools.read.fetchval("select count(*) from register_entry where entity_id = $1", entity) == 0
    found = await pools.read.fetchval("select reason from unmatched_payment where entity_id = $1", entity)
    assert found == reason


async def test_the_payment_of_an_invoice_is_none_of_our_business(
    handle: Handle, pools: Pools, entity: UUID
) -> None:
    event = PaymentReceived(
        payment_id=uuid7(),
        entity_id=entity,
        reference="200000000125",
        amount=Money.of("1210.00", "EUR"),
        received_on=date(2026, 6, 8),
    )
    await handle(lambda ctx: payment_received(ctx, event))
    assert (
        await pools.read.fetchval("select count(*) from unmatched_payment where entity_id = $1", entity) == 0
    )


async def test_the_register_cannot_be_changed(pools: Pools) -> None:
    with pytest.raises(Exception, match="never changed"):
        await pools.write.execute("update register_entry set quantity = 2")

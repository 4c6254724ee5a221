from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.capabilities.test_resign_membership import Joined

from commons.claims import Claims
from commons.clock import BusinessDayOpened
from commons.context import Ctx
from commons.database import Pools
from commons.testing.api import AskedApi
from members.consumers.business_day_opened import business_day_opened

Handle = Callable[[Callable[[Ctx], Awaitable[Any]]], Awaitable[None]]
ACCOUNTANT = Claims(subject="accountant", roles=frozenset({"accountant"}))
REDEMPTION = """
  number quantity amount { amount } repaid { amount } open { amount } requestedOn repayBy isOverdue
"""
REDEEM = f"""
mutation ($entity: ID!, $number: Int!, $amount: Decimal!, $currency: String! = "EUR") {{
  redeemShares(entityId: $entity, number: $number, amount: {{amount: $amount, currency: $currency}}) {{
    ... on ShareRedemption {{ {REDEMPTION} }}
    ... on Refusal {{ code path facts }}
  }}
}}
"""
OWED = f"""
query ($entity: ID!, $after: String) {{
  shareRedemptions(entityId: $entity, first: 1, after: $after) {{
    nodes {{ {REDEMPTION} }} pageInfo {{ endCursor hasNextPage }}
  }}
}}
"""


@pytest.fixture
async def left(api: AskedApi, handle: Handle, entity: UUID) -> Joined:
    """Somebody who gave two shares back, under number 2 of the register."""
    joined = Joined(api, handle, entity, f"left {entity}")
    await joined.admit(2)
    await joined.resign()
    return joined


async def redeem(left: Joined, amount: str, number: int = 2, **changes: Any) -> dict[str, Any]:
    answer = await left.api.ask(
        REDEEM, who=ACCOUNTANT, entity=left.entity_id, number=number, amount=amount, **changes
    )
    found: dict[str, Any] = answer.data["redeemShares"]
    return found


async def test_each_instalment_is_an_entry_of_its_own_and_the_request_stays_as_it_was_written(
    pools: Pools, left: Joined
) -> None:
    before = await pools.read.fetch("select * from register_entry where entity_id = $1", left.entity)
    first = await redeem(left, "25.00")
    assert (first["repaid"]["amount"], first["open"]["amount"]) == ("25.00", "35.00")
    second = await redeem(left, "35.00")
    assert (second["repaid"]["amount"], second["open"]["amount"]) == ("60.00", "0.00")
    after = await pools.read.fetch(
        "select * from register_entry where entity_id = $1 order by number", left.entity
    )
    assert after[: len(before)] == before
    assert [(row["kind"], row["of_number"], row["amount_minor"]) for row in after[len(before) :]] == [
        ("redemption_paid", 2, 2500),
        ("redemption_paid", 2, 3500),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": "60.01"}, "InstalmentExceedsRedemption"),
        ({"amount": "0.00"}, "InstalmentNotPositive"),
        ({"amount": "-1.00"}, "InstalmentNotPositive"),
        ({"amount": "30.00", "number": 1}, "RedemptionUnknown"),
        ({"amount": "30.00", "number": 99}, "RedemptionUnknown"),
        ({"amount": "30.00", "number": 0}, "NumberOutOfRange"),
    ],
)
async def test_what_cannot_be_repaid_is_refused_and_leaves_no_gap_in_the_register(
    pools: Pools, left: Joined, changes: dict[str, Any], code: str
) -> None:
    assert (await redeem(left, **changes))["code"] == code
    await redeem(left, "60.00")
    numbers = await pools.read.fetch(
        "select number from register_entry where entity_id = $1 order by number", left.entity
    )
    assert [row["number"] for row in numbers] == [1, 2, 3]


async def test_an_amount_in_another_currency_is_refused(left: Joined) -> None:
    assert (await redeem(left, "30.00", currency="SEK"))["code"] == "InstalmentInOtherCurrency"


async def test_two_who_repay_at_the_same_time_do_not_repay_twice(pools: Pools, left: Joined) -> None:
    answers = await asyncio.gather(*(redeem(left, "60.00") for _ in range(4)))
    assert sorted(one.get("code", "repaid") for one in answers) == [
        *["InstalmentExceedsRedemption"] * 3,
        "repaid",
    ]
    repaid = await pools.read.fetchval(
        "select sum(amount_minor) from register_entry where entity_id = $1 and kind = 'redemption_paid'",
        left.entity,
    )
    assert repaid == 6000


async def test_what_is_owed_is_shown_with_its_last_day_and_is_overdue_the_day_after(
    api: AskedApi, handle: Handle, entity: UUID, left: Joined
) -> None:
    other = Joined(api, handle, entity, f"other {entity}")
    await other.admit()
    await other.resign()
    await redeem(left, "60.00")
    opened = BusinessDayOpened(entity_id=entity, day=date(2029, 6, 6))
    await handle(lambda ctx: business_day_opened(ctx, opened))
    answer = await api.ask(OWED, who=ACCOUNTANT, entity=left.entity_id)
    page = answer.data["shareRedemptions"]
    [first] = page["nodes"]
    assert (first["number"], first["open"]["amount"], first["isOverdue"]) == (2, "0.00", False)
    assert page["pageInfo"]["hasNextPage"]
    answer = await api.ask(OWED, who=ACCOUNTANT, entity=left.entity_id, after=page["pageInfo"]["endCursor"])
    [second] = answer.data["shareRedemptions"]["nodes"]
    assert (second["repayBy"], second["open"]["amount"], second["isOverdue"]) == ("2029-06-05", "30.00", True)


@pytest.mark.parametrize("role", ["member", "adviser", "board", "auditor"])
async def test_only_the_accountant_enters_what_was_repaid(left: Joined, role: str) -> None:
    who = Claims(subject=role, roles=frozenset({role}), member_id=left.who.member_id)
    answer = await left.api.ask(REDEEM, who=who, entity=left.entity_id, number=2, amount="60.00")
    assert answer.codes == ["FORBIDDEN"]

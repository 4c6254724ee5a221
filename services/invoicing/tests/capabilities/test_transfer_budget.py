from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons.claims import Claims
from commons.ledger import check_invariants
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.capabilities.open_activity import open_activity

TRANSFER = """
mutation ($from: ID!, $to: ID!, $amount: Decimal!, $currency: String! = "EUR") {
  transferBudget(fromActivityId: $from, toActivityId: $to, amount: {amount: $amount, currency: $currency}) {
    ... on Activity { balance { available { amount } } ledgerEntries { code isDebit amount { amount } } }
    ... on Refusal { code path facts }
  }
}
"""


async def transfer(
    api: AskedApi, desk: Any, to: UUID, amount: str, who: Claims | None = None, **more: Any
) -> Any:
    answer = await api.ask(
        TRANSFER,
        who=who or desk.who,
        to=desk.id("Activity", to),
        amount=amount,
        **{"from": desk.id("Activity", desk.activity), **more},
    )
    return answer.data["transferBudget"]


@pytest.fixture
async def light(desk: Any) -> UUID:
    """Another activity of the same member; the first one has 935.00."""
    await desk.cover(await desk.confirm())
    opened = await desk.do(lambda ctx: open_activity(ctx, entity_id=desk.entity, name="Light"), desk.who)
    return UUID(opened.key)


async def test_the_whole_amount_arrives_and_nothing_is_levied(api: AskedApi, desk: Any, light: UUID) -> None:
    given = await transfer(api, desk, light, "935.00")
    assert given["balance"]["available"]["amount"] == "0.00"
    assert given["ledgerEntries"][0] == {
        "code": "budget_transfer",
        "isDebit": True,
        "amount": {"amount": "935.00"},
    }
    body = await desk.body(desk.activity, "BudgetTransferred")
    assert (body["to_activity_id"], body["amount"]["minor"]) == (str(light), "93500")


@pytest.mark.parametrize(
    ("amount", "more", "code"),
    [
        ("935.01", {}, "BudgetTooSmall"),
        ("0.00", {}, "TransferNotPositive"),
        ("-1.00", {}, "TransferNotPositive"),
        ("1.00", {"currency": "SEK"}, "TransferInOtherCurrency"),
    ],
)
async def test_an_amount_that_cannot_be_given_is_refused(
    api: AskedApi, desk: Any, light: UUID, amount: str, more: dict[str, Any], code: str
) -> None:
    refusal = await transfer(api, desk, light, amount, **more)
    assert (refusal["code"], refusal["path"]) == (code, ["amount"])
    assert await desk.balance() == ("935.00", "0.00")


async def test_what_is_held_for_a_contract_cannot_be_given_away(
    api: AskedApi, desk: Any, light: UUID
) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    await desk.request_contract(order, "1800.00")
    refusal = await transfer(api, desk, light, "70.01")
    assert refusal["code"] == "BudgetTooSmall"
    assert refusal["facts"]["available"]["amount"] == "70.00"


async def test_only_an_administrator_gives_and_never_to_the_same_activity(
    api: AskedApi, desk: Any, light: UUID
) -> None:
    stranger = Claims(subject="s", roles=frozenset({"member"}), member_id=uuid7())
    assert (await transfer(api, desk, light, "1.00", who=stranger))["code"] == "NotInActivity"
    assert (await transfer(api, desk, desk.activity, "1.00"))["code"] == "TransferToItself"
    assert (await transfer(api, desk, uuid7(), "1.00"))["code"] == "UnknownActivity"


async def test_it_is_new_money_for_the_activity_that_receives_it(
    api: AskedApi, desk: Any, light: UUID
) -> None:
    await desk.open_day(date(2027, 1, 4))
    assert (await transfer(api, desk, light, "1.00"))["code"] == "MembershipNotPaid"


async def test_between_two_legal_entities_nothing_is_transferred(
    api: AskedApi, desk: Any, light: UUID
) -> None:
    other = type(desk)(desk.pools, desk.country, desk.service)
    await other.open()
    assert (await transfer(api, desk, other.activity, "1.00"))["code"] == "TransferToOtherEntity"


async def test_gifts_in_both_directions_at_once_neither_block_each_other_nor_lose_a_cent(
    api: AskedApi, desk: Any, light: UUID
) -> None:
    await transfer(api, desk, light, "500.00")
    ids = {"from": desk.id("Activity", light)}
    await asyncio.gather(
        *(transfer(api, desk, light, "20.00") for _ in range(5)),
        *(transfer(api, desk, desk.activity, "20.00", **ids) for _ in range(5)),
    )
    assert await desk.balance() == ("435.00", "0.00")
    async with desk.pools.read.acquire() as db:
        assert await check_invariants(db) == []

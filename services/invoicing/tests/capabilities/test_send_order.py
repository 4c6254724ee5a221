from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

SEND = """
mutation ($order: ID!) {
  sendOrder(orderId: $order) {
    ... on Order { state sentOn sentAt }
    ... on Refusal { code message path }
  }
}
"""
ORDER = "query ($order: ID!) { order(id: $order) { number state } }"


async def send(api: AskedApi, desk: Any, order: str, who: Claims | None = None) -> Any:
    answer = await api.ask(SEND, who=who or desk.who, order=desk.id("Order", order))
    return answer.data["sendOrder"]


async def test_an_order_is_sent_on_the_day_of_its_entity(api: AskedApi, desk: Any) -> None:
    sent = await send(api, desk, (await desk.draft()).key)
    assert (sent["state"], sent["sentOn"]) == ("SENT", "2026-06-05")


@pytest.mark.parametrize("role", ["member", "adviser", "auditor", "operator"])
async def test_nobody_reads_the_link_that_was_sent_to_the_buyer(api: AskedApi, desk: Any, role: str) -> None:
    order: UUID = await desk.send()
    who = Claims(subject=role, roles=frozenset({role}), member_id=desk.member)
    ask = "query ($order: ID!) { order(id: $order) { link } }"
    answer = await api.ask(ask, who=who, order=desk.id("Order", order))
    assert "Cannot query field 'link'" in answer.body["errors"][0]["message"]
    assert await desk.token(order) not in str(answer.body)


async def test_what_asks_for_the_message_holds_neither_link_nor_address(
    api: AskedApi, pools: Pools, desk: Any
) -> None:
    order = (await desk.draft()).key
    await send(api, desk, order)
    rows = await pools.read.fetch("select payload from effect where kind = 'mail.order' and key = $1", order)
    assert [row["payload"] for row in rows] == [{"order_id": order}]


async def test_an_order_is_sent_once(api: AskedApi, desk: Any) -> None:
    order = (await desk.draft()).key
    await send(api, desk, order)
    assert (await send(api, desk, order))["code"] == "OrderNotDraft"


async def test_an_order_is_not_sent_after_its_last_day_nor_without_a_paid_share(
    api: AskedApi, desk: Any
) -> None:
    late, unpaid = (await desk.draft()).key, (await desk.draft(valid_until=date(2027, 5, 1))).key
    await desk.open_day(date(2026, 7, 6))
    assert (await send(api, desk, late))["code"] == "OrderExpired"
    await desk.open_day(date(2027, 1, 1))
    assert (await send(api, desk, unpaid))["code"] == "MembershipNotPaid"


async def test_nobody_sends_or_reads_the_order_of_somebody_else(api: AskedApi, desk: Any) -> None:
    order = (await desk.draft()).key
    stranger = Claims(subject="stranger", roles=frozenset({"member"}), member_id=uuid7())
    assert (await send(api, desk, order, who=stranger))["code"] == "NotYours"
    assert (await send(api, desk, str(uuid7())))["code"] == "UnknownOrder"
    for key in (order, str(uuid7())):
        answer = await api.ask(ORDER, who=stranger, order=desk.id("Order", key))
        assert answer.codes == ["FORBIDDEN"]


async def test_staff_reads_the_order(api: AskedApi, desk: Any) -> None:
    order: UUID = await desk.send()
    for role in ("adviser", "accountant"):
        who = Claims(subject=role, roles=frozenset({role}))
        answer = await api.ask(ORDER, who=who, order=desk.id("Order", order))
        assert answer.body["data"]["order"]["state"] == "SENT"

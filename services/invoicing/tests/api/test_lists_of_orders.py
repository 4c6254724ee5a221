from __future__ import annotations

from typing import Any

from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

ORDERS = """
query ($activity: ID!, $first: Int! = 2, $after: String) {
  orders(activityId: $activity, first: $first, after: $after) {
    nodes { number totalWithVat { amount } buyer { name } activity { name } }
    pageInfo { endCursor hasNextPage }
  }
}
"""
ENTITY = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Order { number state } ... on Entity { businessDay } }
}
"""


async def test_orders_come_in_pages_and_in_their_order(api: AskedApi, desk: Any) -> None:
    for _ in range(3):
        await desk.draft()
    ids = {"activity": desk.id("Activity", desk.activity)}
    first = (await api.ask(ORDERS, who=desk.who, **ids)).data["orders"]
    assert [node["number"] for node in first["nodes"]] == ["O2026-000001", "O2026-000002"]
    assert first["pageInfo"]["hasNextPage"]
    rest = (await api.ask(ORDERS, who=desk.who, after=first["pageInfo"]["endCursor"], **ids)).data["orders"]
    assert [node["number"] for node in rest["nodes"]] == ["O2026-000003"]
    assert not rest["pageInfo"]["hasNextPage"]
    assert rest["nodes"][0]["buyer"] == {"name": "Client SA"}


async def test_a_stranger_sees_none_of_them_and_nobody_without_a_token(api: AskedApi, desk: Any) -> None:
    await desk.draft()
    ids = {"activity": desk.id("Activity", desk.activity)}
    stranger = Claims(subject="stranger", roles=frozenset({"member"}), member_id=uuid7())
    assert (await api.ask(ORDERS, who=stranger, **ids)).data["orders"]["nodes"] == []
    assert (await api.ask(ORDERS, **ids)).codes == ["UNAUTHENTICATED"]


async def test_the_gateway_fetches_an_order_only_for_whoever_may_see_it(api: AskedApi, desk: Any) -> None:
    order = desk.id("Order", (await desk.draft()).key)
    asked = [
        {"__typename": "Order", "id": order},
        {"__typename": "Entity", "id": desk.id("Entity", desk.entity)},
    ]
    answer = await api.ask(ENTITY, who=desk.who, representations=asked)
    assert answer.data["_entities"] == [
        {"number": "O2026-000001", "state": "DRAFT"},
        {"businessDay": "2026-06-05"},
    ]
    stranger = Claims(subject="stranger", roles=frozenset({"member"}), member_id=uuid7())
    answer = await api.ask(ENTITY, who=stranger, representations=asked)
    assert answer.codes == ["FORBIDDEN"]

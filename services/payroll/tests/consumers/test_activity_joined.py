from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from tests.an_office import Office

from commons import global_id
from commons.access import NotYours
from commons.claims import Claims
from commons.testing.api import AskedApi
from payroll.consumers.activity_joined import activity_joined
from payroll.events.consumed import ActivityJoined

CONTRACTS = """
query ($orders: [_Any!]!) { _entities(representations: $orders) { ... on Order { contracts { member { id } } } } }
"""
CONTRACT = "query ($id: ID!) { contract(id: $id) { id } }"


async def join(office: Office, entity: UUID, order: UUID, who: Claims) -> None:
    activity = await office.pools.read.fetchval(
        "select activity_id from confirmed_order where id = $1", order
    )
    assert who.member_id is not None
    event = ActivityJoined(
        activity_id=activity, entity_id=entity, member_id=who.member_id, joined_on=date(2026, 6, 5)
    )
    for _ in range(2):  # heard twice is joined once
        await office.run(lambda ctx: activity_joined(ctx, event))


async def test_whoever_joined_the_activity_has_a_contract_of_their_own_under_its_order(
    office: Office, entity: UUID
) -> None:
    anna, bruno = await office.member(entity), await office.member(entity)
    order = await office.order(entity, anna)
    with pytest.raises(NotYours):
        await office.contract(order, bruno)
    await join(office, entity, order, bruno)
    contract = await office.contract(order, bruno)
    assert contract.member_id == str(bruno.member_id)
    assert (await office.contract(order, anna)).member_id == str(anna.member_id)


async def test_of_the_contracts_of_an_order_each_sees_the_own_ones_and_staff_sees_all(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    anna, bruno, stranger = [await office.member(entity) for _ in range(3)]
    order = await office.order(entity, anna)
    await join(office, entity, order, bruno)
    contracts = {who: await office.contract(order, who) for who in (anna, bruno)}
    orders = [{"__typename": "Order", "id": global_id.encode("BE", "Order", order)}]
    for who in (anna, bruno):
        answer = await api.ask(CONTRACTS, who=who, orders=orders)
        [seen] = answer.data["_entities"]
        assert who.member_id is not None
        assert [one["member"]["id"] for one in seen["contracts"]] == [
            global_id.encode("BE", "Member", who.member_id)
        ]
    adviser = Claims(subject="adviser", roles=frozenset({"adviser"}), countries=frozenset({"BE"}))
    [seen] = (await api.ask(CONTRACTS, who=adviser, orders=orders)).data["_entities"]
    assert len(seen["contracts"]) == 2
    assert (await api.ask(CONTRACTS, who=stranger, orders=orders)).codes == ["FORBIDDEN"]
    other = global_id.encode("BE", "Contract", UUID(contracts[anna].key))
    assert (await api.ask(CONTRACT, who=bruno, id=other)).codes == ["FORBIDDEN"]

from __future__ import annotations

from uuid import UUID

from commons import global_id
from commons.claims import Claims
from commons.database import Pools
from commons.identifiers import read_payment_reference
from commons.testing.api import AskedApi

APPLY = """
mutation ($entity: ID!) {
  applyForMembership(entityId: $entity, givenName: "Ana", familyName: "Lambert", email: "ana@example.org",
                     birthDate: "1990-04-01", language: "fr") { ... on Member { id } }
}
"""
SUBSCRIBE = """
mutation ($member: ID!, $entity: ID!, $quantity: Int! = 1) {
  subscribeShares(memberId: $member, entityId: $entity, quantity: $quantity) {
    ... on ShareSubscription { id quantity amount { amount currency } reference payBy isPaid payTo { name iban } }
    ... on Refusal { code message path facts }
  }
}
"""


async def a_member(api: AskedApi, entity: UUID, subject: str) -> tuple[str, Claims]:
    entity_id = global_id.encode("BE", "Entity", entity)
    answer = await api.ask(APPLY, who=Claims(subject=subject), entity=entity_id)
    member_id: str = answer.data["applyForMembership"]["id"]
    return member_id, Claims(
        subject=subject, roles=frozenset({"member"}), member_id=global_id.decode(member_id).key
    )


async def test_a_share_costs_thirty_euros_and_is_paid_under_a_reference(api: AskedApi, entity: UUID) -> None:
    member, who = await a_member(api, entity, "ana")
    answer = await api.ask(SUBSCRIBE, who=who, member=member, entity=global_id.encode("BE", "Entity", entity))
    subscription = answer.data["subscribeShares"]
    assert subscription["amount"] == {"amount": "30.00", "currency": "EUR"}
    assert subscription["payBy"] == "2026-06-15"
    assert not subscription["isPaid"]
    assert subscription["payTo"]["iban"] == "BE68539007547034"
    assert read_payment_reference(subscription["reference"]).startswith("1")


async def test_two_subscriptions_never_share_a_reference(api: AskedApi, entity: UUID) -> None:
    member, who = await a_member(api, entity, "twice")
    entity_id = global_id.encode("BE", "Entity", entity)
    references = {
        (await api.ask(SUBSCRIBE, who=who, member=member, entity=entity_id)).data["subscribeShares"][
            "reference"
        ]
        for _ in range(3)
    }
    assert len(references) == 3


async def test_nobody_subscribes_for_somebody_else(api: AskedApi, pools: Pools, entity: UUID) -> None:
    member, _ = await a_member(api, entity, "victim")
    _, other = await a_member(api, entity, "other")
    answer = await api.ask(
        SUBSCRIBE, who=other, member=member, entity=global_id.encode("BE", "Entity", entity)
    )
    assert answer.codes == ["FORBIDDEN"]


async def test_a_hundred_and_one_shares_look_like_a_slip_and_are_refused(api: AskedApi, entity: UUID) -> None:
    member, who = await a_member(api, entity, "greedy")
    entity_id = global_id.encode("BE", "Entity", entity)
    answer = await api.ask(SUBSCRIBE, who=who, member=member, entity=entity_id, quantity=101)
    assert answer.data["subscribeShares"]["code"] == "ShareQuantityOutOfRange"
    answer = await api.ask(SUBSCRIBE, who=who, member=member, entity=entity_id, quantity=-5)
    assert answer.data["subscribeShares"]["code"] == "NumberOutOfRange"

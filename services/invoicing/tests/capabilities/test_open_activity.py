from __future__ import annotations

from typing import Any

from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

OPEN = """
mutation ($entity: ID!) {
  openActivity(entityId: $entity, name: "Atelier Son") {
    ... on Activity { id name openedOn entity { name businessDay } member { id } balance { posted { amount } available { amount } } }
    ... on Refusal { code path }
  }
}
"""
READ = """
query ($activity: ID!, $member: ID!) {
  activity(id: $activity) { name balance { available { amount } } ledgerEntries { code } }
  activities(memberId: $member) { nodes { id } pageInfo { hasNextPage } }
}
"""


async def test_an_admitted_member_opens_an_activity_with_an_empty_budget(api: AskedApi, desk: Any) -> None:
    answer = await api.ask(OPEN, who=desk.who, entity=desk.id("Entity", desk.entity))
    opened = answer.data["openActivity"]
    assert (opened["name"], opened["openedOn"]) == ("Atelier Son", "2026-06-05")
    assert opened["entity"] == {"name": "Coopérative Exemple SC", "businessDay": "2026-06-05"}
    assert opened["member"]["id"] == desk.id("Member", desk.member)
    assert opened["balance"] == {"posted": {"amount": "0.00"}, "available": {"amount": "0.00"}}
    [activity] = [desk.activity]
    assert await desk.told(activity) == ["ActivityOpened"]


async def test_somebody_who_was_not_admitted_opens_none(api: AskedApi, desk: Any) -> None:
    who = Claims(subject="applicant", roles=frozenset({"member"}), member_id=uuid7())
    answer = await api.ask(OPEN, who=who, entity=desk.id("Entity", desk.entity))
    assert answer.data["openActivity"]["code"] == "NotAdmitted"
    answer = await api.ask(OPEN, who=Claims(subject="x"), entity=desk.id("Entity", desk.entity))
    assert answer.codes == ["FORBIDDEN"]


async def test_one_sees_ones_own_activities_and_staff_sees_them_too(api: AskedApi, desk: Any) -> None:
    ids = {"activity": desk.id("Activity", desk.activity), "member": desk.id("Member", desk.member)}
    for who in (
        desk.who,
        *(Claims(subject=r, roles=frozenset({r})) for r in ("adviser", "accountant", "board")),
    ):
        answer = await api.ask(READ, who=who, **ids)
        assert answer.data["activity"]["balance"]["available"]["amount"] == "0.00"
        assert [node["id"] for node in answer.data["activities"]["nodes"]] == [ids["activity"]]
    stranger = Claims(subject="s", roles=frozenset({"member"}), member_id=uuid7())
    assert set((await api.ask(READ, who=stranger, **ids)).codes) == {"FORBIDDEN"}

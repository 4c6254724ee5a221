from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.capabilities.test_invite_participant import invite, somebody

from commons.claims import Claims
from commons.testing.api import AskedApi

ACCEPT = """
mutation ($activity: ID!) {
  acceptInvitation(activityId: $activity) { ... on Activity { id name } ... on Refusal { code } }
}
"""
READ = "query ($activity: ID!) {{ activity(id: $activity) {{ {field} }} }}"
ORDERS = "query ($activity: ID!) { orders(activityId: $activity) { nodes { id } } }"
ORDER = "query ($order: ID!) {{ order(id: $order) {{ {field} }} }}"


async def accept(api: AskedApi, desk: Any, who: Claims) -> Any:
    answer = await api.ask(ACCEPT, who=who, activity=desk.id("Activity", desk.activity))
    return answer.data["acceptInvitation"]


async def joined(api: AskedApi, desk: Any, role: str) -> Claims:
    guest = somebody()
    if role == "ADMINISTRATOR":
        await desk.join(guest.member_id)
    await invite(api, desk, guest.member_id, role=role)
    assert "id" in await accept(api, desk, guest)
    return guest


async def test_whoever_accepts_has_the_role_and_payroll_is_told(api: AskedApi, desk: Any) -> None:
    guest = await joined(api, desk, "PARTICIPANT")
    assert await desk.told(desk.activity) == ["ActivityOpened", "ActivityJoined"]
    body = await desk.body(desk.activity, "ActivityJoined")
    assert (body["member_id"], body["role"]) == (str(guest.member_id), "participant")


async def test_an_invitation_is_accepted_once_even_by_two_clicks_at_once(api: AskedApi, desk: Any) -> None:
    guest = somebody()
    await invite(api, desk, guest.member_id)
    answers = await asyncio.gather(*(accept(api, desk, guest) for _ in range(3)))
    assert sorted(one.get("code", "joined") for one in answers) == ["InvitationUnknown"] * 2 + ["joined"]


async def test_the_invitation_of_somebody_else_is_not_mine(api: AskedApi, desk: Any) -> None:
    await invite(api, desk, somebody().member_id)
    assert (await accept(api, desk, somebody()))["code"] == "InvitationUnknown"


async def test_an_administrator_must_have_been_admitted_and_a_participant_need_not(
    api: AskedApi, desk: Any
) -> None:
    stranger = somebody()
    await invite(api, desk, stranger.member_id, role="ADMINISTRATOR")
    assert (await accept(api, desk, stranger))["code"] == "NotAdmitted"
    await joined(api, desk, "PARTICIPANT")


@pytest.mark.parametrize(
    ("role", "sees", "does_not_see"),
    [
        ("ADMINISTRATOR", ["name", "balance { held { amount } }", "ledgerEntries { code }"], []),
        ("PARTICIPANT", ["name", "balance { held { amount } }"], ["ledgerEntries { code }"]),
        ("OCCASIONAL_PARTICIPANT", ["name"], ["balance { held { amount } }", "participations { role }"]),
    ],
)
async def test_each_role_sees_its_part_of_an_activity(
    api: AskedApi, desk: Any, role: str, sees: list[str], does_not_see: list[str]
) -> None:
    guest = await joined(api, desk, role)
    activity = desk.id("Activity", desk.activity)
    for field in sees:
        assert (await api.ask(READ.format(field=field), who=guest, activity=activity)).codes == []
    for field in does_not_see:
        assert (await api.ask(READ.format(field=field), who=guest, activity=activity)).codes == ["FORBIDDEN"]


async def test_a_participant_sees_the_orders_and_not_who_the_client_is(api: AskedApi, desk: Any) -> None:
    order = await desk.confirm()
    activity = desk.id("Activity", desk.activity)
    guest = await joined(api, desk, "PARTICIPANT")
    listed = (await api.ask(ORDERS, who=guest, activity=activity)).data["orders"]["nodes"]
    assert listed == [{"id": desk.id("Order", order)}]
    ids = {"order": desk.id("Order", order)}
    assert (await api.ask(ORDER.format(field="title"), who=guest, **ids)).codes == []
    for field in ("buyer { name }", "invoice { id }"):
        assert (await api.ask(ORDER.format(field=field), who=guest, **ids)).codes == ["FORBIDDEN"]
    occasional = await joined(api, desk, "OCCASIONAL_PARTICIPANT")
    assert (await api.ask(ORDER.format(field="title"), who=occasional, **ids)).codes == ["FORBIDDEN"]

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

INVITE = """
mutation ($activity: ID!, $member: ID!, $role: ActivityRole! = PARTICIPANT) {
  inviteParticipant(activityId: $activity, memberId: $member, role: $role) {
    ... on Activity { id participations { member { id } role } }
    ... on Refusal { code path }
  }
}
"""
INVITATIONS = """
query ($member: ID!) { activityInvitations(memberId: $member) { nodes { activityName role invitedBy { id } } } }
"""


def somebody(role: str = "member") -> Claims:
    key = uuid7()
    return Claims(subject=f"{role} {key}", roles=frozenset({role}), member_id=key)


async def invite(
    api: AskedApi, desk: Any, member: UUID | None, who: Claims | None = None, **more: Any
) -> Any:
    return await api.ask(
        INVITE,
        who=who or desk.who,
        activity=desk.id("Activity", desk.activity),
        member=desk.id("Member", member or uuid7()),
        **more,
    )


async def test_an_invitation_is_seen_by_whoever_is_invited_and_gives_no_role_yet(
    api: AskedApi, desk: Any
) -> None:
    guest = somebody()
    answer = await invite(api, desk, guest.member_id)
    assert len(answer.data["inviteParticipant"]["participations"]) == 1
    own = desk.id("Member", guest.member_id)
    found = (await api.ask(INVITATIONS, who=guest, member=own)).data["activityInvitations"]["nodes"]
    assert found == [
        {
            "activityName": "Atelier Web",
            "role": "PARTICIPANT",
            "invitedBy": {"id": desk.id("Member", desk.member)},
        }
    ]
    assert (await api.ask(INVITATIONS, who=somebody(), member=own)).codes == ["FORBIDDEN"]


async def test_one_is_invited_once_and_not_where_one_is_already(api: AskedApi, desk: Any) -> None:
    guest = somebody()
    await invite(api, desk, guest.member_id)
    answer = await invite(api, desk, guest.member_id)
    assert answer.data["inviteParticipant"] == {"code": "AlreadyInvited", "path": ["memberId"]}
    answer = await invite(api, desk, desk.member)
    assert answer.data["inviteParticipant"]["code"] == "AlreadyInActivity"


async def test_only_an_administrator_of_the_activity_invites(api: AskedApi, desk: Any) -> None:
    answer = await invite(api, desk, None, who=somebody())
    assert answer.data["inviteParticipant"]["code"] == "NotInActivity"


@pytest.mark.parametrize("role", ["adviser", "accountant", "board", "auditor", "operator"])
async def test_staff_does_not_put_people_into_activities(api: AskedApi, desk: Any, role: str) -> None:
    assert (await invite(api, desk, None, who=somebody(role))).codes == ["FORBIDDEN"]

from __future__ import annotations

from datetime import date

from tests.an_assembly import Assembly, a_member


async def test_a_meeting_called_late_opens_when_the_last_member_has_waived_the_notice(
    assembly: Assembly,
) -> None:
    await assembly.turn_to(date(2026, 8, 10))
    meeting = await assembly.convene(waivers=True)
    await assembly.turn_to(date(2026, 8, 20))
    *others, last = assembly.members
    for member in others:
        await assembly.on_meeting("waiveNotice", meeting, a_member(member))
    assert (await assembly.on_meeting("openMeeting", meeting))["code"] == "NoticeTooShort"
    await assembly.on_meeting("waiveNotice", meeting, a_member(last))
    opened = await assembly.on_meeting("openMeeting", meeting)
    assert (opened["state"], opened["noticeCheck"]["outcome"]) == ("OPENED", "waived")


async def test_only_members_on_the_roll_waive_a_notice_and_only_before_the_meeting(
    assembly: Assembly,
) -> None:
    meeting = await assembly.convene()
    late = await assembly.admit(date(2026, 8, 4))
    assert (await assembly.on_meeting("waiveNotice", meeting, a_member(late)))["code"] == "NotOnRoll"
    await assembly.turn_to(date(2026, 8, 20))
    await assembly.on_meeting("openMeeting", meeting)
    first = a_member(assembly.members[0])
    assert (await assembly.on_meeting("waiveNotice", meeting, first))["code"] == "MeetingNotConvened"

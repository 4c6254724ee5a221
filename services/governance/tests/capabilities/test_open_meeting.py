from __future__ import annotations

from datetime import date

from tests.an_assembly import Assembly


async def test_a_meeting_opens_on_its_day(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    await assembly.turn_to(date(2026, 8, 19))
    assert (await assembly.on_meeting("openMeeting", meeting))["code"] == "MeetingNotToday"
    await assembly.turn_to(date(2026, 8, 20))
    assert (await assembly.on_meeting("openMeeting", meeting))["state"] == "OPENED"
    assert (await assembly.on_meeting("openMeeting", meeting))["code"] == "MeetingNotConvened"


async def test_a_meeting_whose_notice_is_short_does_not_open(assembly: Assembly) -> None:
    await assembly.turn_to(date(2026, 8, 10))
    meeting = await assembly.convene(waivers=True)
    assert meeting["noticeCheck"]["outcome"] == "too_short"
    await assembly.turn_to(date(2026, 8, 20))
    refusal = await assembly.on_meeting("openMeeting", meeting)
    assert refusal["code"] == "NoticeTooShort"
    assert refusal["facts"]["formula"] == "2026-08-20 − 2026-08-10 = 10 < 15"

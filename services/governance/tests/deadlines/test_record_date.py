"""A roll whose record date lies between the call and the meeting, as other statutes ask for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.an_assembly import Assembly

from commons.clock import REAL_CLOCK
from commons.context import ctx_factory
from commons.country import Country
from commons.database import Pools
from commons.deadlines import Deadlines, meet_one
from governance.capabilities import convene_meeting as convening
from governance.deadlines.record_date import KIND, record_date
from governance.domain.rule_set import RecordDate, RecordDateRule, RuleSet, find_rule_set


@pytest.fixture
def ten_days_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statutes by which the register ten days before the meeting decides."""

    def find(*args: Any, **given: Any) -> RuleSet:
        rules = find_rule_set(*args, **given)
        rule = RecordDate(RecordDateRule.DAYS_BEFORE_MEETING, 10)
        return replace(rules, record_date=replace(rules.record_date, value=rule))

    monkeypatch.setattr(convening, "find_rule_set", find)


@pytest.mark.usefixtures("ten_days_before")
async def test_the_roll_is_frozen_when_the_record_date_comes_and_knows_who_joined_until_then(
    assembly: Assembly, pools: Pools, belgium: Country
) -> None:
    meeting = await assembly.convene()
    assert (meeting["recordDate"], meeting["roll"]) == ("2026-08-10", None)
    await assembly.admit(date(2026, 8, 5))
    work = Deadlines(pools.write, {KIND: record_date}, ctx_factory(country=belgium, service=None), REAL_CLOCK)
    assert not await meet_one(work)
    await assembly.turn_to(date(2026, 8, 20))
    await assembly.admit(date(2026, 8, 11))
    assert await meet_one(work)
    assert not await meet_one(work)
    opened = await assembly.on_meeting("openMeeting", meeting)
    assert opened["roll"]["size"] == 5
    assert opened["state"] == "OPENED"


@pytest.mark.usefixtures("ten_days_before")
async def test_a_meeting_does_not_open_without_its_roll(assembly: Assembly) -> None:
    meeting = await assembly.convene()
    await assembly.turn_to(date(2026, 8, 20))
    assert (await assembly.on_meeting("openMeeting", meeting))["code"] == "RollNotFrozen"

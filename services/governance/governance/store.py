"""Between tables and domain values: what is loaded and stored in the same way by several capabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from commons.database import Connection, Record
from governance.domain.ballot import Tally
from governance.domain.checks import Check, notice_check, quorum_check
from governance.domain.errors import UnknownMeeting, UnknownResolution
from governance.domain.meeting import Meeting
from governance.domain.resolution import Decision, DecisionOutcome, Resolution
from governance.domain.roll import Roll, RollLine, Standing, make_roll
from governance.domain.rule_set import RuleSet
from governance.rows import CheckRow, MeetingRow, ResolutionRow, ResolutionTextRow
from governance.sql import SQL


async def meeting_for_update(db: Connection, meeting_id: UUID) -> Meeting:
    """The domain's meeting, locked so that nobody else opens or closes it. Raises UnknownMeeting."""
    return _meeting_from(await db.fetchrow(SQL["meeting_for_update"], meeting_id), meeting_id)


async def meeting_for_share(db: Connection, meeting_id: UUID) -> Meeting:
    """The domain's meeting, which stays as it is until the commit. Raises UnknownMeeting."""
    return _meeting_from(await db.fetchrow(SQL["meeting_for_share"], meeting_id), meeting_id)


async def meeting_to_read(db: Connection, meeting_id: UUID) -> Meeting:
    """The domain's meeting. Raises UnknownMeeting."""
    return _meeting_from(await db.fetchrow(SQL["meeting_to_read"], meeting_id), meeting_id)


async def meeting_and_resolution(db: Connection, resolution_id: UUID) -> tuple[Meeting, Resolution]:
    """A resolution to change, and its meeting. Raises UnknownResolution.

    The meeting is locked first, as where a meeting is closed: two orders would block each other.
    """
    meeting_id = await db.fetchval(SQL["meeting_of_resolution"], resolution_id)
    if meeting_id is None:
        raise UnknownResolution(resolution=resolution_id)
    meeting = await meeting_for_share(db, meeting_id)
    row = await db.fetchrow(SQL["resolution_for_update"], resolution_id)
    assert row is not None, "a resolution is never deleted"
    return meeting, resolution_from(row)


async def resolution_for_vote(db: Connection, resolution_id: UUID) -> Resolution:
    """The domain's resolution, whose ballot stays open until the commit. Raises UnknownResolution."""
    row = await db.fetchrow(SQL["resolution_for_vote"], resolution_id)
    if row is None:
        raise UnknownResolution(resolution=resolution_id)
    return resolution_from(row)


def resolution_from(row: Record) -> Resolution:
    """The domain's resolution."""
    return Resolution(
        id=row["id"],
        meeting_id=row["meeting_id"],
        number=row["number"],
        kind=row["kind"],
        texts=row["texts"],
        authoritative_language=row["authoritative_language"],
        called_hash=row["text_sha256"],
        ballot_opened_on=row["ballot_opened_on"],
        ballot_closed_on=row["ballot_closed_on"],
        decision=None if row["outcome"] is None else _decision_from(row),
    )


async def standings_of(db: Connection, entity_id: UUID) -> list[Standing]:
    """What this service's copy of the register says of the members of an entity."""
    rows = await db.fetch(SQL["standings_of_entity"], entity_id)
    return [Standing(row["member_id"], row["category"], row["paid_on"], row["left_on"]) for row in rows]


async def roll_on(db: Connection, entity_id: UUID, day: date, rules: RuleSet) -> Roll:
    """The roll as the register gives it for a day."""
    standings = await standings_of(db, entity_id)
    return make_roll(standings, entity_id=entity_id, day=day, votes_per_member=rules.votes_per_member.value)


async def roll_of(db: Connection, meeting: Meeting) -> Roll:
    """The frozen roll of a meeting; empty where it is not frozen yet."""
    return _roll_from(meeting, await db.fetch(SQL["roll_lines_of_meeting"], meeting.id))


async def roll_around(db: Connection, meeting: Meeting, member_id: UUID) -> Roll:
    """As much of a meeting's roll as tells whether one member is on it: one line or none."""
    return _roll_from(meeting, await db.fetch(SQL["roll_lines_of_member"], meeting.id, member_id))


async def store_roll(db: Connection, meeting_id: UUID, roll: Roll, today: date) -> None:
    """Freeze a roll."""
    await db.execute(SQL["insert_roll"], meeting_id, roll.day, roll.size, roll.hash, today)
    await db.execute(
        SQL["insert_roll_lines"],
        meeting_id,
        [line.member_id for line in roll.lines],
        [line.category for line in roll.lines],
        [line.votes for line in roll.lines],
    )


def check_notice(meeting: Meeting, roll: Roll, waived: Iterable[UUID] = ()) -> Check:
    """Whether a meeting is called early enough.

    The call stands in this service for all members from the day of convening on: that is the day of sending
    for each of them.
    """
    assert meeting.rules is not None, "convene() sets it"
    assert meeting.convened_on is not None, "convene() sets it"
    return notice_check(
        meeting.rules,
        sent_on=dict.fromkeys(roll.members, meeting.convened_on),
        meeting_date=meeting.meeting_date,
        roll=roll,
        waived=frozenset(waived),
    )


def meeting_row(row: Record) -> MeetingRow:
    """A meeting as the API returns it."""
    return MeetingRow(
        key=row["id"],
        entity_id=row["entity_id"],
        kind=row["kind"],
        title=row["title"],
        meeting_date=row["meeting_date"],
        place=row["place"],
        record_date=row["record_date"],
        convened_on=row["convened_on"],
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
        minuted_on=row["written_on"],
        notice_check=msgspec.convert(row["notice_check"], CheckRow),
        roll_size=row["size"],
        roll_sha256=row["sha256"],
        present=row["present"],
    )


async def meeting_rows(db: Connection, keys: Sequence[UUID]) -> list[MeetingRow]:
    """Meetings as the API returns them, inside a transaction."""
    return [meeting_row(row) for row in await db.fetch(SQL["meetings_by_key"], keys)]


def resolution_row(row: Record) -> ResolutionRow:
    """A resolution as the API returns it.

    Until it is decided its quorum is that of the members who are present now.
    """
    own = row["authoritative_language"]
    texts = [
        ResolutionTextRow(language, row["texts"][language], language == own)
        for language in sorted(row["texts"], key=lambda language: (language != own, language))
    ]
    quorum = row["quorum_check"]
    if quorum is None and row["roll_size"] is not None:
        rule = RuleSet.from_record(row["rules"]).rule_for(row["kind"])
        quorum = quorum_check(rule.quorum, represented=row["present"], members=row["roll_size"]).to_record()
    return ResolutionRow(
        key=row["id"],
        meeting_id=row["meeting_id"],
        number=row["number"],
        title=row["title"],
        kind=row["kind"],
        texts=texts,
        text_sha256=row["text_sha256"],
        ballot_opened_on=row["ballot_opened_on"],
        ballot_closed_on=row["ballot_closed_on"],
        outcome=None if row["outcome"] is None else DecisionOutcome(row["outcome"]),
        turnout=row["turnout"],
        for_count=row["for_count"],
        against_count=row["against_count"],
        abstain_count=row["abstain_count"],
        one_vote_check=_check_row(row["one_vote_check"]),
        quorum_check=_check_row(quorum),
        majority_check=_check_row(row["majority_check"]),
    )


async def resolution_rows(db: Connection, keys: Sequence[UUID]) -> list[ResolutionRow]:
    """Resolutions as the API returns them, inside a transaction."""
    return [resolution_row(row) for row in await db.fetch(SQL["resolutions_by_key"], keys)]


def _meeting_from(row: Record | None, meeting_id: UUID) -> Meeting:
    if row is None:
        raise UnknownMeeting(meeting=meeting_id)
    return Meeting(
        id=row["id"],
        entity_id=row["entity_id"],
        kind=row["kind"],
        meeting_date=row["meeting_date"],
        place=row["place"],
        rules=RuleSet.from_record(row["rules"]),
        convened_on=row["convened_on"],
        record_date=row["record_date"],
        roll_hash=row["roll_sha256"],
        roll_size=row["roll_size"],
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
        minuted_on=row["minuted_on"],
    )


def _decision_from(row: Record) -> Decision:
    checks = (row["one_vote_check"], row["quorum_check"], row["majority_check"])
    return Decision(
        outcome=DecisionOutcome(row["outcome"]),
        tally=Tally(row["for_count"], row["against_count"], row["abstain_count"]),
        represented=row["represented"],
        checks=tuple(map(Check.from_record, checks)),
        decided_on=row["ballot_closed_on"],
    )


def _roll_from(meeting: Meeting, rows: Iterable[Record]) -> Roll:
    assert meeting.record_date is not None, "convene() sets it"
    lines = tuple(RollLine(row["member_id"], row["category"], row["votes"]) for row in rows)
    return Roll(meeting.entity_id, meeting.record_date, lines)


def _check_row(record: Any) -> CheckRow | None:
    return None if record is None else msgspec.convert(record, CheckRow)

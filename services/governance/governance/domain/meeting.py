"""A general meeting: drafted, convened with a fixed agenda, opened, closed, minuted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from governance.domain.checks import Check
from governance.domain.errors import (
    AgendaEmpty,
    BallotStillOpen,
    MeetingInThePast,
    MeetingNotClosed,
    MeetingNotConvened,
    MeetingNotDraft,
    MeetingNotOpen,
    MeetingNotToday,
    NoticeTooShort,
    RecordDateNotReached,
    RollAlreadyFrozen,
    RollNotFrozen,
    RollOfAnotherDay,
    TranslationMissing,
)
from governance.domain.resolution import Resolution, fix_text
from governance.domain.roll import Roll, must_be_on
from governance.domain.rule_set import RuleSet


class MeetingState(StrEnum):
    """How far a meeting has come."""

    DRAFT = "draft"
    CONVENED = "convened"
    OPENED = "opened"
    CLOSED = "closed"
    MINUTED = "minuted"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A general meeting of a legal entity. Its state follows from the days on which things happened.

    `rules` are those under which it was convened: a later change of the law does not reach it.
    """

    id: UUID
    entity_id: UUID
    kind: str
    meeting_date: date
    place: str
    second_call: bool = False
    rules: RuleSet | None = None
    convened_on: date | None = None
    record_date: date | None = None
    roll_hash: str | None = None
    roll_size: int | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    minuted_on: date | None = None

    @property
    def state(self) -> MeetingState:
        """How far it has come."""
        if self.minuted_on is not None:
            return MeetingState.MINUTED
        if self.closed_on is not None:
            return MeetingState.CLOSED
        if self.opened_on is not None:
            return MeetingState.OPENED
        return MeetingState.DRAFT if self.convened_on is None else MeetingState.CONVENED


def convene(
    meeting: Meeting,
    resolutions: Sequence[Resolution],
    *,
    rules: RuleSet,
    today: date,
    expects_waivers: bool = False,
) -> tuple[Meeting, list[Resolution]]:
    """The meeting with its rules, its record date and its agenda fixed, every text hashed as called.

    With `expects_waivers` it may be called late: it can then be opened only if every member waives the
    notice. Raises MeetingNotDraft, MeetingInThePast, AgendaEmpty, TranslationMissing, NoticeTooShort,
    ResolutionKindUnknown.
    """
    if meeting.state is not MeetingState.DRAFT:
        raise MeetingNotDraft(meeting=meeting.id, state=meeting.state.value)
    if meeting.meeting_date <= today:
        raise MeetingInThePast(meeting_date=meeting.meeting_date, today=today).at("meetingDate")
    if not resolutions:
        raise AgendaEmpty(meeting=meeting.id)
    for resolution in resolutions:
        rules.rule_for(resolution.kind)
        missing = [language for language in rules.languages.value if not resolution.texts.get(language)]
        if missing:
            raise TranslationMissing(resolution=resolution.id, languages=missing)
    last_day = rules.last_day_to_call(meeting.meeting_date)
    if today > last_day and not expects_waivers:
        raise NoticeTooShort(notice_days=rules.notice_days.value, last_day_to_call=last_day, today=today)
    convened = replace(
        meeting,
        rules=rules,
        convened_on=today,
        record_date=rules.record_date_for(convened_on=today, meeting_date=meeting.meeting_date),
    )
    return convened, [fix_text(resolution) for resolution in resolutions]


def freeze_roll(meeting: Meeting, roll: Roll, *, today: date) -> Meeting:
    """The meeting with the roll of its record date.

    Raises MeetingNotConvened, RollAlreadyFrozen, RecordDateNotReached, RollOfAnotherDay.
    """
    if meeting.state is not MeetingState.CONVENED or meeting.record_date is None:
        raise MeetingNotConvened(meeting=meeting.id, state=meeting.state.value)
    if meeting.roll_hash is not None:
        raise RollAlreadyFrozen(meeting=meeting.id, roll_hash=meeting.roll_hash)
    if today < meeting.record_date:
        raise RecordDateNotReached(record_date=meeting.record_date, today=today)
    if (roll.entity_id, roll.day) != (meeting.entity_id, meeting.record_date):
        raise RollOfAnotherDay(record_date=meeting.record_date, roll_day=roll.day)
    return replace(meeting, roll_hash=roll.hash, roll_size=roll.size)


def waive_notice(meeting: Meeting, *, member_id: UUID, roll: Roll) -> None:
    """Let a member do without the notice, as long as the meeting is still to be opened.

    Raises MeetingNotConvened, RollNotFrozen, NotOnRoll.
    """
    if meeting.state is not MeetingState.CONVENED:
        raise MeetingNotConvened(meeting=meeting.id, state=meeting.state.value)
    if meeting.roll_hash is None:
        raise RollNotFrozen(meeting=meeting.id)
    must_be_on(roll, member_id)


def open_meeting(meeting: Meeting, *, notice: Check, today: date) -> Meeting:
    """The meeting as opened, if its notice was in time.

    Raises MeetingNotConvened, MeetingNotToday, RollNotFrozen, NoticeTooShort.
    """
    if meeting.state is not MeetingState.CONVENED:
        raise MeetingNotConvened(meeting=meeting.id, state=meeting.state.value)
    if meeting.meeting_date != today:
        raise MeetingNotToday(meeting_date=meeting.meeting_date, today=today)
    if meeting.roll_hash is None:
        raise RollNotFrozen(meeting=meeting.id)
    if not notice.passed:
        raise NoticeTooShort(formula=notice.formula, inputs=dict(notice.inputs))
    return replace(meeting, opened_on=today)


def must_be_open(meeting: Meeting) -> None:
    """Refuse where the members are not assembled now. Raises MeetingNotOpen."""
    if meeting.state is not MeetingState.OPENED:
        raise MeetingNotOpen(meeting=meeting.id, state=meeting.state.value)


def close_meeting(meeting: Meeting, resolutions: Sequence[Resolution], *, today: date) -> Meeting:
    """The meeting as closed. Raises MeetingNotOpen, BallotStillOpen."""
    must_be_open(meeting)
    undecided = [resolution.id for resolution in resolutions if resolution.decision is None]
    if undecided:
        raise BallotStillOpen(resolutions=undecided)
    return replace(meeting, closed_on=today)


def mark_minuted(meeting: Meeting, *, today: date) -> Meeting:
    """The meeting with its minutes written. Raises MeetingNotClosed."""
    if meeting.state is not MeetingState.CLOSED:
        raise MeetingNotClosed(meeting=meeting.id, state=meeting.state.value)
    return replace(meeting, minuted_on=today)

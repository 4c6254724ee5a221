"""What queries return: one frozen row for each type of the API."""

from __future__ import annotations

from datetime import date

import msgspec

from commons.graphql import Ref
from governance.domain.meeting import MeetingState
from governance.domain.resolution import DecisionOutcome, ResolutionState


class CheckRow(msgspec.Struct, frozen=True, gc=False):
    """A check with its arithmetic, as the domain records it."""

    name: str
    passed: bool
    inputs: dict[str, str]
    formula: str
    outcome: str
    citation: str
    invented: bool


class RollRow(msgspec.Struct, frozen=True, gc=False):
    """A frozen roll as a whole."""

    size: int
    sha256: str
    record_date: date


class WriteOffRow(msgspec.Struct, frozen=True, gc=False):
    """A claim proposed to be given up, and what was decided."""

    key: str
    order_id: str
    entity_id: str
    amount_minor: int
    currency: str
    proposed_on: date
    approved_on: date | None
    grounds: str | None


class MeetingRow(msgspec.Struct, frozen=True, gc=False):
    """A general meeting."""

    key: str
    entity_id: str
    kind: str
    title: str
    meeting_date: date
    place: str
    record_date: date
    convened_on: date
    opened_on: date | None
    closed_on: date | None
    minuted_on: date | None
    notice_check: CheckRow
    roll_size: int | None
    roll_sha256: str | None
    present: int

    def state(self) -> MeetingState:
        """How far it has come."""
        if self.minuted_on is not None:
            return MeetingState.MINUTED
        if self.closed_on is not None:
            return MeetingState.CLOSED
        return MeetingState.CONVENED if self.opened_on is None else MeetingState.OPENED

    def roll(self) -> RollRow | None:
        """The roll, once it is frozen."""
        if self.roll_size is None or self.roll_sha256 is None:
            return None
        return RollRow(self.roll_size, self.roll_sha256, self.record_date)


class ResolutionTextRow(msgspec.Struct, frozen=True, gc=False):
    """The text of a resolution in one language."""

    language: str
    text: str
    is_authoritative: bool


class ResolutionRow(msgspec.Struct, frozen=True, gc=False):
    """A resolution. The counts are there once its ballot is closed: the database has none before."""

    key: str
    meeting_id: str
    number: int
    title: str
    kind: str
    texts: list[ResolutionTextRow]
    text_sha256: str
    ballot_opened_on: date | None
    ballot_closed_on: date | None
    outcome: DecisionOutcome | None
    turnout: int
    for_count: int | None
    against_count: int | None
    abstain_count: int | None
    one_vote_check: CheckRow | None
    quorum_check: CheckRow | None
    majority_check: CheckRow | None

    def state(self) -> ResolutionState:
        """How far it has come."""
        if self.outcome is not None:
            return ResolutionState(self.outcome.value)
        return ResolutionState.PROPOSED if self.ballot_opened_on is None else ResolutionState.BALLOT_OPEN


class RollLineRow(msgspec.Struct, frozen=True, gc=False):
    """One member with the right to vote."""

    meeting_id: str
    member_id: str
    category: str
    votes: int


class MinutesRow(msgspec.Struct, frozen=True, gc=False):
    """The minutes of a meeting."""

    meeting_id: str
    text: str
    sha256: str
    written_on: date


class MinutesDocumentRow(msgspec.Struct, frozen=True, gc=False):
    """The minutes as a document for people."""

    media_type: str
    language: str
    content: str


class EntityRef(Ref, frozen=True, gc=False):
    """A legal entity, which the invoicing service owns."""


class MemberRef(Ref, frozen=True, gc=False):
    """A member, whom the members service owns."""

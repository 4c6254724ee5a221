"""The facts this service announces. Never who voted, or for what: counts only, and only of closed ballots."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from commons.events import Published
from commons.money import Money


class MeetingConvened(Published):
    """A general meeting is called; the register of `record_date` says who may vote."""

    service: ClassVar[str] = "governance"
    aggregate: ClassVar[str] = "Meeting"
    meeting_id: UUID
    entity_id: UUID
    kind: str
    meeting_date: date
    record_date: date
    convened_on: date


class BallotOpened(Published):
    """Members may vote on a resolution from now on."""

    service: ClassVar[str] = "governance"
    aggregate: ClassVar[str] = "Resolution"
    resolution_id: UUID
    meeting_id: UUID
    entity_id: UUID
    opened_on: date


class BallotClosed(Published):
    """The vote on a resolution is over; `turnout` members have voted.

    A resolution without its quorum is postponed: neither ResolutionCarried nor ResolutionRejected follows.
    """

    service: ClassVar[str] = "governance"
    aggregate: ClassVar[str] = "Resolution"
    resolution_id: UUID
    meeting_id: UUID
    entity_id: UUID
    turnout: int
    closed_on: date


class ResolutionCarried(Published):
    """The assembly has decided for a resolution."""

    service: ClassVar[str] = "governance"
    aggregate: ClassVar[str] = "Resolution"
    resolution_id: UUID
    meeting_id: UUID
    entity_id: UUID
    for_count: int
    against_count: int
    abstain_count: int
    decided_on: date


class ResolutionRejected(Published):
    """The assembly has decided against a resolution."""

    service: ClassVar[str] = "governance"
    aggregate: ClassVar[str] = "Resolution"
    resolution_id: UUID
    meeting_id: UUID
    entity_id: UUID
    for_count: int
    against_count: int
    abstain_count: int
    decided_on: date


class WriteOffApproved(Published):
    """A claim of the guarantee fund is given up: what is open on the order is a loss."""

    service: ClassVar[str] = "governance"
    aggregate: ClassVar[str] = "WriteOff"
    write_off_id: UUID
    order_id: UUID
    entity_id: UUID
    amount: Money
    approved_on: date

"""A general meeting, its roll and its minutes."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import WithParent, attribute, batched, enum, node_id, record, ref
from governance.api.loaders import (
    MinutesFormat,
    minutes_by_meeting,
    minutes_documents,
    resolutions_by_meeting,
)
from governance.api.types.entity import Entity
from governance.api.types.resolution import Resolution
from governance.api.types.rule_check import RuleCheck
from governance.domain.meeting import MeetingState
from governance.rows import (
    EntityRef,
    MeetingRow,
    MemberRef,
    MinutesDocumentRow,
    MinutesRow,
    RollLineRow,
    RollRow,
)

enum(MeetingState)
enum(MinutesFormat)


@record(RollRow)
class Roll:
    """Who may vote, as a whole: frozen from the register of the record date."""

    size: int
    sha256: str
    record_date: date


@record(MinutesDocumentRow)
class MinutesDocument:
    """The minutes as a document for people; `content` is base64."""

    media_type: str
    language: str
    content: str


@record(MinutesRow)
class Minutes:
    """The minutes of a meeting. `text` is the record itself in JSON, `sha256` its hash."""

    text: str
    sha256: str
    written_on: date
    document: MinutesDocument = batched(minutes_documents, key="meeting_id", rule=WithParent())


@record(MeetingRow, keys=["id"])
class Meeting:
    """A general meeting of a legal entity. It keeps the rules it was called under."""

    id: ID = node_id("Meeting")
    entity: Entity = ref(EntityRef, "entity_id")
    kind: str
    title: str
    meeting_date: date
    place: str
    record_date: date
    convened_on: date
    opened_on: date | None
    closed_on: date | None
    state: MeetingState
    notice_check: RuleCheck
    roll: Roll | None
    present: int = attribute(description="How many members of the roll are present, live.")
    resolutions: list[Resolution] = batched(resolutions_by_meeting, key="key", rule=WithParent())
    minutes: Minutes | None = batched(minutes_by_meeting, key="key", rule=WithParent())


@record(MemberRef, name="Member", keys=["id"], resolvable=False)
class Member:
    """A member of the cooperative."""

    id: ID = node_id("Member")


@record(RollLineRow)
class RollLine:
    """One member with the right to vote."""

    member: Member = ref(MemberRef, "member_id")
    category: str
    votes: int

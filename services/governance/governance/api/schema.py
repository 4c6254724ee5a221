"""What may be asked of this service, by whom, and which capability answers."""

from __future__ import annotations

import strawberry

from commons.graphql import (
    Connection,
    Refusal,
    Role,
    SignedIn,
    build_schema,
    entity,
    root,
    root_mutation,
)
from governance.api.loaders import meetings_by_key, resolutions_by_key, write_offs_by_key
from governance.api.types.entity import Entity
from governance.api.types.meeting import Meeting, RollLine
from governance.api.types.resolution import Resolution
from governance.api.types.write_off import WriteOff
from governance.capabilities.approve_write_off import approve_write_off
from governance.capabilities.cast_vote import cast_vote
from governance.capabilities.close_ballot import close_ballot
from governance.capabilities.close_meeting import close_meeting
from governance.capabilities.convene_meeting import convene_meeting
from governance.capabilities.find_meetings import find_meetings
from governance.capabilities.find_roll_lines import find_roll_lines
from governance.capabilities.find_write_offs import find_write_offs
from governance.capabilities.get_meeting import get_meeting
from governance.capabilities.get_resolution import get_resolution
from governance.capabilities.open_ballot import open_ballot
from governance.capabilities.open_meeting import open_meeting
from governance.capabilities.register_attendance import register_attendance
from governance.capabilities.waive_notice import waive_notice

RETURNING_OFFICER = Role("returning_officer")
MEMBER = Role("member")
WRITE_OFFS = Role("board", "credit_controller", "accountant")


@strawberry.type(description="What the governance service answers.")
class Query:
    """Reads."""

    meeting: Meeting | None = root(SignedIn(), resolver=get_meeting)
    meetings: Connection[Meeting] = root(SignedIn(), resolver=find_meetings)
    resolution: Resolution | None = root(SignedIn(), resolver=get_resolution)
    write_offs: Connection[WriteOff] = root(WRITE_OFFS, resolver=find_write_offs)
    electoral_roll: Connection[RollLine] = root(RETURNING_OFFICER, resolver=find_roll_lines)


@strawberry.type(description="What the governance service does.")
class Mutation:
    """Writes."""

    convene_meeting: Meeting | Refusal = root_mutation(Role("board"), resolver=convene_meeting)
    approve_write_off: WriteOff | Refusal = root_mutation(Role("board"), resolver=approve_write_off)
    waive_notice: Meeting | Refusal = root_mutation(MEMBER, resolver=waive_notice)
    open_meeting: Meeting | Refusal = root_mutation(RETURNING_OFFICER, resolver=open_meeting)
    register_attendance: Meeting | Refusal = root_mutation(MEMBER, resolver=register_attendance)
    open_ballot: Resolution | Refusal = root_mutation(RETURNING_OFFICER, resolver=open_ballot)
    cast_vote: Resolution | Refusal = root_mutation(MEMBER, resolver=cast_vote)
    close_ballot: Resolution | Refusal = root_mutation(RETURNING_OFFICER, resolver=close_ballot)
    close_meeting: Meeting | Refusal = root_mutation(RETURNING_OFFICER, resolver=close_meeting)


schema = build_schema(
    Query,
    Mutation,
    entities=[
        entity(Entity, rule=SignedIn()),
        entity(WriteOff, write_offs_by_key, rule=WRITE_OFFS),
        entity(Meeting, meetings_by_key, rule=SignedIn()),
        entity(Resolution, resolutions_by_key, rule=SignedIn()),
    ],
)

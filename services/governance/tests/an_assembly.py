"""An entity with its members, and everything that can be done there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from commons import global_id
from commons.claims import Claims
from commons.clock import BusinessDayOpened
from commons.context import Ctx
from commons.testing.api import Answer, AskedApi
from commons.uuid7 import uuid7
from governance.consumers.business_day_opened import business_day_opened
from governance.consumers.member_admitted import member_admitted
from governance.consumers.shares_paid import shares_paid
from governance.events.consumed import MemberAdmitted, SharesPaid

BOARD = Claims(subject="board", roles=frozenset({"board"}))
OFFICER = Claims(subject="officer", roles=frozenset({"returning_officer"}))

MEETING = """
  __typename
  ... on Meeting {
    id state recordDate place present roll { size sha256 recordDate }
    noticeCheck { name passed outcome formula inputs citation }
    resolutions { id number state turnout }
    minutes { sha256 }
  }
  ... on Refusal { code path facts }
"""
RESOLUTION = """
  __typename
  ... on Resolution {
    id state turnout forCount againstCount abstainCount outcome textSha256
    oneVoteCheck { passed } quorumCheck { outcome formula } majorityCheck { outcome formula }
  }
  ... on Refusal { code path facts }
"""
CONVENE = f"""
mutation ($entity: ID!, $day: Date! = "2026-08-20", $agenda: [AgendaItemInput!]!, $kind: String! = "ordinary",
          $waivers: Boolean! = false) {{
  conveneMeeting(entityId: $entity, title: "Assemblée générale", meetingDate: $day, agenda: $agenda, kind: $kind,
                 expectsWaivers: $waivers) {{ {MEETING} }}
}}
"""
ON_MEETING = "mutation ($id: ID!) {{ {name}(meetingId: $id) {{ {selection} }} }}"
ON_RESOLUTION = "mutation ($id: ID!) {{ {name}(resolutionId: $id) {{ {selection} }} }}"
CLOSE = f"""
mutation ($id: ID!, $chair: String! = "Ada Peeters") {{
  closeMeeting(meetingId: $id, chair: $chair, secretary: "Bob Claes") {{ {MEETING} }}
}}
"""
VOTE = f"""
mutation ($id: ID!, $choice: VoteChoice!, $key: ID) {{
  castVote(resolutionId: $id, choice: $choice, idempotencyKey: $key) {{ {RESOLUTION} }}
}}
"""


def an_item(kind: str = "ordinary", **texts: str) -> dict[str, Any]:
    """A question on the agenda."""
    given = texts or {"fr": "Les comptes sont approuvés.", "nl": "De rekeningen worden goedgekeurd."}
    return {
        "title": "Comptes annuels",
        "kind": kind,
        "texts": [{"language": language, "text": text} for language, text in given.items()],
    }


def a_member(member_id: UUID) -> Claims:
    """The member behind a token."""
    return Claims(subject=f"member {member_id}", roles=frozenset({"member"}), member_id=member_id)


Handle = Callable[[Callable[[Ctx], Awaitable[Any]]], Awaitable[None]]


@dataclass
class Assembly:
    """An entity with its members, and everything that can be done there through the API or by an event."""

    api: AskedApi
    handle: Handle
    entity: UUID
    members: list[UUID] = field(default_factory=list)
    register_number: int = 0

    @property
    def entity_id(self) -> str:
        """Its global id."""
        return global_id.encode("BE", "Entity", self.entity)

    async def admit(self, paid_on: date | None = date(2026, 6, 8), category: str = "A") -> UUID:
        """A member; with `paid_on` None one whose share is not paid."""
        member = uuid7()
        admitted = MemberAdmitted(
            member_id=member,
            entity_id=self.entity,
            category=category,
            admitted_on=paid_on or date(2026, 6, 8),
        )
        await self.handle(lambda ctx: member_admitted(ctx, admitted))
        self.members.append(member)
        if paid_on is not None:
            await self.pay(member, paid_on)
        return member

    async def pay(self, member: UUID, paid_on: date) -> None:
        """A further share of a member."""
        self.register_number += 1
        paid = SharesPaid(
            subscription_id=uuid7(),
            member_id=member,
            entity_id=self.entity,
            register_number=self.register_number,
            quantity=1,
            paid_on=paid_on,
        )
        await self.handle(lambda ctx: shares_paid(ctx, paid))

    async def turn_to(self, day: date) -> None:
        """Let a day begin."""
        event = BusinessDayOpened(entity_id=self.entity, day=day)
        await self.handle(lambda ctx: business_day_opened(ctx, event))

    async def convene(self, *agenda: dict[str, Any], who: Claims = BOARD, **given: Any) -> Any:
        answer = await self.api.ask(
            CONVENE, who=who, **{"entity": self.entity_id, "agenda": list(agenda) or [an_item()], **given}
        )
        return answer.data["conveneMeeting"]

    async def on_meeting(self, name: str, meeting: Any, who: Claims = OFFICER) -> Any:
        """`openMeeting`, `registerAttendance` or `waiveNotice`."""
        text = ON_MEETING.format(name=name, selection=MEETING)
        return (await self.api.ask(text, who=who, id=meeting["id"])).data[name]

    async def on_resolution(self, name: str, resolution: Any, who: Claims = OFFICER) -> Any:
        """`openBallot` or `closeBallot`."""
        text = ON_RESOLUTION.format(name=name, selection=RESOLUTION)
        return (await self.api.ask(text, who=who, id=resolution["id"])).data[name]

    async def close(self, meeting: Any, who: Claims = OFFICER, **given: Any) -> Any:
        return (await self.api.ask(CLOSE, who=who, id=meeting["id"], **given)).data["closeMeeting"]

    async def ask_vote(self, resolution: Any, member: UUID, choice: str = "FOR", **given: Any) -> Answer:
        return await self.api.ask(VOTE, who=a_member(member), id=resolution["id"], choice=choice, **given)

    async def vote(self, resolution: Any, member: UUID, choice: str = "FOR", **given: Any) -> Any:
        return (await self.ask_vote(resolution, member, choice, **given)).data["castVote"]

    async def open_ballot(self, *agenda: dict[str, Any]) -> tuple[Any, Any]:
        """A meeting that is assembled, with the ballot on its first resolution open."""
        meeting = await self.convene(*agenda)
        await self.turn_to(date(2026, 8, 20))
        await self.on_meeting("openMeeting", meeting)
        [resolution, *_] = meeting["resolutions"]
        return meeting, await self.on_resolution("openBallot", resolution)

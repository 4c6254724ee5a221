"""Call the members of an entity to a general meeting, with its agenda fixed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Items, Node, Text
from commons.capability import capability
from commons.clock import UnknownEntity
from commons.context import Ctx
from commons.refusal import Refusal
from commons.uuid7 import uuid7
from governance.capabilities.freeze_roll import freeze_roll
from governance.deadlines.record_date import schedule_record_date
from governance.domain import meeting as meetings
from governance.domain.errors import LanguageRepeated
from governance.domain.resolution import TEXT_LENGTH_MAX, Resolution, must_be_votable, propose
from governance.domain.rule_set import RuleSet, find_rule_set
from governance.events.published import MeetingConvened
from governance.rows import MeetingRow
from governance.sql import SQL
from governance.store import check_notice, meeting_rows, roll_on


@dataclass(frozen=True, slots=True)
class ResolutionText:
    """The text of a resolution in one language, named like `fr`."""

    language: Annotated[str, Text(max=3, min=2)]
    text: Annotated[str, Text(max=TEXT_LENGTH_MAX, min=1, lines=True)]


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One question to the assembly. Its first text is the authoritative one."""

    title: Annotated[str, Text(max=200, min=1)]
    texts: Annotated[list[ResolutionText], Items(max=10)]
    kind: Annotated[str, Text(max=40, min=1)] = "ordinary"


@capability
async def convene_meeting(
    ctx: Ctx,
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    title: Annotated[str, Text(max=200, min=1)],
    meeting_date: date,
    agenda: Annotated[list[AgendaItem], Items(max=50)],
    kind: Annotated[str, Text(max=40, min=1)] = "ordinary",
    place: Annotated[str, Text(max=200)] = "",
    expects_waivers: bool = False,
) -> MeetingRow:
    """Call a general meeting on the entity's business day, by the rules in force on that day.

    Without a place it is held at the seat. With `expectsWaivers` it may be called late: it can then be opened
    only if every member on the roll waives the notice.
    """
    today = await ctx.today(entity_id)
    entity = await ctx.db.fetchrow(SQL["entity"], entity_id)
    if entity is None:
        raise UnknownEntity(entity=entity_id)
    rules = find_rule_set(
        ctx.country.section("governance"), legal_form=entity["legal_form"], meeting_kind=kind, day=today
    )
    draft = meetings.Meeting(
        id=uuid7(),
        entity_id=entity_id,
        kind=kind,
        meeting_date=meeting_date,
        place=place.strip() or entity["seat"],
    )
    proposed = [_propose(item, number, draft, rules) for number, item in enumerate(agenda, start=1)]
    meeting, called = meetings.convene(
        draft, proposed, rules=rules, today=today, expects_waivers=expects_waivers
    )
    assert meeting.record_date is not None, "convene() sets it"
    notice = check_notice(meeting, await roll_on(ctx.db, entity_id, today, rules))
    await ctx.db.execute(
        SQL["insert_meeting"],
        meeting.id,
        entity_id,
        kind,
        title,
        meeting_date,
        meeting.place,
        rules.to_record(),
        today,
        meeting.record_date,
        notice.to_record(),
    )
    for item, resolution in zip(agenda, called, strict=True):
        await ctx.db.execute(
            SQL["insert_resolution"],
            resolution.id,
            meeting.id,
            resolution.number,
            item.title,
            resolution.kind,
            dict(resolution.texts),
            resolution.authoritative_language,
            resolution.called_hash,
        )
    if meeting.record_date <= today:
        await freeze_roll(ctx, meeting_id=meeting.id)
    else:
        await schedule_record_date(ctx, meeting)
    await ctx.announce(
        MeetingConvened(
            meeting_id=meeting.id,
            entity_id=entity_id,
            kind=kind,
            meeting_date=meeting_date,
            record_date=meeting.record_date,
            convened_on=today,
        )
    )
    [row] = await meeting_rows(ctx.db, [meeting.id])
    return row


def _propose(item: AgendaItem, number: int, meeting: meetings.Meeting, rules: RuleSet) -> Resolution:
    """The resolution of an agenda item; what is wrong with it points at the item."""
    texts = {each.language: each.text for each in item.texts}
    try:
        if len(texts) < len(item.texts):
            raise LanguageRepeated().at("texts")
        must_be_votable(item.kind, rules=rules)
        return propose(
            id=uuid7(),
            meeting_id=meeting.id,
            number=number,
            kind=item.kind,
            texts=texts,
            authoritative_language=next(iter(texts), rules.languages.value[0]),
            is_convened=False,
        )
    except Refusal as refusal:
        raise refusal.at("agenda", str(number - 1)) from None

"""Join a legal entity: the door is open, so applying creates the membership, and paying a share opens it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from members.domain import application
from members.domain.errors import AlreadyApplied
from members.domain.person import check_person
from members.domain.rules import membership_rules
from members.rows import MemberRow
from members.sql import SQL


@capability
async def apply_for_membership(
    ctx: Ctx,
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    given_name: Annotated[str, Text(max=200, min=1)],
    family_name: Annotated[str, Text(max=200, min=1)],
    email: Annotated[str, Text(max=254, min=3)],
    birth_date: date,
    language: Annotated[str, Text(max=5, min=2)],
    category: Annotated[str, Text(max=10, min=1)] = "A",
) -> MemberRow:
    """Apply for membership of a legal entity, in one's own name.

    Nobody approves it: whoever meets what the law demands is admitted as soon as the first share is paid.
    """
    today = await ctx.today(entity_id)
    rules = membership_rules(ctx.country.section("membership"), today)
    person = check_person(
        given_name=given_name,
        family_name=family_name,
        email=email,
        language=language,
        birth_date=birth_date,
        today=today,
        languages=ctx.country.languages,
        minimum_age_years=rules.minimum_age_years,
    )
    applied = application.apply(
        id=uuid7(), entity_id=entity_id, person=person, category=category, today=today, rules=rules
    )
    known = await ctx.db.fetchrow(SQL["member_for_subject"], ctx.who.subject)
    key = known["id"] if known else uuid7()
    if known is None:
        await ctx.db.execute(
            SQL["insert_member"],
            key,
            ctx.who.subject,
            person.given_name,
            person.family_name,
            person.email,
            person.language,
            person.birth_date,
        )
    membership = await ctx.db.fetchrow(SQL["membership"], key, entity_id)
    if membership is None:
        await ctx.db.execute(SQL["insert_membership"], applied.id, key, entity_id, category, today)
    elif membership["resigned_on"] is None:
        raise AlreadyApplied(entity=entity_id)
    else:
        await ctx.db.execute(SQL["reopen_membership"], membership["id"], category, today)
    [row] = await ctx.db.fetch(SQL["members_by_key"], [key])
    return MemberRow(*row)

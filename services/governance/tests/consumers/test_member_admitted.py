from __future__ import annotations

from datetime import date
from functools import partial

from tests.an_assembly import Assembly, Handle

from commons.context import Ctx
from commons.database import Pools
from commons.uuid7 import uuid7
from governance.consumers.member_admitted import member_admitted
from governance.events.consumed import MemberAdmitted
from governance.store import standings_of


async def test_a_member_keeps_the_category_of_the_entity(nobody_yet: Assembly, pools: Pools) -> None:
    await nobody_yet.admit(date(2026, 6, 8), category="B")
    async with pools.read.acquire() as db:
        [standing] = await standings_of(db, nobody_yet.entity)
    assert standing.category == "B"


async def test_a_member_may_be_known_before_the_entity_is(handle: Handle, pools: Pools) -> None:
    admitted = MemberAdmitted(
        member_id=uuid7(), entity_id=uuid7(), category="A", admitted_on=date(2026, 6, 8)
    )
    await handle(lambda ctx: member_admitted(ctx, admitted))
    await handle(lambda ctx: member_admitted(ctx, admitted))
    known = await pools.read.fetchval(
        "select count(*) from member_standing where entity_id = $1", admitted.entity_id
    )
    assert known == 1


async def test_a_member_of_two_entities_stands_in_both(handle: Handle, pools: Pools) -> None:
    member = uuid7()
    for category in ("A", "B"):
        admitted = MemberAdmitted(
            member_id=member, entity_id=uuid7(), category=category, admitted_on=date(2026, 6, 8)
        )
        await handle(partial(_admit, event=admitted))
    found = await pools.read.fetch("select category from member_standing where member_id = $1", member)
    assert sorted(row["category"] for row in found) == ["A", "B"]


async def _admit(ctx: Ctx, *, event: MemberAdmitted) -> None:
    await member_admitted(ctx, event)

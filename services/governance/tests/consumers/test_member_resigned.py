from __future__ import annotations

from datetime import date
from uuid import UUID

from tests.an_assembly import Assembly

from commons.database import Pools
from governance.consumers.member_resigned import member_resigned
from governance.domain.roll import make_roll
from governance.events.consumed import MemberResigned
from governance.store import standings_of


async def leave(assembly: Assembly, member: UUID, day: date) -> None:
    assembly.register_number += 1
    event = MemberResigned(
        member_id=member,
        entity_id=assembly.entity,
        resigned_on=day,
        register_number=assembly.register_number,
    )
    for _ in range(2):  # heard twice is left once
        await assembly.handle(lambda ctx: member_resigned(ctx, event))


async def on_the_roll(assembly: Assembly, pools: Pools, day: date) -> frozenset[UUID]:
    async with pools.read.acquire() as db:
        standings = await standings_of(db, assembly.entity)
    return make_roll(standings, entity_id=assembly.entity, day=day, votes_per_member=1).members


async def test_who_left_is_on_the_roll_of_the_day_before_and_on_none_from_that_day_on(
    nobody_yet: Assembly, pools: Pools
) -> None:
    stays, leaves = await nobody_yet.admit(date(2026, 6, 8)), await nobody_yet.admit(date(2026, 6, 8))
    await nobody_yet.pay(leaves, date(2026, 6, 20))
    await leave(nobody_yet, leaves, date(2026, 7, 1))
    assert await on_the_roll(nobody_yet, pools, date(2026, 6, 30)) == {stays, leaves}
    assert await on_the_roll(nobody_yet, pools, date(2026, 7, 1)) == {stays}


async def test_who_comes_back_is_on_the_roll_again_and_stays_off_it_for_the_time_between(
    nobody_yet: Assembly, pools: Pools
) -> None:
    member = await nobody_yet.admit(date(2026, 6, 8))
    await leave(nobody_yet, member, date(2026, 7, 1))
    await nobody_yet.pay(member, date(2026, 9, 1))
    days = (date(2026, 6, 8), date(2026, 7, 1), date(2026, 8, 31), date(2026, 9, 1))
    assert [len(await on_the_roll(nobody_yet, pools, day)) for day in days] == [1, 0, 0, 1]

from __future__ import annotations

from datetime import date

from tests.an_assembly import Assembly, Handle

from commons.database import Pools
from commons.uuid7 import uuid7
from governance.consumers.member_admitted import member_admitted
from governance.consumers.shares_paid import shares_paid
from governance.events.consumed import MemberAdmitted, SharesPaid
from governance.store import standings_of


async def test_a_member_stands_in_the_register_since_the_first_paid_share(
    nobody_yet: Assembly, pools: Pools
) -> None:
    member = await nobody_yet.admit(date(2026, 6, 8), category="B")
    await nobody_yet.pay(member, date(2026, 7, 1))
    async with pools.read.acquire() as db:
        [standing] = await standings_of(db, nobody_yet.entity)
    assert (standing.category, standing.paid_on) == ("B", date(2026, 6, 8))


async def test_the_same_payment_heard_twice_is_one_entry(handle: Handle, pools: Pools) -> None:
    entity, member = uuid7(), uuid7()
    admitted = MemberAdmitted(member_id=member, entity_id=entity, category="A", admitted_on=date(2026, 6, 8))
    paid = SharesPaid(
        subscription_id=uuid7(),
        member_id=member,
        entity_id=entity,
        register_number=1,
        quantity=1,
        paid_on=date(2026, 6, 8),
    )
    await handle(lambda ctx: member_admitted(ctx, admitted))
    await handle(lambda ctx: shares_paid(ctx, paid))
    await handle(lambda ctx: shares_paid(ctx, paid))
    assert await pools.read.fetchval("select count(*) from paid_share where entity_id = $1", entity) == 1

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from commons.events import NotYet
from commons.uuid7 import uuid7
from guarantee.consumers.member_admitted import member_admitted
from guarantee.events.consumed import MemberAdmitted


async def test_the_first_admission_stays(cell: Any) -> None:
    for day in (date(2026, 6, 9), date(2026, 7, 1)):
        event = MemberAdmitted(member_id=cell.member, entity_id=cell.entity, admitted_on=day)
        await cell.do(lambda ctx, event=event: member_admitted(ctx, event))
    admitted_on = await cell.pools.read.fetchval(
        "select admitted_on from member_standing where member_id = $1", cell.member
    )
    assert admitted_on == date(2026, 6, 5)


async def test_admission_alone_does_not_say_how_long_a_member_is_entitled(funded: Any) -> None:
    event = MemberAdmitted(member_id=uuid7(), entity_id=funded.entity, admitted_on=date(2026, 6, 9))
    await funded.do(lambda ctx: member_admitted(ctx, event))
    with pytest.raises(NotYet):
        await funded.confirm_order(member_id=event.member_id)

from __future__ import annotations

from datetime import date
from typing import Any

from commons.uuid7 import uuid7

STANDING = "select admitted_on, entitled_until from member_standing where member_id = $1 and entity_id = $2"


async def test_admission_and_payment_make_one_standing(desk: Any) -> None:
    row = await desk.pools.read.fetchrow(STANDING, desk.member, desk.entity)
    assert (row["admitted_on"], row["entitled_until"]) == (date(2026, 6, 5), date(2026, 12, 31))


async def test_admission_to_one_entity_says_nothing_about_another(desk: Any) -> None:
    assert await desk.pools.read.fetchrow(STANDING, desk.member, uuid7()) is None

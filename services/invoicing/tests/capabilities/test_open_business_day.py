from __future__ import annotations

from typing import Any

from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

OPEN_DAY = """
mutation ($entity: ID!, $day: Date!) {
  openBusinessDay(entityId: $entity, day: $day) { ... on Entity { businessDay } ... on Refusal { code facts } }
}
"""
OPERATOR = Claims(subject="operator", roles=frozenset({"operator"}))


async def test_a_business_day_goes_forward_only(api: AskedApi, desk: Any) -> None:
    ids = {"entity": desk.id("Entity", desk.entity)}
    for _ in range(2):
        moved = (await api.ask(OPEN_DAY, who=OPERATOR, day="2026-07-31", **ids)).data["openBusinessDay"]
        assert moved["businessDay"] == "2026-07-31"
    back = (await api.ask(OPEN_DAY, who=OPERATOR, day="2026-07-30", **ids)).data["openBusinessDay"]
    assert back["code"] == "DayIsPast"
    assert await desk.told(desk.entity) == ["EntityRegistered", "BusinessDayOpened"]
    lost = (await api.ask(OPEN_DAY, who=OPERATOR, entity=desk.id("Entity", uuid7()), day="2026-07-31")).data
    assert lost["openBusinessDay"]["code"] == "UnknownEntity"

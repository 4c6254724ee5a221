from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.an_office import OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

PROFILE = "query ($them: [_Any!]!) { _entities(representations: $them) { ... on Member { payrollProfile { ibanMasked } } } }"
READINGS = """
query ($member: ID!, $first: Int! = 20, $after: String) {
  fileReadings(memberId: $member, first: $first, after: $after) {
    nodes { reader file readAt requestId member { id } } pageInfo { endCursor hasNextPage }
  }
}
"""
BOARD = Claims(subject="board", roles=frozenset({"board"}))
AUDITOR = Claims(subject="auditor", roles=frozenset({"auditor"}))
ADVISER = Claims(subject="adviser", roles=frozenset({"adviser"}))


def id_of(who: Claims) -> str:
    return global_id.encode("BE", "Member", who.member_id or uuid7())


async def opens(api: AskedApi, reader: Claims, *whose: Claims) -> list[str]:
    them = [{"__typename": "Member", "id": id_of(who)} for who in whose]
    return (await api.ask(PROFILE, who=reader, them=them)).codes


async def readings(api: AskedApi, who: Claims, asked_by: Claims, **more: Any) -> Any:
    return (await api.ask(READINGS, who=asked_by, member=id_of(who), **more)).data["fileReadings"]


async def test_a_member_sees_who_looked_at_the_own_file_and_when(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who, before = await office.member(entity), datetime.now(UTC)
    assert await opens(api, OFFICER, who) == []
    [reading] = (await readings(api, who, who))["nodes"]
    assert (reading["reader"], reading["file"], reading["member"]["id"]) == (
        "officer",
        "PAYROLL_PROFILE",
        id_of(who),
    )
    assert before <= datetime.fromisoformat(reading["readAt"]) <= datetime.now(UTC)
    assert reading["requestId"]


async def test_board_and_auditor_see_the_readings_of_anybody_and_the_newest_first(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    for reader in (OFFICER, who, AUDITOR):
        assert await opens(api, reader, who) == []
    for reader in (BOARD, AUDITOR):
        nodes = (await readings(api, who, reader))["nodes"]
        assert [node["reader"] for node in nodes] == ["auditor", who.subject, "officer"]


async def test_nobody_else_sees_who_looked(api: AskedApi, office: Office, entity: UUID) -> None:
    who, other = await office.member(entity), await office.member(entity)
    for asker in (other, OFFICER, ADVISER):
        assert (await api.ask(READINGS, who=asker, member=id_of(who))).codes == ["FORBIDDEN"]
    assert (await api.ask(READINGS, member=id_of(who))).codes == ["UNAUTHENTICATED"]


async def test_an_attempt_that_was_refused_is_no_reading(api: AskedApi, office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    assert await opens(api, ADVISER, who) == ["FORBIDDEN"]
    assert (await readings(api, who, who))["nodes"] == []


async def test_one_question_about_two_members_is_noted_for_each(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    one, two = await office.member(entity), await office.member(entity)
    await opens(api, OFFICER, one, two)
    [first], [second] = [(await readings(api, who, BOARD))["nodes"] for who in (one, two)]
    assert first["requestId"] == second["requestId"]


async def test_the_list_goes_on_where_its_page_ended(api: AskedApi, office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    for _ in range(3):
        await opens(api, OFFICER, who)
    whole = [node["requestId"] for node in (await readings(api, who, who))["nodes"]]
    page = await readings(api, who, who, first=2)
    assert page["pageInfo"]["hasNextPage"]
    rest = await readings(api, who, who, first=2, after=page["pageInfo"]["endCursor"])
    assert not rest["pageInfo"]["hasNextPage"]
    assert [node["requestId"] for node in page["nodes"] + rest["nodes"]] == whole
    assert len(set(whole)) == 3


async def test_what_cannot_be_noted_is_not_read(api: AskedApi, office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    await office.pools.write.execute(
        "alter table access_log add constraint no_more check (reader <> 'officer') not valid"
    )
    try:
        assert await opens(api, OFFICER, who) == ["INTERNAL"]
    finally:
        await office.pools.write.execute("alter table access_log drop constraint no_more")


@pytest.mark.parametrize(
    "change", ["delete from access_log", "update access_log set reader = 'nobody'", "truncate access_log"]
)
async def test_what_was_noted_stays(change: str, api: AskedApi, office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    await opens(api, OFFICER, who)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await office.pools.write.execute(change)
    assert [node["reader"] for node in (await readings(api, who, who))["nodes"]] == ["officer"]

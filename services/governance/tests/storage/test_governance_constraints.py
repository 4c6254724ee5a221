"""What must never be false is refused by the database itself, whoever writes to it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from tests.an_assembly import Assembly

from commons import global_id
from commons.database import Pools
from commons.uuid7 import uuid7

VOTE = "insert into vote (resolution_id, meeting_id, member_id, choice, cast_on) values ($1, $2, $3, $4, '2026-08-20')"


@dataclass
class Sql:
    """Writes past the program."""

    pools: Pools
    assembly: Assembly
    meeting: UUID
    resolution: UUID
    voter: UUID

    async def __call__(self, text: str, *given: Any) -> None:
        await self.pools.write.execute(text, *given)

    async def is_refused(self, because: str, text: str, *given: Any) -> None:
        with pytest.raises(Exception, match=because):
            await self(text, *given)


@pytest.fixture
async def sql(assembly: Assembly, pools: Pools) -> Sql:
    """A database with a ballot open in which one member has voted for."""
    meeting, resolution = await assembly.open_ballot()
    await assembly.vote(resolution, assembly.members[0])
    return Sql(
        pools,
        assembly,
        global_id.decode(meeting["id"]).key,
        global_id.decode(resolution["id"]).key,
        assembly.members[0],
    )


async def test_a_member_has_one_vote_on_a_resolution(sql: Sql) -> None:
    await sql.is_refused("one_member_one_vote", VOTE, sql.resolution, sql.meeting, sql.voter, "against")


async def test_nobody_votes_who_is_not_on_the_roll(sql: Sql) -> None:
    await sql.is_refused("only_members_of_the_roll", VOTE, sql.resolution, sql.meeting, uuid7(), "for")


async def test_a_vote_is_for_against_or_an_abstention(sql: Sql) -> None:
    other = sql.assembly.members[1]
    await sql.is_refused("vote_choice_check", VOTE, sql.resolution, sql.meeting, other, "maybe")


async def test_a_vote_after_the_close_is_refused(sql: Sql) -> None:
    await sql.assembly.on_resolution(
        "closeBallot", {"id": global_id.encode("BE", "Resolution", sql.resolution)}
    )
    other = sql.assembly.members[1]
    await sql.is_refused("while its ballot is open", VOTE, sql.resolution, sql.meeting, other, "for")


@pytest.mark.parametrize("table", ["roll", "roll_line", "attendance", "vote", "notice_waiver", "minutes"])
async def test_rolls_votes_and_minutes_are_never_changed_or_deleted(sql: Sql, table: str) -> None:
    await sql.is_refused("added to and never changed", f"update {table} set meeting_id = meeting_id")  # noqa: S608  # names of our own
    await sql.is_refused("added to and never changed", f"delete from {table}")  # noqa: S608  # names of our own


@pytest.mark.parametrize("table", ["meeting", "resolution"])
async def test_a_meeting_and_its_resolutions_are_never_deleted(sql: Sql, table: str) -> None:
    await sql.is_refused("added to and never changed", f"delete from {table}")  # noqa: S608  # names of our own


async def test_a_frozen_roll_gets_no_further_line(sql: Sql) -> None:
    text = "insert into roll_line (meeting_id, member_id, category, votes) values ($1, $2, 'A', 1)"
    await sql.is_refused("no further line", text, sql.meeting, uuid7())


async def test_a_roll_has_as_many_lines_as_its_size(sql: Sql, assembly: Assembly) -> None:
    copied = uuid7()
    await sql(
        """
        insert into meeting (id, entity_id, kind, title, meeting_date, place, rules, convened_on, record_date, notice_check)
        select $1, entity_id, kind, title, meeting_date, place, rules, convened_on, record_date, notice_check
        from meeting where id = $2
        """,
        copied,
        sql.meeting,
    )
    text = "insert into roll select $1, record_date, size, sha256, frozen_on from roll where meeting_id = $2"
    await sql.is_refused("as many lines as its size", text, copied, sql.meeting)
    await sql.is_refused(
        "opened with its roll frozen", "update meeting set opened_on = meeting_date where id = $1", copied
    )


@pytest.mark.parametrize(
    ("column", "value", "because"),
    [
        ("title", "'another'", "called with is never changed"),
        ("rules", "'{}'", "called with is never changed"),
        ("record_date", "'2026-08-01'", "called with is never changed"),
        ("opened_on", "null", "opened once"),
        ("closed_on", "'2026-08-20'", "every resolution decided"),
    ],
)
async def test_what_a_meeting_was_called_with_stays(sql: Sql, column: str, value: str, because: str) -> None:
    await sql.is_refused(because, f"update meeting set {column} = {value} where id = $1", sql.meeting)  # noqa: S608  # names of our own


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ('texts = \'{"fr": "Autre chose."}\'', "called with is never changed"),
        ("ballot_opened_on = null", "opened once"),
        ("for_count = 3", "decided_when_closed"),
        ("ballot_closed_on = '2026-08-20', outcome = 'carried'", "counts are those of the votes"),
    ],
)
async def test_a_resolution_keeps_its_text_and_has_no_count_before_its_close(
    sql: Sql, changes: str, because: str
) -> None:
    await sql.is_refused(because, f"update resolution set {changes} where id = $1", sql.resolution)  # noqa: S608  # names of our own


DECIDE = """
update resolution
set ballot_closed_on = '2026-08-20', outcome = $2, for_count = $3, against_count = 0, abstain_count = 0,
    represented = $4, one_vote_check = '{"passed": true}', quorum_check = '{"passed": true}',
    majority_check = $5
where id = $1
"""


@pytest.mark.parametrize(
    ("outcome", "for_count", "represented", "passed", "because"),
    [
        ("carried", 2, 4, True, "counts are those of the votes"),
        ("carried", 1, 0, True, "voters_are_represented"),
        ("carried", 1, 4, False, "carried_with_quorum_and_majority"),
        ("adjourned", 1, 4, True, "resolution_outcome_check"),
    ],
)
async def test_a_result_that_the_votes_do_not_give_is_refused(
    sql: Sql, outcome: str, for_count: int, represented: int, passed: bool, because: str
) -> None:
    await sql.is_refused(because, DECIDE, sql.resolution, outcome, for_count, represented, {"passed": passed})


async def test_a_decision_is_never_changed(sql: Sql) -> None:
    await sql.assembly.on_resolution(
        "closeBallot", {"id": global_id.encode("BE", "Resolution", sql.resolution)}
    )
    await sql.is_refused(
        "decided once", "update resolution set outcome = 'rejected' where id = $1", sql.resolution
    )


async def test_minutes_carry_the_hash_of_their_text(sql: Sql) -> None:
    digest = hashlib.sha256(b"another text").hexdigest()
    await sql.is_refused(
        "hash_is_that_of_the_text",
        "insert into minutes (meeting_id, text, sha256, written_on) values ($1, 'text', $2, '2026-08-20')",
        sql.meeting,
        digest,
    )

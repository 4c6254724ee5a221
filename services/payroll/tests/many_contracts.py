"""Many workers with the same month of work behind them, as a pay run finds them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tests.an_office import Office

from commons.uuid7 import uuid7
from payroll.rows import ContractRow
from payroll.sql import SQL
from payroll.store import open_person, seal_person

_COPY: Final = """
insert into contract
select (jsonb_populate_record(c, jsonb_build_object('id', copy.id, 'member_id', copy.member_id))).*
from contract c, unnest($2::uuid[], $3::uuid[]) as copy(id, member_id)
where c.id = $1
"""


async def many_contracts(office: Office, entity: UUID, count: int) -> ContractRow:
    """One contract that went the whole way, and as many like it that there are `count`, each of another
    worker.

    The ends of the copies were not noticed: what is due is theirs alone.
    """
    first = await office.active_contract(entity, await office.member(entity))
    db = office.pools.write
    profile = await db.fetchrow(SQL["payroll_profile"], first.member_id)
    assert profile is not None
    sealer = office.service.sealer
    person = open_person(sealer, first.member_id, profile["person"])
    members = [uuid7() for _ in range(count - 1)]
    await db.executemany(
        SQL["put_payroll_profile"],
        [(each, "fr", profile["completed_on"], seal_person(sealer, each, person)) for each in members],
    )
    await db.execute(_COPY, first.key, [uuid7() for _ in members], members)
    return first

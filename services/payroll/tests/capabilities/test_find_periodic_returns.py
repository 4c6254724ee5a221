"""The returns of an employer are shown to the staff of wages alone."""

from __future__ import annotations

from dataclasses import replace

from tests.a_filing import LIST, QUARTER_FILED, WAITING, Filing


async def test_only_staff_of_wages_sees_returns_and_who_read_one_is_noted_for_everybody_in_it(
    belgium: Filing,
) -> None:
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    entity = belgium.at.id("Entity", belgium.entity)
    for role in ("member", "adviser", "credit_controller", "board"):
        nobody = replace(belgium.at.who, roles=frozenset({role}))
        for query in (LIST, WAITING):
            answer = await belgium.at.api.ask(query, who=nobody, entity=entity)
            assert answer.body["errors"][0]["extensions"]["code"] == "FORBIDDEN", role
    await belgium.returns()
    noted = "select reader, file from access_log where member_id = $1 and file = 'periodic_return'"
    rows = await belgium.office.pools.read.fetch(noted, belgium.at.who.member_id)
    assert [(row["reader"], row["file"]) for row in rows] == [("officer", "periodic_return")]

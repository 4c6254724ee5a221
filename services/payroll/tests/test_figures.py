"""What a person on duty watches: declarations that wait too long, and work that began undeclared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tests.an_office import Office

from payroll.figures import DECISION_SECONDS, FIGURES


async def counts(office: Office, *, later_seconds: float = 0.0) -> dict[str, tuple[int, bool]]:
    found = {}
    now = datetime.now(UTC) + timedelta(seconds=later_seconds)
    async with office.pools.read.acquire() as db:
        for figure in FIGURES:
            [name] = [family.name for family in figure.gauge.collect()]
            found[name] = await figure.count(db, now=now)
    return found


async def test_a_declaration_waits_quietly_for_a_while_and_work_that_begins_undeclared_is_told_at_once(
    office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await office.contract(await office.order(entity, who), who)
    await office.hold_budget(contract)
    assert await counts(office) == {"declarations_waiting": (1, False), "contracts_undeclared": (0, False)}
    late = await counts(office, later_seconds=DECISION_SECONDS + 60)
    assert late["declarations_waiting"] == (1, True)
    await office.open_day(entity, date(2026, 7, 1))
    await office.meet_deadlines()
    assert (await counts(office))["contracts_undeclared"] == (1, True)

"""What a person on duty watches: declarations that wait too long, and work that began undeclared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tests.an_office import Office

from commons.database import Pools
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
    found = await counts(office)
    assert found["declarations_waiting"] == (1, False)
    assert found["contracts_undeclared"] == (0, False)
    late = await counts(office, later_seconds=DECISION_SECONDS + 60)
    assert late["declarations_waiting"] == (1, True)
    await office.open_day(entity, date(2026, 7, 1))
    await office.meet_deadlines()
    assert (await counts(office))["contracts_undeclared"] == (1, True)


async def hours(office: Office, name: str) -> float:
    """What a worker shows beside a figure."""
    async with office.pools.read.acquire() as db:
        for figure in FIGURES:
            await figure.show(db, now=datetime.now(UTC))
    [value] = [
        sample.value
        for figure in FIGURES
        if figure.beside is not None
        for family in figure.beside.gauge.collect()
        for sample in family.samples
        if sample.name == name
    ]
    return value


async def test_a_wage_is_watched_from_its_payslip_until_the_bank_has_paid_it(
    office: Office, entity: UUID
) -> None:
    others = await hours(office, "wages_unpaid_due_hours")
    contract = await office.active_contract(entity, await office.member(entity))
    await office.open_day(entity, date(2026, 7, 31))
    # Due on 8 August.
    assert await hours(office, "wages_unpaid_due_hours") == min(others, 8 * 24)
    before = (await counts(office))["wages_due_unpaid"][0]
    await office.open_day(entity, date(2026, 8, 9))
    assert await hours(office, "wages_unpaid_due_hours") == min(others, -24)
    assert (await counts(office))["wages_due_unpaid"][0] == before + 1
    await office.pools.write.execute("update contract set paid_on = ended_on where id = $1", contract.key)
    assert await hours(office, "wages_unpaid_due_hours") == others
    assert (await counts(office))["wages_due_unpaid"][0] == before


async def test_a_wage_whose_payslip_was_refused_is_told_with_the_hours_to_its_day(
    pools: Pools, entity: UUID
) -> None:
    production = Office.on(pools, is_production=True)
    before = (await counts(production))["wages_without_payslip"][0]
    others = await hours(production, "wages_without_payslip_due_hours")
    await production.active_contract(entity, await production.member(entity))
    await production.open_day(entity, date(2026, 7, 31))
    assert (await counts(production))["wages_without_payslip"] == (before + 1, True)
    assert await hours(production, "wages_without_payslip_due_hours") == min(others, 8 * 24)

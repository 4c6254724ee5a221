"""A pay run computes every payslip of a month that is due: each once, and one that fails stops no other."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from tests.an_office import OFFICER, Office
from tests.many_contracts import many_contracts

from commons import global_id
from commons.clock import BusinessDayOpened, business_day_opened
from commons.money import Money
from commons.testing.api import AskedApi
from payroll.capabilities import continue_pay_run
from payroll.domain.belgium.situation import Status
from payroll.domain.contract import ContractKind
from payroll.domain.declaration import DeclarationState
from payroll.figures import FIGURES

LAST_DAY: Final = date(2026, 7, 31)
START = """
mutation ($entity: ID!, $period: Date!) {
  startPayRun(entityId: $entity, period: $period, idempotencyKey: null) {
    __typename
    ... on PayRun { id state periodStart total done failed }
    ... on Refusal { code }
  }
}
"""
READ = """
query ($run: ID!) {
  payRun(id: $run) {
    state total done failed startedBy finishedOn failures(first: 5) { code sentence contract { id } }
  }
}
"""
THREE_DAYS: Final = {
    "kind": ContractKind.DAYS,
    "regime": Status.ARTIST,
    "gross_wage": Money.of("180.00", "EUR"),
    "days": 3,
}


async def start(api: AskedApi, entity: UUID, period: date = LAST_DAY) -> Any:
    answer = await api.ask(
        START, who=OFFICER, entity=global_id.encode("BE", "Entity", entity), period=period.isoformat()
    )
    return answer.data["startPayRun"]


async def read(api: AskedApi, run: str) -> Any:
    return (await api.ask(READ, who=OFFICER, run=run)).data["payRun"]


async def turn_the_page(office: Office, entity: UUID, day: date = LAST_DAY) -> None:
    """The day has come, and the worker has met nothing of it yet."""
    event = BusinessDayOpened(entity_id=entity, day=day)
    await office.run(lambda ctx: business_day_opened(ctx, event))


async def lines_of(office: Office, contract: str) -> Any:
    return await office.pools.read.fetchval("select lines from payslip where contract_id = $1", contract)


async def test_a_run_pays_every_contract_of_the_month_as_its_own_end_would(
    office: Office, api: AskedApi, entity: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continue_pay_run, "BATCH_SIZE_MAX", 2)
    elsewhere = await office.entity()
    alone = await office.active_contract(elsewhere, await office.member(elsewhere))
    await office.open_day(elsewhere, LAST_DAY)
    first = await many_contracts(office, entity, 5)
    await turn_the_page(office, entity)
    run = await start(api, entity)
    assert run == {
        "__typename": "PayRun",
        "id": run["id"],
        "state": "RUNNING",
        "periodStart": "2026-07-01",
        "total": 5,
        "done": 0,
        "failed": 0,
    }
    assert (await start(api, entity, date(2026, 7, 3)))["id"] == run["id"], "the running one is joined"
    await office.meet_deadlines()
    assert await read(api, run["id"]) == {
        "state": "FINISHED",
        "total": 5,
        "done": 5,
        "failed": 0,
        "startedBy": "officer",
        "finishedOn": "2026-07-31",
        "failures": [],
    }
    paid = await office.pools.read.fetch(
        "select contract_id, lines, counted, due_date from payslip where entity_id = $1", entity
    )
    assert len({row["contract_id"] for row in paid}) == len(paid) == 5
    same = await lines_of(office, alone.key)
    assert all(row["lines"] == same for row in paid)
    assert (await office.announced(first.key))[-1] == "ContractEnded"
    finished = await office.pools.read.fetchval(
        "select data from outbox where type = 'payroll.PayRunFinished.v1' and data ->> 'entity_id' = $1",
        str(entity),
    )
    assert (finished["payslips"], finished["failures"]) == (5, 0)
    announced = (
        "select count(*) from outbox where type = 'payroll.PayslipComputed.v1' and data ->> 'entity_id' = $1"
    )
    assert await office.pools.read.fetchval(announced, str(entity)) == 5


async def test_two_contracts_of_one_worker_count_one_after_the_other(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    elsewhere = await office.entity()
    spans = [(date(2026, 7, 6), date(2026, 7, 10)), (date(2026, 7, 13), date(2026, 7, 17))]
    made = {}
    for at in (entity, elsewhere):
        who = await office.member(at)
        made[at] = [
            await office.active_contract(at, who, **THREE_DAYS, start_date=first, end_date=last)
            for first, last in spans
        ]
    await office.open_day(elsewhere, LAST_DAY)
    await turn_the_page(office, entity)
    run = await start(api, entity)
    await office.meet_deadlines()
    assert (await read(api, run["id"]))["done"] == 2
    for own, other in zip(made[entity], made[elsewhere], strict=True):
        assert await lines_of(office, own.key) == await lines_of(office, other.key)
    assert await lines_of(office, made[entity][0].key) != await lines_of(office, made[entity][1].key)


async def test_one_that_fails_stops_no_other_and_is_tried_again_by_the_next_run(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    await many_contracts(office, entity, 3)
    who = await office.member(entity)
    broken = await office.active_contract(entity, who)
    tardy = await office.member(entity)
    late = await office.contract(await office.order(entity, tardy), tardy)
    await office.hold_budget(late)
    kept = await office.pools.write.fetchval(
        "select person from payroll_profile where member_id = $1", who.member_id
    )
    spoil = "update payroll_profile set person = $2 where member_id = $1"
    await office.pools.write.execute(spoil, who.member_id, b"spoiled")
    await turn_the_page(office, entity, date(2026, 7, 2))
    await office.decide(late, DeclarationState.ACCEPTED, "A")
    await turn_the_page(office, entity)
    run = await start(api, entity)
    await office.meet_deadlines()
    found = await read(api, run["id"])
    assert (found["total"], found["done"], found["failed"], found["state"]) == (5, 3, 2, "FINISHED")
    failures = {failure["code"]: failure for failure in found["failures"]}
    assert set(failures) == {"PayslipNotComputed", "HireDeclaredLate"}
    assert "payroll officer must decide" in failures["HireDeclaredLate"]["sentence"]
    assert failures["PayslipNotComputed"]["contract"]["id"] == global_id.encode(
        "BE", "Contract", UUID(broken.key)
    )
    await office.pools.write.execute(spoil, who.member_id, kept)
    again = await start(api, entity)
    assert again["id"] != run["id"]
    await office.meet_deadlines()
    found = await read(api, again["id"])
    assert (found["total"], found["done"], found["failed"]) == (2, 1, 1)
    assert await office.payslip_of(broken) is not None
    waits = "select count(*) from deadline where key = $1 and done_at is null"
    assert await office.pools.read.fetchval(waits, f"payslip/{broken.key}") == 0


async def test_the_database_insists_on_one_payslip_a_contract_and_one_open_run_a_month(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    contract = await many_contracts(office, entity, 2)
    await turn_the_page(office, entity)
    run = await start(api, entity)
    copy_run = """
    insert into pay_run (id, entity_id, period_start, started_by, started_on)
    select gen_random_uuid(), entity_id, period_start, started_by, started_on from pay_run where entity_id = $1
    """
    with pytest.raises(asyncpg.UniqueViolationError, match="one_open_pay_run"):
        await office.pools.write.execute(copy_run, entity)
    await office.meet_deadlines()
    assert (await read(api, run["id"]))["done"] == 2
    copy_payslip = """
    insert into payslip select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(),
      'period_start', '2026-07-02'))).* from payslip p where contract_id = $1
    """
    with pytest.raises(asyncpg.UniqueViolationError, match="one_payslip_per_contract"):
        await office.pools.write.execute(copy_payslip, contract.key)


async def test_a_run_takes_nothing_of_another_month_and_a_month_to_come_has_none(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    await many_contracts(office, entity, 2)
    assert await start(api, entity) == {"__typename": "Refusal", "code": "PayPeriodNotBegun"}
    await turn_the_page(office, entity, date(2026, 7, 30))
    run = await start(api, entity)
    await office.meet_deadlines()
    found = await read(api, run["id"])
    assert (found["total"], found["state"]) == (0, "FINISHED")


async def test_nobody_but_a_payroll_officer_starts_a_run(office: Office, api: AskedApi, entity: UUID) -> None:
    answer = await api.ask(
        START,
        who=await office.member(entity),
        entity=global_id.encode("BE", "Entity", entity),
        period=LAST_DAY.isoformat(),
    )
    assert answer.codes
    assert not await office.pools.read.fetch("select from pay_run where entity_id = $1", entity)


async def figure(office: Office, name: str) -> tuple[int, bool, float]:
    """Of a figure that a person on duty watches: how many, whether it is told, and what is shown beside it."""
    [found] = [each for each in FIGURES if [family.name for family in each.gauge.collect()] == [name]]
    async with office.pools.read.acquire() as db:
        count, is_told = await found.count(db, now=datetime.now(UTC))
        await found.show(db, now=datetime.now(UTC))
    beside = 0.0
    if found.beside is not None:
        [family] = found.beside.gauge.collect()
        beside = family.samples[0].value
    return count, is_told, beside


async def test_a_run_shows_how_far_it_is_and_is_told_of_when_it_stands_still(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    assert await figure(office, "pay_run_payslips_waiting") == (0, False, 0.0)
    await many_contracts(office, entity, 4)
    await turn_the_page(office, entity)
    run = await start(api, entity)
    assert await figure(office, "pay_run_payslips_waiting") == (4, False, 0.0)
    await turn_the_page(office, entity, date(2026, 8, 2))
    assert await figure(office, "pay_run_payslips_waiting") == (4, True, 0.0)
    await office.meet_deadlines()
    assert await figure(office, "pay_run_payslips_waiting") == (0, False, 0.0), "what is over is no progress"
    # As it stood before its last step.
    await office.pools.write.execute(
        "update pay_run set finished_on = null where id = $1", global_id.decode(run["id"]).key
    )
    assert await figure(office, "pay_run_payslips_waiting") == (0, False, 4.0)


async def test_a_payslip_that_failed_in_a_run_is_counted_until_it_is_there(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    before = (await figure(office, "pay_run_payslips_failed"))[0]
    who = await office.member(entity)
    await office.active_contract(entity, who)
    kept = await office.pools.write.fetchval(
        "select person from payroll_profile where member_id = $1", who.member_id
    )
    spoil = "update payroll_profile set person = $2 where member_id = $1"
    await office.pools.write.execute(spoil, who.member_id, b"spoiled")
    await turn_the_page(office, entity)
    await start(api, entity)
    await office.meet_deadlines()
    assert (await figure(office, "pay_run_payslips_failed"))[:2] == (before + 1, True)
    await office.pools.write.execute(spoil, who.member_id, kept)
    await start(api, entity)
    await office.meet_deadlines()
    assert (await figure(office, "pay_run_payslips_failed"))[0] == before

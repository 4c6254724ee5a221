"""A return declares payslips as they are corrected, and what its contracts cost once it is accepted."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from tests.a_filing import QUARTER_FILED, REFILE, WAITING, Filing
from tests.capabilities.test_recompute_payslips import api_of, recompute
from tests.capabilities.test_refile_return import files
from tests.documents.read_returns import READERS
from tests.test_killed_in_a_pay_run import until

from commons.country import countries_folder, load_country
from commons.database import transaction
from commons.money import Money
from payroll.domain.engines import engine_of
from payroll.domain.periodic_return import Place
from payroll.sql import SQL

LAST_DAY: Final = date(2026, 7, 31)
CORRECTED_ON: Final = date(2026, 10, 20)
CONTRIBUTIONS: Final = Place("contribution", "record")
COST: Final = """
select estimated_minor, provisioned_minor, declared_minor, corrected_minor
from payslip
where entity_id = $1 and kind = 'wage'
"""
# The structural reduction and that of artists, of a quarter with one month of 3 000.00 in it: see `test_file_return.py`.
REDUCTION: Final = -19_446 - 24_217
WAS: Final = '- {since: 2024-01-01, rate: "0.25"}'


async def july_at(belgium: Filing, folder: Path, rate: str) -> None:
    """July is computed again: the employer's contributions have become another rate since it began."""
    shutil.copytree(countries_folder() / "be", folder / rate / "be")
    file = folder / rate / "be" / "payroll.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(WAS) == 1
    now = f'{WAS}\n      - {{since: 2026-07-01, rate: "{rate}", source: "voted late", checked_until: 2026-12-31}}'
    file.write_text(text.replace(WAS, now), encoding="utf-8")
    law = load_country("be", folder=folder / rate)
    office = belgium.office
    other = replace(office, country=law, service=replace(office.service, engine=engine_of(law)))
    found = await recompute(other, api_of(other), belgium.entity, LAST_DAY)
    assert (found["total"], found["corrected"], found["failed"]) == (1, 1, 0)


async def cost(belgium: Filing) -> Mapping[str, int | None]:
    row = await belgium.office.pools.read.fetchrow(COST, belgium.entity)
    assert row is not None
    return {name.removesuffix("_minor"): value for name, value in row.items()}


async def told(belgium: Filing) -> list[tuple[int, int, int]]:
    """What the mutual pool was told: the number, the variance as a whole, and the step."""
    rows = await belgium.office.pools.read.fetch(
        """select data from outbox where type = 'payroll.LaborCostCorrected.v1' and data ->> 'entity_id' = $1
        order by agg_version""",
        str(belgium.entity),
    )
    return [
        (row["data"]["number"], int(row["data"]["variance"]["minor"]), int(row["data"]["change"]["minor"]))
        for row in rows
    ]


async def contributions(belgium: Filing) -> list[int]:
    """What each return of the quarter says is owed of the pay, the one filed first first."""
    found = [each for each in await belgium.returns() if each["filedOn"]]
    return [
        sum(minor for _, place, minor in READERS[one["format"]](files(one)) if place == CONTRIBUTIONS)
        for one in reversed(found)
    ]


def minor(found: Mapping[str, int | None], name: str) -> int:
    value = found[name]
    assert value is not None, name
    return value


@pytest.mark.parametrize(("outcome", "state"), [("accepted", "ACCEPTED"), ("warning", "WARNED")])
async def test_what_the_price_left_over_is_told_once_when_the_return_is_accepted(
    belgium: Filing, outcome: str, state: str
) -> None:
    if outcome == "warning":
        await belgium.behave(outcome=outcome, reason="90017-510 123456789")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    assert (await cost(belgium))["declared"] is None, "filed is not accepted"
    assert await told(belgium) == []
    await belgium.is_decided()
    [accepted] = [each for each in await belgium.returns() if each["filedOn"]]
    assert accepted["state"] == state
    known = await cost(belgium)
    assert (known["declared"], known["corrected"]) == (minor(known, "estimated") + REDUCTION, None)
    variance = minor(known, "provisioned") - minor(known, "declared")
    assert variance != 0
    assert await told(belgium) == [(1, variance, variance)]
    untold = SQL["count_labor_costs_not_announced"]
    async with belgium.office.pools.read.acquire() as db:
        row = await db.fetchrow(untold, datetime.now(UTC))
    assert row is not None
    assert row["count"] == 0


async def test_a_refused_return_declares_no_cost(belgium: Filing) -> None:
    await belgium.behave(outcome="refused", reason="90017-369 85073003328")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    assert (await cost(belgium))["declared"] is None
    assert await told(belgium) == []
    await belgium.ask(REFILE, day="2026-09-30")
    await belgium.is_decided()
    assert len(await told(belgium)) == 1


async def test_a_return_not_yet_filed_declares_the_corrected_lines_and_tells_the_reductions_alone(
    belgium: Filing, tmp_path: Path
) -> None:
    await july_at(belgium, tmp_path, "0.26")
    before = await told(belgium)
    assert len(before) == 1
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    known = await cost(belgium)
    assert known["declared"] == known["corrected"] != known["estimated"]
    [(_, variance, _)] = before
    assert await told(belgium) == [*before, (2, variance - REDUCTION, -REDUCTION)], "the reduction alone"
    assert (await belgium.ask(WAITING))["nodes"] == []
    assert (await belgium.ask(REFILE, day="2026-07-31"))["code"] == "ReturnNotRefused"


async def test_a_correction_after_the_return_is_declared_by_the_next_and_told_by_its_step(
    belgium: Filing, tmp_path: Path
) -> None:
    office, entity = belgium.office, belgium.entity
    await office.open_day(entity, QUARTER_FILED)
    await belgium.is_decided()
    declared = await cost(belgium)
    await office.open_day(entity, CORRECTED_ON)
    await july_at(belgium, tmp_path, "0.26")
    [waiting] = (await belgium.ask(WAITING))["nodes"]
    assert (waiting["state"], waiting["latePayslipOn"]) == ("ACCEPTED", CORRECTED_ON.isoformat())
    known = await cost(belgium)
    assert known["declared"] == declared["declared"], "it is known, and not declared"
    step = minor(declared, "declared") - minor(known, "corrected")
    assert step < 0

    again = await belgium.ask(REFILE, day="2026-07-31")
    assert (again["sequence"], again["latePayslipOn"]) == (2, None)
    assert (await cost(belgium))["declared"] == declared["declared"]
    await belgium.is_decided()
    assert (await belgium.ask(WAITING))["nodes"] == []
    known = await cost(belgium)
    assert known["declared"] == known["corrected"]
    once, twice = await contributions(belgium)
    assert twice - once == -step
    whole = minor(known, "provisioned") - minor(known, "estimated") - REDUCTION
    assert await told(belgium) == [(1, whole, whole), (2, whole + step, step)]
    assert (await belgium.ask(REFILE, day="2026-07-31"))["code"] == "ReturnNotRefused"


async def test_a_correction_while_the_authority_decides_is_not_in_what_it_accepts(
    belgium: Filing, tmp_path: Path
) -> None:
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await july_at(belgium, tmp_path, "0.26")
    before = await told(belgium)
    await belgium.is_decided()
    known = await cost(belgium)
    assert minor(known, "declared") - minor(known, "estimated") == REDUCTION
    assert known["declared"] != known["corrected"]
    [(_, variance, _)] = before
    assert await told(belgium) == [*before, (2, variance - REDUCTION, -REDUCTION)], "all but the reduction"
    await july_at(belgium, tmp_path, "0.27")
    await belgium.ask(REFILE, day="2026-07-31")
    await belgium.is_decided()
    known = await cost(belgium)
    assert known["declared"] == known["corrected"]
    numbers, variances, changes = zip(*await told(belgium), strict=True)
    assert numbers == (1, 2, 3)
    assert sum(changes) == variances[-1] == minor(known, "provisioned") - minor(known, "corrected")
    assert (
        await belgium.office.pools.read.fetchval(
            """select count(*) from returned_correction r join periodic_return o on o.id = r.return_id
        where o.entity_id = $1""",
            belgium.entity,
        )
        == 2
    ), "each correction has one original return"


async def test_a_correction_waits_for_a_return_that_is_being_filed_and_finds_it_filed(
    belgium: Filing, tmp_path: Path
) -> None:
    office, entity = belgium.office, belgium.entity
    await office.pools.write.execute(
        "update deadline set next_at = 'infinity' where entity_id = $1 and kind = 'return_filing'", entity
    )
    await office.open_day(entity, QUARTER_FILED)

    async def is_locked_out() -> bool:
        waiting = """select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%for key share'"""
        return bool(await office.pools.read.fetchval(waiting))

    async with transaction(office.pools.write) as db:
        row: Any = await db.fetchrow(SQL["current_return_for_update"], entity, "return", date(2026, 7, 1))
        correcting = asyncio.create_task(july_at(belgium, tmp_path, "0.26"))
        await until(is_locked_out)
        await db.execute(
            SQL["keep_filed_return"], row["id"], QUARTER_FILED, b"sent", row["format"], None, False
        )
    await correcting
    assert (
        await office.pools.read.fetchval(
            "select late_payslip_on from periodic_return where id = $1", row["id"]
        )
        == QUARTER_FILED
    )


async def test_the_reductions_of_the_quarter_come_off_what_its_contracts_cost_and_add_up(
    belgium: Filing,
) -> None:
    office, entity, who = belgium.office, belgium.entity, belgium.at.who
    order = await office.order(entity, who, start_date="2026-08-01", end_date="2026-08-31")
    august = await office.contract(
        order,
        who,
        start_date=date(2026, 8, 1),
        end_date=date(2026, 8, 31),
        gross_wage=Money.of("2500.00", "EUR"),
    )
    await office.hold_budget(august)
    await office.accept(august)
    for day in (date(2026, 8, 31), QUARTER_FILED):
        await office.open_day(entity, day)
    await belgium.is_decided()
    [accepted] = [each for each in await belgium.returns() if each["filedOn"]]
    reduced = [
        amount
        for _, place, amount in READERS[accepted["format"]](files(accepted))
        if place.block == "occupation_deduction"
    ]
    rows = await office.pools.read.fetch(f"{COST} order by period_end", entity)
    changes = [row["declared_minor"] - row["estimated_minor"] for row in rows]
    assert len(changes) == 2
    assert all(change < 0 for change in changes)
    assert sum(changes) == sum(reduced), "what the authority reads and what the pool hears are one sum"
    variances = [row["provisioned_minor"] - row["declared_minor"] for row in rows]
    assert sorted(await told(belgium)) == sorted((1, each, each) for each in variances)


async def test_a_correction_after_the_return_keeps_the_reduction_in_what_is_known(
    belgium: Filing, tmp_path: Path
) -> None:
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    await july_at(belgium, tmp_path, "0.26")
    known = await cost(belgium)
    change: int = await belgium.office.pools.read.fetchval(
        "select sum(c.labor_cost_minor)::bigint from payslip_correction c join payslip p on p.id = c.payslip_id"
        " where p.entity_id = $1",
        belgium.entity,
    )
    assert change > 0
    assert minor(known, "corrected") == minor(known, "estimated") + REDUCTION + change

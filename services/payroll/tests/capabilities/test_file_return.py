"""A return files itself on its day, or an officer files it before."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import asyncpg
import httpx
import pytest
from tests.a_filing import FILE, QUARTER_FILED, WAITING, Filing, filing_in
from tests.documents.read_returns import read_dmfa

from commons.database import Pools, transaction
from payroll.documents.return_text import ReturnFile
from payroll.domain.periodic_return import Place

PAYSLIPS = """
select id, lines::text, net_wage_minor, fingerprint,
       (jsonb_path_query_first(lines, '$[*] ? (@.code == "special_contribution")') ->> 'amount')::int as withheld
from payslip
where entity_id = $1 and kind = 'wage'
order by id
"""


async def test_an_officer_files_before_the_day_and_the_day_finds_it_done(belgium: Filing) -> None:
    await belgium.office.open_day(belgium.entity, date(2026, 10, 1))
    filed = await belgium.ask(FILE, day="2026-08-15")
    assert (filed["state"], filed["filedOn"], filed["filingDate"]) == ("FILED", "2026-10-01", "2026-10-03")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    assert [(each["sequence"], each["state"]) for each in await belgium.returns()] == [
        (1, "DUE"),
        (1, "ACCEPTED"),
    ]


async def test_the_return_closes_the_quarter_that_the_payslips_leave_open(belgium: Filing) -> None:
    before = await belgium.office.pools.read.fetch(PAYSLIPS, belgium.entity)
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    [_, filed] = await belgium.returns()
    said = {
        place: minor
        for _, place, minor in read_dmfa(
            [ReturnFile(each["name"], base64.b64decode(each["content"])) for each in filed["files"]]
        )
    }
    # A month of 3 000.00 is a third of a quarter of 9 000.01: 494.38 of reduction, a third of it times 1.18.
    assert said[Place("occupation_deduction", "3000")] == -19_446
    # An artist of an employer in Brussels: a third of 726.50.
    assert said[Place("occupation_deduction", "G12")] == -24_217
    # The month withheld an advance; a quarter below 5 836.14 owes no special contribution.
    assert before[0]["withheld"] < 0
    assert Place("contribution", "856") not in said
    assert await belgium.office.pools.read.fetch(PAYSLIPS, belgium.entity) == before


async def test_a_payslip_that_is_missing_keeps_the_return_back(belgium: Filing) -> None:
    who = belgium.at.who
    contract = await belgium.office.contract(
        await belgium.office.order(belgium.entity, who, start_date="2026-09-01", end_date="2026-09-30"),
        who,
        start_date=date(2026, 9, 1),
        end_date=date(2026, 9, 30),
    )
    await belgium.office.hold_budget(contract)
    await belgium.office.accept(contract)
    await belgium.office.pools.write.execute(
        "update deadline set next_at = 'infinity' where key = $1", f"contract_end/{contract.key}"
    )
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    [waiting] = (await belgium.ask(WAITING))["nodes"]
    assert (waiting["state"], waiting["refusalCode"]) == ("DUE", "ReturnIncomplete")


async def test_in_production_a_shape_that_no_source_gives_is_not_filed(
    pools: Pools, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    filing = await filing_in(pools, "be", http, parties["authority"])
    await filing.pay_july()
    await filing.complete_declarant()
    office = replace(filing.office, service=replace(filing.office.service, is_production=True))
    await office.open_day(filing.entity, QUARTER_FILED)
    [waiting] = (await filing.ask(WAITING))["nodes"]
    assert (waiting["state"], waiting["refusalCode"]) == ("DUE", "ParametersNotConfirmed")


async def test_the_database_refuses_a_second_return_and_a_second_original(belgium: Filing) -> None:
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    write = belgium.office.pools.write
    columns = "entity_id, kind, period_start, period_end, sequence, format, filing_date, due_date"
    copy = f"""
        insert into periodic_return (id, {columns}) select gen_random_uuid(), {columns} from periodic_return
        where entity_id = $1 and filed_on is not null
    """  # noqa: S608  (names of columns)
    with pytest.raises(asyncpg.UniqueViolationError):
        await write.execute(copy, belgium.entity)
    again = """
        insert into returned_payslip (payslip_id, kind, return_id)
        select d.payslip_id, d.kind, r.id from returned_payslip d, periodic_return r
        where r.entity_id = $1 and r.filed_on is null
    """
    with pytest.raises(asyncpg.UniqueViolationError):
        await write.execute(again, belgium.entity)


async def forget_differences(belgium: Filing) -> None:
    """As a restoration does: nothing else can take back what is only ever added to."""
    async with transaction(belgium.office.pools.write) as db:
        for table, of_entity in (
            ("difference_settlement", "payslip_id in (select id from payslip where entity_id = $1)"),
            ("period_difference", "entity_id = $1"),
        ):
            await db.execute(f"alter table {table} disable trigger a_difference_is_never_edited")
            await db.execute(f"delete from {table} where {of_entity}", belgium.entity)  # noqa: S608
            await db.execute(f"alter table {table} enable trigger a_difference_is_never_edited")


async def test_a_return_that_a_restoration_forgot_is_written_again_with_the_same_bytes(
    belgium: Filing,
) -> None:
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    [_, filed] = await belgium.returns()
    write = belgium.office.pools.write
    await forget_differences(belgium)
    for table in ("returned_payslip", "returned_closing"):
        await write.execute(
            f"delete from {table} where return_id in (select id from periodic_return where entity_id = $1)",  # noqa: S608
            belgium.entity,
        )
    await write.execute(
        "delete from periodic_return where entity_id = $1 and filed_on is not null", belgium.entity
    )
    again = await belgium.ask(FILE, day="2026-09-30")
    assert (again["id"], again["filedOn"]) == (filed["id"], QUARTER_FILED.isoformat())
    [_, written] = await belgium.returns()
    assert written["files"] == filed["files"]
    await belgium.is_decided()

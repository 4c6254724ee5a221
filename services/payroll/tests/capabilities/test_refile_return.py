"""A return is filed again whole, from what is known then."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
from tests.a_filing import QUARTER_FILED, REFILE, WAITING, Filing, filing_in
from tests.an_office import Office
from tests.documents.read_returns import READERS

from commons.database import Pools
from commons.uuid7 import uuid7
from payroll.documents.return_text import ReturnFile
from payroll.rows import ContractRow

TYPED, CORRECTED = "85073003328", "85073003526"
LEARNED_AT_LAST = date(2026, 10, 20)


def files(one: dict[str, Any]) -> list[ReturnFile]:
    return [ReturnFile(each["name"], base64.b64decode(each["content"])) for each in one["files"]]


async def test_a_corrected_fact_stands_in_the_next_return_and_the_refused_one_stays_as_it_was(
    belgium: Filing,
) -> None:
    await belgium.behave(outcome="refused", reason=f"90017-369 {TYPED}")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    await belgium.at.complete(number=CORRECTED)
    again = await belgium.ask(REFILE, day="2026-09-30")
    assert (again["state"], again["sequence"], again["filedOn"]) == ("FILED", 2, QUARTER_FILED.isoformat())
    await belgium.is_decided()
    assert (await belgium.ask(WAITING))["nodes"] == []
    second, first = [each for each in await belgium.returns() if each["filedOn"]]
    assert [(each["sequence"], each["state"]) for each in (second, first)] == [
        (2, "ACCEPTED"),
        (1, "REFUSED"),
    ]
    for one, said, gone in ((first, TYPED, CORRECTED), (second, CORRECTED, TYPED)):
        content = b"".join(file.content for file in files(one))
        assert said.encode() in content
        assert gone.encode() not in content
    told = {str(each["reference"]): each["replaces"] for each in await belgium.told()}
    assert told[second["reference"]] is None, "what was refused is not there to be replaced"
    originals = (
        "select count(*) from returned_payslip r join payslip p on p.id = r.payslip_id where p.entity_id = $1"
    )
    assert await belgium.office.pools.read.fetchval(originals, belgium.entity) == 1


async def test_an_accepted_return_that_lacks_nothing_is_not_filed_again(belgium: Filing) -> None:
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    early = await belgium.ask(REFILE, day="2026-09-30")
    assert (early["code"], early["facts"]["state"]) == ("ReturnNotRefused", "filed")
    await belgium.is_decided()
    refused = await belgium.ask(REFILE, day="2026-09-30")
    assert (refused["code"], refused["facts"]) == ("ReturnNotRefused", {"state": "accepted", "sequence": 1})
    assert (await belgium.ask(REFILE, day="2025-09-30"))["code"] == "ReturnUnknown"


async def test_a_payslip_that_comes_after_its_return_was_accepted_is_told_and_declared_in_the_next(
    pools: Pools, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    belgium = await filing_in(pools, "be", http, parties["authority"])
    office, entity = belgium.office, belgium.entity
    late = await belgium.contract(replace(belgium.at.who, member_id=uuid7()))
    await office.hold_budget(late)
    await office.accept(late)
    await forget(office, late)
    await belgium.pay_july()
    await belgium.complete_declarant()
    await office.open_day(entity, QUARTER_FILED)
    await belgium.is_decided()
    assert (await belgium.ask(WAITING))["nodes"] == []

    await office.open_day(entity, LEARNED_AT_LAST)
    await learn(office, late)
    assert await office.payslip_of(late)
    [waiting] = (await belgium.ask(WAITING))["nodes"]
    assert (waiting["state"], waiting["periodStart"], waiting["latePayslipOn"]) == (
        "ACCEPTED",
        "2026-07-01",
        LEARNED_AT_LAST.isoformat(),
    )
    again = await belgium.ask(REFILE, day="2026-07-31")
    assert (again["sequence"], again["latePayslipOn"]) == (2, None)
    await belgium.is_decided()
    assert (await belgium.ask(WAITING))["nodes"] == []
    second, first = [each for each in await belgium.returns() if each["filedOn"]]
    told = {str(each["reference"]): each["replaces"] for each in await belgium.told()}
    assert (told[first["reference"]], told[second["reference"]]) == (None, first["reference"])
    once, twice = (
        sum(minor for _, _, minor in READERS[one["format"]](files(one))) for one in (first, second)
    )
    assert twice > once > 0
    assert (await belgium.ask(REFILE, day="2026-07-31"))["code"] == "ReturnNotRefused"


async def forget(office: Office, contract: ContractRow) -> None:
    """As if payroll had not been told yet that the hire was accepted."""
    await office.pools.write.execute("update contract set declared_on = null where id = $1", contract.key)
    await office.pools.write.execute(
        "update deadline set next_at = 'infinity' where key = $1", f"contract_end/{contract.key}"
    )


async def learn(office: Office, contract: ContractRow) -> None:
    """Now it is told."""
    await office.pools.write.execute(
        "update contract set declared_on = requested_on where id = $1", contract.key
    )
    await office.pools.write.execute(
        "update deadline set next_at = now() where key = $1", f"contract_end/{contract.key}"
    )
    await office.meet_deadlines()

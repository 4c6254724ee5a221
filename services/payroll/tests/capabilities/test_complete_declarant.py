"""A return needs to know by which number the authority knows the employer."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from tests.a_filing import FILE, QUARTER_FILED, REFILE, WAITING, filing_in

from commons.database import Pools


async def test_without_its_declarant_a_return_waits_and_files_itself_once_the_declarant_is_known(
    pools: Pools, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    filing = await filing_in(pools, "be", http, parties["authority"])
    await filing.pay_july()
    early = await filing.ask(FILE, day="2026-09-30")
    assert (early["code"], early["facts"]["last_day"]) == ("ReturnPeriodNotOver", "2026-09-30")
    assert (await filing.ask(FILE, day="2026-09-30", kind="SOCIAL"))["code"] == "ReturnUnknown"
    assert (await filing.ask(REFILE, day="2026-09-30"))["code"] == "ReturnNotRefused"
    await filing.office.open_day(filing.entity, QUARTER_FILED)
    [waiting] = (await filing.ask(WAITING))["nodes"]
    assert (waiting["state"], waiting["refusalCode"]) == ("DUE", "DeclarantMissing")
    assert (await filing.ask(FILE, day="2026-09-30"))["code"] == "DeclarantMissing"
    await filing.complete_declarant()
    [waiting] = (await filing.ask(WAITING))["nodes"]
    assert (waiting["state"], waiting["refusalCode"]) == ("FILED", None)
    assert (await filing.ask(FILE, day="2026-09-30"))["code"] == "ReturnAlreadyFiled"


REGION = """
mutation ($entity: ID!, $region: String) {
  completeDeclarant(entityId: $entity, authorityNumber: "123456789", contactName: "Anna O'Neill",
                    contactPhone: "+32 2 123 45 67", contactEmail: "payroll@example.org", region: $region) {
    ... on Entity { id }
    ... on Refusal { code path facts }
  }
}
"""
FILED = """
query ($entity: ID!) { periodicReturns(entityId: $entity) { nodes { filedOn region isRegionAssumed } } }
"""


@pytest.mark.parametrize(
    ("region", "wanted"), [(None, ("brussels", True)), ("flanders", ("flanders", False))]
)
async def test_the_region_of_the_establishment_is_what_the_officer_says_else_what_the_address_tells(
    pools: Pools,
    http: httpx.AsyncClient,
    parties: Mapping[str, str],
    region: str | None,
    wanted: tuple[str, bool],
) -> None:
    filing = await filing_in(pools, "be", http, parties["authority"])
    await filing.pay_july()
    refused = await filing.ask(REGION, region="bavaria")
    assert (refused["code"], refused["path"]) == ("EstablishmentRegionUnknown", ["region"])
    assert refused["facts"] == {"known": ["brussels", "flanders", "wallonia"]}
    assert "id" in await filing.ask(REGION, region=region)
    await filing.office.open_day(filing.entity, QUARTER_FILED)
    [filed] = [each for each in (await filing.ask(FILED))["nodes"] if each["filedOn"]]
    assert (filed["region"], filed["isRegionAssumed"]) == wanted


async def test_where_the_law_asks_for_no_region_none_can_be_said(
    pools: Pools, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    filing = await filing_in(pools, "nl", http, parties["authority"])
    refused = await filing.ask(REGION, region="brussels")
    assert (refused["code"], refused["facts"]) == ("EstablishmentRegionUnknown", {"known": []})

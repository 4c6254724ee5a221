"""A return needs to know by which number the authority knows the employer."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
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

"""The return of every country is built from stored payslips, sent to the simulated authority and read back."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping

import httpx
import pytest
from tests.a_filing import QUARTER_FILED, filing_in
from tests.countries.test_service import CODES
from tests.documents.read_returns import READERS

from commons.database import Pools
from payroll.archive import payslip_from
from payroll.documents.return_text import ReturnFile
from payroll.domain.belgium.quarter import REDUCTIONS, SPECIAL_CONTRIBUTION
from payroll.domain.periodic_return import ELSEWHERE, Place, form_of
from payroll.domain.return_filing import ReturnKind
from payroll.domain.sheet import Kind


@pytest.mark.parametrize("code", CODES)
async def test_the_return_files_itself_is_accepted_and_says_what_the_payslips_say(
    code: str, pools: Pools, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    filing = await filing_in(pools, code, http, parties["authority"])
    await filing.pay_july()
    await filing.complete_declarant()
    await filing.office.open_day(filing.entity, QUARTER_FILED)
    await filing.is_decided()
    row = await filing.office.pools.read.fetchrow(
        "select * from payslip where entity_id = $1 and kind = 'wage'", filing.entity
    )
    assert row is not None
    payslip, law = payslip_from(row), filing.office.service.law
    for kind in [kind for kind in ReturnKind if law.find(kind.value, payslip.day) is not None]:
        form = form_of(law, payslip.day, kind.value)
        period = form.period(payslip.day)
        [one] = [
            each
            for each in await filing.returns()
            if (each["kind"], each["periodStart"]) == (kind.name, period.start.isoformat())
        ]
        assert (one["state"], one["result"], one["sequence"], one["format"]) == (
            "ACCEPTED",
            "A",
            1,
            form.format,
        )
        assert period.last.isoformat() < one["filingDate"] <= one["dueDate"]
        wanted: Counter[Place] = Counter()
        for line in payslip.lines:
            at = form.places.get(f"{line.code}@{filing.at.regime}", form.places.get(line.code))
            if at is not None and at.block != ELSEWHERE:
                wanted[at] += -line.amount.minor if line.kind is Kind.DEDUCTION else line.amount.minor
        files = [ReturnFile(each["name"], base64.b64decode(each["content"])) for each in one["files"]]
        said = list(READERS[form.format](files))
        of_persons = {at for who, at, _ in said if who is not None}
        found: Counter[Place] = Counter()
        for who, at, minor in said:
            if (who is not None) == (at in of_persons):
                found[at] += minor
        # What the end of a quarter changes is not on the payslip: `test_file_return.py` tries it.
        closed = {form.places.get(code) for code in (SPECIAL_CONTRIBUTION, *REDUCTIONS)}
        for at, minor in wanted.items():
            if at in closed:
                continue
            # Some authorities want whole units.
            assert abs(found[at] - minor) < 100, at

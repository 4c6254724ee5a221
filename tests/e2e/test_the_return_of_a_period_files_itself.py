"""A quarter ends and its return is filed: refused field by field and corrected, warned about, unanswered, answered twice."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Failed, Refused
from tests.e2e.databases import Databases
from tests.e2e.engagement import Engagement, another_national_number
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

SPRING = date(2026, 6, 22)
FIRST_DAY, LAST_DAY = date(2026, 7, 1), date(2026, 7, 31)
# The third quarter of 2026 has work; the fourth, and the first two of 2027 have none and are declared too.
THIRD, FOURTH, FIRST, SECOND = date(2026, 7, 1), date(2026, 10, 1), date(2027, 1, 1), date(2027, 4, 1)
FILED = {
    THIRD: date(2026, 10, 3),
    FOURTH: date(2027, 1, 5),
    FIRST: date(2027, 4, 3),
    SECOND: date(2027, 7, 3),
}
REMINDED, DUE = date(2027, 4, 28), date(2027, 4, 30)
NUMBER = "123456789"


async def returns(work: Engagement, quarter: date) -> list[Any]:
    """The returns of a quarter as the payroll officer sees them, the one filed last first."""
    found = await work.officer.ask("periodic_returns", entity_id=work.house.entity_id)
    return [one for one in found["nodes"] if one["periodStart"] == quarter.isoformat()]


async def waiting(work: Engagement) -> list[tuple[str, str]]:
    """The officer's work list: each quarter and how its return stands."""
    found = await work.officer.ask("returns_waiting", entity_id=work.house.entity_id)
    return [(one["periodStart"], one["state"]) for one in found["nodes"]]


async def is_in(work: Engagement, quarter: date, *states: str) -> Any:
    """Wait until the newest return of a quarter is in one of some states."""
    [newest, *_] = await until(
        f"the return of {quarter} is {' or '.join(states).lower()}",
        lambda: returns(work, quarter),
        lambda found: bool(found) and found[0]["state"] in states,
    )
    return newest


def text(one: Mapping[str, Any]) -> str:
    """What the files of a return say."""
    return "".join(b64decode(file["content"]).decode() for file in one["files"])


async def test_each_quarter_is_declared_and_the_officer_sees_what_the_authority_said(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    work = await Engagement.covered(
        door, stack, name="Trimestre SC", day=SPRING, start=FIRST_DAY, end=LAST_DAY
    )
    house, officer, authority = work.house, work.officer, work.authority
    # Her number was typed wrong; the hire passes all the same.
    right, wrong = work.anna.national_number, another_national_number(work.anna)
    await work.complete_profile(national_number=wrong)
    contract_id = await work.request(gross="3600.00", start=FIRST_DAY, end=LAST_DAY)
    await work.is_declared(contract_id)
    await house.turn_to(LAST_DAY)
    await work.has_payslip(contract_id)

    # The quarter is over, and nobody has said by which number the authority knows the employer.
    with pytest.raises(Refused) as early:
        await officer.ask("file_return", entity_id=house.entity_id, period_day=LAST_DAY)
    assert early.value.code == "ReturnPeriodNotOver"
    await house.turn_to(FILED[THIRD])
    [kept_back] = await until(
        "it is said what keeps the return back",
        lambda: returns(work, THIRD),
        lambda found: found[0]["refusalCode"] is not None,
    )
    assert (kept_back["state"], kept_back["refusalCode"]) == ("DUE", "DeclarantMissing")
    assert await waiting(work) == [(THIRD.isoformat(), "DUE")]
    await authority.behave(
        match={"operation": "file_return", "format": "dmfa"},
        outcome="refused",
        reason=f"90017-369 {wrong}",
        times=1,
    )
    declarant = {
        "authority_number": NUMBER,
        "contact_name": "Anna O'Neill",
        "contact_phone": "+32 2 123 45 67",
        "contact_email": "payroll@example.org",
    }
    with pytest.raises(Failed) as failed:
        await work.anna.persona.ask("complete_declarant", entity_id=house.entity_id, **declarant)
    assert failed.value.codes == ["FORBIDDEN"]
    await officer.ask("complete_declarant", entity_id=house.entity_id, **declarant)

    # The authority refuses a field, and it is told whose it is.
    refused = await is_in(work, THIRD, "REFUSED")
    [field] = refused["fields"]
    assert (field["code"], field["member"]) == ("90017-369", {"id": work.anna.id})
    assert field["path"].endswith("/INSS")
    assert wrong in text(refused)
    assert await waiting(work) == [(THIRD.isoformat(), "REFUSED")]
    for name in ("periodic_returns", "returns_waiting"):
        with pytest.raises(Failed) as failed:
            await work.anna.persona.ask(name, entity_id=house.entity_id)
        assert failed.value.codes == ["FORBIDDEN"]

    # She corrects it, and the officer files it again.
    await work.complete_profile()
    again = await officer.ask("refile_return", entity_id=house.entity_id, period_day=LAST_DAY)
    assert (again["sequence"], again["filedOn"]) == (2, FILED[THIRD].isoformat())
    accepted = await is_in(work, THIRD, "ACCEPTED")
    assert right in text(accepted)
    assert wrong not in text(accepted)
    [_, before] = await returns(work, THIRD)
    assert (before["state"], before["replacedOn"]) == ("REFUSED", FILED[THIRD].isoformat())
    assert await waiting(work) == []
    with pytest.raises(Refused) as done:
        await officer.ask("refile_return", entity_id=house.entity_id, period_day=LAST_DAY)
    assert done.value.code == "ReturnNotRefused"

    # A quarter without work is declared by itself; a warning about the employer is an acceptance.
    await authority.behave(
        match={"operation": "file_return", "format": "dmfa"},
        outcome="warning",
        reason=f"90017-510 {NUMBER}",
        times=1,
    )
    await house.turn_to(FILED[FOURTH])
    warned = await is_in(work, FOURTH, "WARNED")
    [field] = warned["fields"]
    assert (field["code"], field["member"]) == ("90017-510", None)
    assert right not in text(warned)
    assert await waiting(work) == []

    # No answer: flagged while there is time, flagged again on the legal day, decided at last.
    await authority.behave(match={"operation": "file_return", "format": "dmfa"}, outcome="silent", times=1)
    await house.turn_to(FILED[FIRST])
    await is_in(work, FIRST, "FILED")
    await house.turn_to(REMINDED)
    silent = await is_in(work, FIRST, "UNANSWERED")
    assert (silent["unansweredOn"], silent["overdueOn"]) == (REMINDED.isoformat(), None)
    await house.turn_to(DUE)
    [overdue] = await until(
        "it is overdue", lambda: returns(work, FIRST), lambda found: found[0]["overdueOn"] is not None
    )
    assert (overdue["overdueOn"], overdue["dueDate"]) == (DUE.isoformat(), DUE.isoformat())
    assert await waiting(work) == [(FIRST.isoformat(), "UNANSWERED")]
    told = re.search(r"<CompanyID>(\d+)<", text(overdue))
    assert told is not None
    enterprise_number = told[1]
    [reference] = [
        str(one["reference"])
        for one in await authority.returns(enterprise_number)
        if one["outcome"] == "silent"
    ]
    await authority.answer_return_at_last(reference, "accepted")
    await is_in(work, FIRST, "ACCEPTED")
    assert await waiting(work) == []

    # The answer is lost, the same bytes are sent again, and the authority has it twice: one return.
    await authority.behave(
        match={"operation": "file_return", "format": "dmfa"},
        outcome="answered_twice",
        fault="lost_answer",
        times=1,
    )
    before_count = len(await authority.returns(enterprise_number))
    await house.turn_to(FILED[SECOND])
    await is_in(work, SECOND, "ACCEPTED")
    twice = (await authority.returns(enterprise_number))[before_count:]
    assert len(twice) == 2
    assert len({one["sha256"] for one in twice}) == 1
    assert [one["sequence"] for one in await returns(work, SECOND)] == [1]

    await databases.when_quiet()
    assert await databases.parked() == {}
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}

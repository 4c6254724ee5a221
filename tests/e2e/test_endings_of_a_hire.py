"""How a hire ends at the authority: refused, warned about, unanswered, answered twice; nobody works undeclared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Failed, Refused
from tests.e2e.databases import Databases
from tests.e2e.engagement import Engagement, another_national_number
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

SPRING, REMINDER_DAY = date(2026, 6, 22), date(2026, 6, 29)
FIRST_DAY, LAST_DAY = date(2026, 7, 1), date(2026, 7, 31)
GROSS, COST, NOTHING = "3600.00", Decimal("4896.00"), Decimal(0)


@pytest.fixture
async def work(door: Door, stack: Addresses) -> Engagement:
    """A member with a covered order for July, nine days before it begins."""
    return await Engagement.covered(
        door, stack, name="Embauche SC", day=SPRING, start=FIRST_DAY, end=LAST_DAY
    )


async def test_a_refused_hire_frees_the_budget_says_why_and_passes_once_it_is_corrected(
    work: Engagement, databases: Databases
) -> None:
    # Her number was typed wrong: it belongs to somebody whom the authority knows otherwise.
    wrong = another_national_number(work.anna)
    await work.complete_profile(national_number=wrong)
    await work.authority.behave(
        match={"operation": "declare", "ssin": wrong}, outcome="refused", reason="90017-369"
    )
    before = await work.budget()
    contract_id = await work.request(gross=GROSS, start=FIRST_DAY, end=LAST_DAY)
    refused = await work.is_refused(contract_id)
    assert refused["refusalCode"] == "HireRefused"
    assert refused["declaredOn"] is None
    [declaration] = refused["declarations"]
    assert (declaration["kind"], declaration["state"], declaration["result"]) == ("in", "REFUSED", "B")
    [anomaly] = declaration["anomalies"]
    assert anomaly["code"] == "90017-369"
    assert anomaly["label"] == "Contingent étudiant dépassé"
    assert await work.hire(contract_id, by=work.officer) == refused
    assert [one["id"] for one in await work.to_check()] == [contract_id]
    await work.budget_is(held=NOTHING, available=before["available"])

    await work.complete_profile()
    corrected_id = await work.request(gross=GROSS, start=FIRST_DAY, end=LAST_DAY)
    corrected = await work.is_declared(corrected_id)
    assert corrected["state"] == "DECLARED"
    await work.budget_is(held=COST, available=before["available"] - COST)
    await work.house.turn_to(FIRST_DAY)
    assert (await work.hire(corrected_id))["state"] == "ACTIVE"
    assert (await work.hire(contract_id))["state"] == "REFUSED"
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}


async def test_a_hire_that_is_accepted_with_a_warning_is_shown_to_the_officer_and_work_starts(
    work: Engagement,
) -> None:
    await work.authority.behave(
        match={"operation": "declare", "ssin": work.anna.national_number},
        outcome="warning",
        reason="90017-510",
    )
    contract_id = await work.request(gross=GROSS, start=FIRST_DAY, end=LAST_DAY)
    [declaration] = (await work.is_declared(contract_id))["declarations"]
    assert (declaration["state"], declaration["result"]) == ("ACCEPTED_WITH_WARNING", "W")
    [listed] = await work.to_check()
    assert listed["id"] == contract_id
    assert [one["code"] for one in listed["declarations"][0]["anomalies"]] == ["90017-510"]
    with pytest.raises(Failed) as failed:
        await work.anna.persona.ask("declarations_to_check", entity_id=work.house.entity_id)
    assert failed.value.codes == ["FORBIDDEN"]
    await work.house.turn_to(FIRST_DAY)
    started = await work.hire(contract_id)
    assert (started["state"], started["undeclaredOn"]) == ("ACTIVE", None)


async def test_nobody_starts_on_a_hire_that_the_authority_never_answered(
    work: Engagement, databases: Databases
) -> None:
    number = work.anna.national_number
    # The first answer is lost on its way, so it is asked under the same key; then nothing is decided.
    await work.authority.behave(
        match={"operation": "declare", "ssin": number}, outcome="silent", fault="lost_answer", times=1
    )
    before = await work.budget()
    contract_id = await work.request(gross=GROSS, start=FIRST_DAY, end=LAST_DAY)
    await until(
        "the authority has given a reference",
        lambda: work.hire(contract_id),
        lambda one: [each["state"] for each in one["declarations"]] == ["ACKNOWLEDGED"],
    )
    assert [one["kind"] for one in await work.authority.declarations(number)] == ["dimonaIn"]
    [waiting] = await work.waiting()
    assert (waiting["id"], waiting["unansweredOn"]) == (contract_id, None)

    # Two working days before the first: still time to act.
    await work.house.turn_to(REMINDER_DAY)
    flagged = await work.is_flagged(contract_id, "unansweredOn")
    assert (flagged["unansweredOn"], flagged["undeclaredOn"]) == (REMINDER_DAY.isoformat(), None)
    assert [one["unansweredOn"] for one in await work.waiting()] == [REMINDER_DAY.isoformat()]

    # The first day: the member is told that nothing is accepted, and the contract is not active.
    await work.house.turn_to(FIRST_DAY)
    flagged = await work.is_flagged(contract_id, "undeclaredOn")
    assert (flagged["state"], flagged["declaredOn"]) == ("BUDGET_HELD", None)
    await work.budget_is(held=COST)
    assert [one["kind"] for one in await work.authority.declarations(number)] == ["dimonaIn"]

    # The officer calls it off, the work is moved to later days, and that hire passes.
    with pytest.raises(Failed) as failed:
        await work.anna.persona.ask("call_off_contract", contract_id=contract_id)
    assert failed.value.codes == ["FORBIDDEN"]
    called_off = await work.officer.ask("call_off_contract", contract_id=contract_id)
    assert (called_off["state"], called_off["refusalCode"]) == ("REFUSED", "HireNotAccepted")
    assert await work.waiting() == []
    await work.budget_is(held=NOTHING, available=before["available"])
    moved_id = await work.request(
        kind="DAYS", gross="200.00", days=5, start=date(2026, 7, 6), end=date(2026, 7, 10)
    )
    await work.is_declared(moved_id)
    with pytest.raises(Refused) as refused:
        await work.officer.ask("call_off_contract", contract_id=moved_id)
    assert refused.value.code == "HireIsAccepted"

    # At last the authority accepts the first one: nobody wants it any more, so it is taken back.
    await work.authority.answer_at_last(number, "accepted")
    taken_back = await until(
        "the late acceptance is taken back",
        lambda: work.hire(contract_id),
        lambda one: [each["state"] for each in one["declarations"]] == ["ACCEPTED", "ACCEPTED"],
    )
    assert [one["kind"] for one in taken_back["declarations"]] == ["in", "cancel"]
    assert taken_back["state"] == "REFUSED"
    declared = await work.authority.declarations(number)
    assert [(one["kind"], one["is_cancelled"]) for one in declared] == [
        ("dimonaIn", True),
        ("dimonaIn", False),
        ("dimonaCancel", True),
    ]
    await databases.when_quiet()
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
    assert await databases.parked() == {}


async def test_a_hire_that_is_answered_twice_is_one_hire(work: Engagement, databases: Databases) -> None:
    number = work.anna.national_number
    await work.authority.behave(
        match={"operation": "declare", "ssin": number}, outcome="answered_twice", fault="lost_answer", times=1
    )
    contract_id = await work.request(gross=GROSS, start=FIRST_DAY, end=LAST_DAY)
    declared = await work.is_declared(contract_id)
    [declaration] = declared["declarations"]
    assert (declaration["state"], declaration["contradictedOn"]) == ("ACCEPTED", None)
    answers = await work.authority.declarations(number)
    assert len(answers) == 2
    assert len({one["period_id"] for one in answers}) == 1
    await work.house.turn_to(REMINDER_DAY)
    await databases.when_quiet()
    assert await work.to_check() == []
    await work.budget_is(held=COST)
    await work.house.turn_to(FIRST_DAY)
    started = await work.hire(contract_id)
    assert (started["state"], started["declaredOn"]) == ("ACTIVE", SPRING.isoformat())


async def test_an_authority_that_contradicts_itself_is_a_persons_work_before_anybody_starts(
    work: Engagement, databases: Databases
) -> None:
    number = work.anna.national_number
    await work.authority.behave(
        match={"operation": "declare", "ssin": number}, outcome="accepted_then_refused", times=1
    )
    before = await work.budget()
    contract_id = await work.request(gross=GROSS, start=FIRST_DAY, end=LAST_DAY)
    await work.is_declared(contract_id)
    assert await work.to_check() == []

    await work.house.turn_to(REMINDER_DAY)
    [listed] = await until("the officer is told", work.to_check, lambda found: len(found) == 1)
    assert (listed["id"], listed["state"]) == (contract_id, "DECLARED")
    [declaration] = listed["declarations"]
    assert (declaration["state"], declaration["contradictingResult"]) == ("ACCEPTED", "B")
    [seen] = (await work.hire(contract_id))["declarations"]
    assert seen["contradictedOn"] == REMINDER_DAY.isoformat()
    assert [one["code"] for one in seen["contradictingAnomalies"]] == ["SIM-003"]

    called_off = await work.officer.ask("call_off_contract", contract_id=contract_id)
    assert called_off["refusalCode"] == "HireNotAccepted"
    await work.budget_is(held=NOTHING, available=before["available"])
    await databases.when_quiet()
    assert [one["is_cancelled"] for one in await work.authority.declarations(number)] == [True, True]
    await work.house.turn_to(LAST_DAY)
    await databases.when_quiet()
    assert (await work.anna.persona.ask("contract", id=contract_id))["payslip"] is None

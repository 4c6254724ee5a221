"""A filed return ends as a hire does: refused field by field, warned about, unanswered, answered twice."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.a_filing import QUARTER_DUE, QUARTER_FILED, QUARTER_REMINDED, WAITING, Filing

from commons import global_id
from payroll.figures import FIGURES


async def test_a_refused_field_names_its_worker(
    belgium: Filing,
) -> None:
    await belgium.behave(outcome="refused", reason="90017-369 85073003328")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    [waiting] = (await belgium.ask(WAITING))["nodes"]
    assert (waiting["state"], waiting["dueDate"]) == ("REFUSED", QUARTER_DUE.isoformat())
    [_, refused] = await belgium.returns()
    [field] = refused["fields"]
    assert field["code"] == "90017-369"
    assert field["path"].endswith("/INSS")
    assert field["member"] == {"id": belgium.at.id("Member", belgium.at.who.member_id)}
    assert await belgium.office.announced(global_id.decode(refused["id"]).key) == [
        "ReturnFiled",
        "ReturnRefused",
    ]


async def test_a_field_of_the_employer_names_no_worker_and_a_warning_is_an_acceptance(
    belgium: Filing,
) -> None:
    await belgium.behave(outcome="warning", reason="90017-510 123456789")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    [_, warned] = await belgium.returns()
    assert (warned["state"], warned["result"]) == ("WARNED", "W")
    [field] = warned["fields"]
    assert field["path"].endswith("/NOSSRegistrationNbr")
    assert field["member"] is None
    assert (await belgium.ask(WAITING))["nodes"] == []


async def test_a_silent_authority_is_flagged_before_the_legal_day_and_on_it(belgium: Filing) -> None:
    await belgium.behave(outcome="silent")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)

    async def was_asked() -> bool:
        asked = (
            "select reference is not null from periodic_return where entity_id = $1 and filed_on is not null"
        )
        return bool(await belgium.office.pools.read.fetchval(asked, belgium.entity))

    await belgium.office.execute_effects(was_asked)
    await belgium.office.open_day(belgium.entity, QUARTER_REMINDED)
    [_, silent] = await belgium.returns()
    assert (silent["state"], silent["unansweredOn"]) == ("UNANSWERED", QUARTER_REMINDED.isoformat())
    assert silent["overdueOn"] is None
    await belgium.office.open_day(belgium.entity, QUARTER_DUE)
    [_, silent] = await belgium.returns()
    assert silent["overdueOn"] == QUARTER_DUE.isoformat()
    async with belgium.office.pools.read.acquire() as db:
        overdue = {figure.sentence: await figure.count(db, now=datetime.now(UTC)) for figure in FIGURES}
    assert overdue["{count} periodic returns are due and not accepted."] == (1, True)

    late = {"reference": int(silent["reference"]), "outcome": "accepted"}
    answer = await belgium.http.post(f"{belgium.url}/simulate/returns/answers", json=late)
    assert answer.json()["answered"] == 1
    await belgium.is_decided()
    async with belgium.office.pools.read.acquire() as db:
        overdue = {figure.sentence: await figure.count(db, now=datetime.now(UTC)) for figure in FIGURES}
    assert overdue["{count} periodic returns are due and not accepted."] == (0, False)


async def test_a_return_whose_answer_was_lost_is_sent_again_with_the_same_bytes_and_accepted_once(
    belgium: Filing,
) -> None:
    await belgium.behave(outcome="answered_twice", fault="lost_answer")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    [_, accepted] = await belgium.returns()
    assert accepted["state"] == "ACCEPTED"
    told = await belgium.told()
    ours = [each for each in told if str(each["reference"]) == accepted["reference"]]
    same = [each for each in told if each["sha256"] == ours[0]["sha256"]]
    assert len(same) == 2, "the authority has it twice, byte for byte"
    announced = await belgium.office.announced(global_id.decode(accepted["id"]).key)
    assert announced == ["ReturnFiled", "ReturnAccepted"]


async def test_what_is_sent_and_answered_cannot_be_read_without_the_key(belgium: Filing) -> None:
    await belgium.behave(outcome="refused", reason="SIM-101 85073003328")
    await belgium.office.open_day(belgium.entity, QUARTER_FILED)
    await belgium.is_decided()
    row = await belgium.office.pools.read.fetchrow(
        "select * from periodic_return where entity_id = $1 and filed_on is not null", belgium.entity
    )
    assert row is not None
    for column in ("request", "answer", "fields"):
        opened = belgium.office.service.sealer.open(row[column], of=f"periodic return {row['id']}")
        assert opened
        assert opened not in row[column]
    effects = await belgium.office.pools.read.fetch(
        "select payload::text from effect where kind = 'return.file'"
    )
    assert all("85073003328" not in effect["payload"] for effect in effects)

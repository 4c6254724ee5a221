"""Hire declarations and the moods of the authority."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.authority import authority
from simulators.tests.builders import (
    EMPLOYER,
    WORKER,
    ManualClock,
    a_dimona_in,
    client_of,
    misbehave,
    token_form,
)

DECLARATIONS = "/REST/dimona/v2/declarations"


@pytest.fixture
async def client(tmp_path: Path, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(authority(tmp_path, clock)) as client:
        await sign_in(client, clock)
        yield client


async def sign_in(client: httpx.AsyncClient, clock: ManualClock) -> None:
    answer = await client.post("/REST/oauth/v5/token", data=token_form(clock))
    assert answer.status_code == 200, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


async def declared(client: httpx.AsyncClient, body: dict[str, Any], key: str | None = None) -> str:
    headers = {"Idempotency-Key": key} if key else {}
    answer = await client.post(DECLARATIONS, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


async def status(client: httpx.AsyncClient, clock: ManualClock, location: str) -> dict[str, Any]:
    clock.pass_seconds(0.2)
    answer = await client.get(location)
    assert answer.status_code == 200, answer.text
    assert answer.json()["simulated"] is True
    return dict(answer.json()["declarationStatus"])


async def test_a_declaration_is_accepted_after_a_while(client: httpx.AsyncClient, clock: ManualClock) -> None:
    location = await declared(client, a_dimona_in())
    assert (await client.get(location)).status_code == 404
    answer = await status(client, clock, location)
    assert answer["result"] == "A"
    assert answer["anomalies"] == []
    assert answer["period"]["id"]


async def test_who_has_no_token_is_turned_away(client: httpx.AsyncClient, clock: ManualClock) -> None:
    clock.pass_seconds(3601)
    assert (await client.post(DECLARATIONS, json=a_dimona_in())).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"grant_type": "password"},
        {"scope": "scope:other"},
        {"client_assertion_type": "secret"},
        {"client_assertion": "not a token"},
    ],
)
async def test_a_malformed_request_for_a_token_is_refused(
    client: httpx.AsyncClient, clock: ManualClock, changes: dict[str, str]
) -> None:
    answer = await client.post("/REST/oauth/v5/token", data=token_form(clock, **changes))
    assert answer.status_code in (400, 401)


@pytest.mark.parametrize(
    "body",
    [
        {},
        a_dimona_in(employer="0403019262"),
        a_dimona_in(worker="85073003329"),
        a_dimona_in(endDate="2026-06-30"),
        a_dimona_in(features={"jointCommissionNumber": "304", "workerType": "OTH"}),
        a_dimona_in(features={"jointCommissionNumber": "200", "workerType": "BOSS"}),
        {"dimonaIn": a_dimona_in()["dimonaIn"]},
        a_dimona_in() | {"dimonaCancel": {"periodId": 1}},
    ],
)
async def test_a_malformed_declaration_is_a_problem(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await client.post(DECLARATIONS, json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


async def test_the_performing_arts_committee_is_declared_as_xxx(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    features = {"jointCommissionNumber": "XXX", "workerType": "OTH"}
    location = await declared(client, a_dimona_in(features=features))
    assert (await status(client, clock, location))["result"] == "A"


async def test_the_same_idempotency_key_gives_the_same_reference(client: httpx.AsyncClient) -> None:
    first = await declared(client, a_dimona_in(), key="k1")
    assert await declared(client, a_dimona_in(), key="k1") == first
    assert await declared(client, a_dimona_in(), key="k2") != first


async def test_an_idempotency_key_is_not_used_for_another_declaration(client: httpx.AsyncClient) -> None:
    await declared(client, a_dimona_in(), key="k1")
    other = a_dimona_in(endDate="2026-08-31")
    answer = await client.post(DECLARATIONS, json=other, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 422


async def test_a_lost_answer_does_not_lose_the_declaration(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await misbehave(client, match={"operation": "declare"}, fault="lost_answer", times=1)
    lost = await client.post(DECLARATIONS, json=a_dimona_in(), headers={"Idempotency-Key": "k1"})
    assert lost.status_code == 504
    location = await declared(client, a_dimona_in(), key="k1")
    assert (await status(client, clock, location))["result"] == "A"


@pytest.mark.parametrize(
    ("outcome", "result", "codes"),
    [("warning", "W", ["SIM-001"]), ("refused", "B", ["SIM-001"]), ("waiting", "S", [])],
)
async def test_a_rule_decides_about_one_worker_only(
    client: httpx.AsyncClient, clock: ManualClock, outcome: str, result: str, codes: list[str]
) -> None:
    await misbehave(client, match={"ssin": WORKER}, outcome=outcome)
    answer = await status(client, clock, await declared(client, a_dimona_in()))
    assert answer["result"] == result
    assert [anomaly["code"] for anomaly in answer["anomalies"]] == codes
    another = await status(client, clock, await declared(client, a_dimona_in(worker="98472899765")))
    assert another["result"] == "A"


async def test_a_refusal_carries_the_asked_code_with_its_labels(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await misbehave(client, match={"enterprise_number": EMPLOYER}, outcome="refused", reason="90017-369")
    [anomaly] = (await status(client, clock, await declared(client, a_dimona_in())))["anomalies"]
    assert anomaly["code"] == "90017-369"
    assert anomaly["labels"]["fr"]
    assert anomaly["labels"]["nl"]


async def test_a_silent_authority_never_answers(client: httpx.AsyncClient, clock: ManualClock) -> None:
    await misbehave(client, outcome="silent")
    location = await declared(client, a_dimona_in())
    clock.pass_seconds(3000)
    assert (await client.get(location)).status_code == 404


async def test_a_silent_authority_can_be_made_to_answer_at_last(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await misbehave(client, outcome="silent", times=1)
    location = await declared(client, a_dimona_in())
    for answered in (1, 0):
        answer = await client.post("/simulate/answers", json={"ssin": WORKER, "outcome": "refused"})
        assert answer.json()["answered"] == answered
    assert (await status(client, clock, location))["result"] == "B"


async def test_a_waiting_declaration_can_be_accepted_later(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await misbehave(client, outcome="waiting_then_accepted", times=1)
    location = await declared(client, a_dimona_in())
    assert [(await status(client, clock, location))["result"] for _ in range(3)] == ["S", "A", "A"]


async def test_an_authority_may_contradict_what_it_said_first(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await misbehave(client, outcome="accepted_then_refused", times=1)
    location = await declared(client, a_dimona_in())
    answers = [await status(client, clock, location) for _ in range(3)]
    assert [answer["result"] for answer in answers] == ["A", "B", "B"]
    assert [anomaly["code"] for anomaly in answers[1]["anomalies"]] == ["SIM-003"]


async def test_what_was_declared_about_a_worker_is_shown_with_its_period(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    period = (await status(client, clock, await declared(client, a_dimona_in(), key="k1")))["period"]["id"]
    await declared(client, a_dimona_in(), key="k1")
    await declared(client, {"dimonaCancel": {"periodId": period}})
    shown = (await client.get("/simulate/declarations", params={"ssin": WORKER})).json()["declarations"]
    assert [(one["kind"], one["is_cancelled"]) for one in shown] == [
        ("dimonaIn", True),
        ("dimonaCancel", True),
    ]
    assert {one["period_id"] for one in shown} == {period}


async def test_answering_twice_gives_two_references_of_one_period(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await misbehave(client, outcome="answered_twice", times=1)
    first, second = [await declared(client, a_dimona_in(), key="k1") for _ in range(2)]
    assert first != second
    assert await status(client, clock, first) | {"declarationId": 0} == await status(
        client, clock, second
    ) | {"declarationId": 0}


async def test_processing_takes_as_long_as_a_rule_says(client: httpx.AsyncClient, clock: ManualClock) -> None:
    await misbehave(client, processing_ms=60_000)
    location = await declared(client, a_dimona_in())
    clock.pass_seconds(59)
    assert (await client.get(location)).status_code == 404
    clock.pass_seconds(1)
    assert (await client.get(location)).status_code == 200


async def test_a_period_is_changed_then_cancelled_once(client: httpx.AsyncClient, clock: ManualClock) -> None:
    period = (await status(client, clock, await declared(client, a_dimona_in())))["period"]["id"]
    change = {"dimonaUpdate": {"periodId": period, "endDate": "2026-08-15"}}
    cancel = {"dimonaCancel": {"periodId": period}}
    changed = await status(client, clock, await declared(client, change))
    cancelled = await status(client, clock, await declared(client, cancel))
    again = await status(client, clock, await declared(client, cancel))
    assert (changed["result"], changed["period"]["id"]) == ("A", period)
    assert cancelled["result"] == "A"
    assert again["result"] == "B"
    assert again["anomalies"][0]["code"] == "00913-355"


async def test_a_correction_of_an_unknown_period_is_refused(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await misbehave(client, outcome="warning")
    answer = await status(client, clock, await declared(client, {"dimonaCancel": {"periodId": "7"}}))
    assert answer["result"] == "B"


async def test_declarations_outlive_a_restart(
    client: httpx.AsyncClient, tmp_path: Path, clock: ManualClock
) -> None:
    location = await declared(client, a_dimona_in(), key="k1")
    async with client_of(authority(tmp_path, clock)) as after:
        after.headers["Authorization"] = client.headers["Authorization"]
        assert (await status(after, clock, location))["result"] == "A"
        assert await declared(after, a_dimona_in(), key="k1") == location


DPAE = (
    '<Dpae xmlns="urn:partage:dpae:shape-unverified"><Employeur><Siren>{siren}</Siren></Employeur>'
    "<Salarie><Nir>295109912611193</Nir></Salarie><Embauche><DateEmbauche>2026-07-01</DateEmbauche>"
    "<DateFinContrat>{last}</DateFinContrat></Embauche></Dpae>"
)
NAV_08E = (
    '<nyomtatvany xmlns="urn:partage:nav-08e:shape-unverified"><muvelet>{act}</muvelet>'
    "<munkaltatoAdoszama>12892312</munkaltatoAdoszama><adoazonositoJel>8451234569</adoazonositoJel>"
    "<jogviszonyKezdete>2026-07-01</jogviszonyKezdete><jogviszonyVege>2026-07-31</jogviszonyVege></nyomtatvany>"
)

RECORD = "# unverified\n{:2}{:9}{:{}}{:8}{:8}" + " " * 15 + "\n"
NOTICE = "# unverified\nGrund;Storno;Arbeitgeber;Beschaeftigter;Beginn;Ende;Bezug\n{}\n"


@pytest.mark.parametrize(
    ("path", "document", "worker"),
    [
        ("/dpae/declarations", DPAE.format(siren="303265045", last="2026-07-31"), "295109912611193"),
        ("/nav/08e/declarations", NAV_08E.format(act="bejelentes"), "8451234569"),
    ],
)
async def test_a_french_and_a_hungarian_hire_open_a_period_that_can_be_taken_back(
    client: httpx.AsyncClient, clock: ManualClock, path: str, document: str, worker: str
) -> None:
    filed = await client.post(path, content=document, headers={"Idempotency-Key": "k1"})
    assert filed.status_code == 201, filed.text
    again = await client.post(path, content=document, headers={"Idempotency-Key": "k1"})
    assert again.headers["Location"] == filed.headers["Location"]
    answer = await status(client, clock, filed.headers["Location"])
    assert answer["result"] == "A"
    period = answer["period"]["id"]
    cancel = {
        "/dpae/declarations": '<Dpae xmlns="urn:partage:dpae:shape-unverified"><Annulation>'
        f"<Reference>{period}</Reference></Annulation></Dpae>",
        "/nav/08e/declarations": '<nyomtatvany xmlns="urn:partage:nav-08e:shape-unverified">'
        f"<muvelet>torles</muvelet><hivatkozas>{period}</hivatkozas></nyomtatvany>",
    }[path]
    assert (await client.post(path, content=cancel)).status_code == 201
    told = (await client.get("/simulate/declarations", params={"ssin": worker})).json()["declarations"]
    assert [(one["kind"], one["is_cancelled"]) for one in told] == [("hire", True), ("cancel", True)]


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/dpae/declarations", DPAE.format(siren="303265046", last="2026-07-31")),
        ("/dpae/declarations", DPAE.format(siren="303265045", last="2026-06-30")),
        ("/dpae/declarations", DPAE.format(siren="303265045", last="tomorrow")),
        ("/dpae/declarations", "<!DOCTYPE a><a/>"),
        ("/dpae/declarations", "{}"),
        ("/nav/08e/declarations", NAV_08E.format(act="?")),
        ("/nav/08e/declarations", DPAE.format(siren="303265045", last="2026-07-31")),
        ("/elda/declarations", RECORD.format("AN", "U13585628", "1237010180", 10, "20260701", "20260731")),
        ("/elda/declarations", RECORD.format("AN", "U13585627", "1237010180", 10, "20260731", "20260701")),
        ("/elda/declarations", RECORD.format("AL", "U13585627", "1237010180", 10, "20260701", "20260731")),
        ("/elda/declarations", RECORD.format("AN", "U13585627", "1237010180", 12, "20260701", "20260731")),
        ("/red/declarations", RECORD.format("AL", "B58378431", "54362315A", 9, "20260701", "20260731")),
        ("/red/declarations", "# \n" + "é" * 51),
        ("/red/declarations", ""),
        ("/deuev/declarations", NOTICE.format("10;N;136695976;36574261808;2026-07-01;2026-07-31;")),
        ("/deuev/declarations", NOTICE.format("50;N;136695976;36574261809;2026-07-01;2026-07-31;")),
        ("/deuev/declarations", NOTICE.format("10;N;136695976;36574261809;2026-02-30;2026-07-31;")),
        ("/deuev/declarations", NOTICE.format("10;J;;;;;'")),
        ("/deuev/declarations", "# \nGrund\n10\n"),
        ("/unilav/declarations", '<UniLav xmlns="urn:partage:unilav:shape-unverified"/>'),
    ],
)
async def test_a_malformed_document_is_refused_and_its_numbers_are_not_repeated(
    client: httpx.AsyncClient, path: str, document: str
) -> None:
    refused = await client.post(path, content=document)
    assert refused.status_code == 400
    for number in ("295109912611193", "1237010180", "54362315A", "36574261808"):
        assert number not in refused.text

"""The manners that all parties share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from simulators import party as party_module
from simulators.behavior import rule_count_max
from simulators.party import silence_seconds
from simulators.program import build_parties
from simulators.settings import PARTIES, MissingSetting, ProductionRefused, Settings
from simulators.tests.builders import ManualClock, client_of, misbehave

MESSAGE = {"to": "a@example.test", "subject": "s"}
ENVIRONMENT = {f"{party.upper()}_PORT": str(9100 + number) for number, party in enumerate(PARTIES)}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment(ENVIRONMENT | {"STATE_DIR": str(tmp_path)})


@pytest.fixture
async def client(settings: Settings, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(build_parties(settings, clock)["mail"]) as client:
        yield client


@pytest.mark.parametrize("name", PARTIES)
async def test_every_party_says_that_it_is_simulated(
    settings: Settings, clock: ManualClock, name: str
) -> None:
    async with client_of(build_parties(settings, clock)[name]) as client:
        about = await client.get("/")
        assert about.json()["simulated"] is True
        assert about.json()["explanation"]
        for path in ("/", "/livez", "/startz", "/readyz", "/metrics", "/no-such-path", "/openapi.json"):
            assert (await client.get(path)).headers["X-Simulated"] == "true"
        assert (await client.get("/readyz")).status_code == 200
        assert 'simulator_requests_total{party="' in (await client.get("/metrics")).text


async def test_a_party_can_be_slow(client: httpx.AsyncClient, clock: ManualClock) -> None:
    begun = clock.now()
    await misbehave(client, latency_ms=1500)
    assert (await client.post("/messages", json=MESSAGE)).status_code == 202
    assert (clock.now() - begun).total_seconds() == 1.5


@pytest.mark.parametrize(("fault", "status"), [("error", 500), ("busy", 503), ("lost_answer", 504)])
async def test_a_fault_lasts_as_many_times_as_asked(
    client: httpx.AsyncClient, fault: str, status: int
) -> None:
    await misbehave(client, fault=fault, times=2)
    statuses = [(await client.post("/messages", json=MESSAGE)).status_code for _ in range(3)]
    assert statuses == [status, status, 202]


async def test_silence_holds_the_answer_back(client: httpx.AsyncClient, clock: ManualClock) -> None:
    begun = clock.now()
    await misbehave(client, fault="silence")
    assert (await client.post("/messages", json=MESSAGE)).status_code == 504
    assert (clock.now() - begun).total_seconds() == silence_seconds


async def test_the_newest_matching_rule_is_obeyed(client: httpx.AsyncClient) -> None:
    await misbehave(client, fault="error")
    newest = await misbehave(client, match={"to": "A@example.test"}, fault="busy")
    assert (await client.post("/messages", json=MESSAGE)).status_code == 503
    await client.delete(f"/simulate/behavior/{newest}")
    assert (await client.post("/messages", json=MESSAGE)).status_code == 500
    assert len((await client.get("/simulate/behavior")).json()["rules"]) == 1
    assert (await client.delete("/simulate/behavior")).json()["deleted"] == 1
    assert (await client.post("/messages", json=MESSAGE)).status_code == 202


@pytest.mark.parametrize("rule", [{"outcome": "sung"}, {"match": {"color": "red"}}, {"fault": "fire"}])
async def test_a_rule_that_nothing_could_obey_is_refused(
    client: httpx.AsyncClient, rule: dict[str, object]
) -> None:
    assert (await client.post("/simulate/behavior", json=rule)).status_code == 422


async def test_rules_are_bounded_and_outlive_a_restart(
    client: httpx.AsyncClient, settings: Settings, clock: ManualClock
) -> None:
    for _ in range(rule_count_max):
        await misbehave(client, fault="busy")
    assert (await client.post("/simulate/behavior", json={"fault": "busy"})).status_code == 409
    async with client_of(build_parties(settings, clock)["mail"]) as after:
        assert (await after.post("/messages", json=MESSAGE)).status_code == 503


async def test_an_oversized_body_is_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(party_module, "body_bytes_max", 100)
    answer = await client.post("/messages", json=MESSAGE | {"text": "x" * 200})
    assert answer.status_code == 413
    assert answer.headers["X-Simulated"] == "true"


def test_nothing_starts_in_production(tmp_path: Path) -> None:
    environment = ENVIRONMENT | {"STATE_DIR": str(tmp_path), "PROFILE": "production"}
    with pytest.raises(ProductionRefused):
        Settings.from_environment(environment)


@pytest.mark.parametrize("missing", ["BANK_PORT", "STATE_DIR"])
def test_a_missing_setting_is_named(tmp_path: Path, missing: str) -> None:
    environment = ENVIRONMENT | {"STATE_DIR": str(tmp_path), missing: ""}
    with pytest.raises(MissingSetting, match=missing):
        Settings.from_environment(environment)


def test_the_issuer_is_its_own_address_unless_told_otherwise(settings: Settings, tmp_path: Path) -> None:
    assert settings.identity_issuer == "http://127.0.0.1:9100"
    environment = ENVIRONMENT | {"STATE_DIR": str(tmp_path), "IDENTITY_ISSUER": "https://id.example.test"}
    assert Settings.from_environment(environment).identity_issuer == "https://id.example.test"

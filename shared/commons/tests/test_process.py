from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from commons.country import Country
from commons.database import Pools
from commons.migrate import COMMONS_MESSAGING
from commons.process import EXIT_WRONG_USE, Service, main
from commons.settings import Settings

ENVIRONMENT = {
    "COUNTRY": "be",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "HTTP_PORT": "0",
    "JWT_ISSUER": "https://issuer.test",
    "JWKS_URL": "https://issuer.test/jwks.json",
}


@asynccontextmanager
async def no_work(settings: Any, country: Country, pools: Pools) -> AsyncIterator[None]:
    yield None


def a_service(*sections: str) -> Service:
    return Service("sample", Settings, sections, [COMMONS_MESSAGING], lambda settings: None, no_work)


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str, **changes: str
) -> tuple[int, str]:
    for name, value in (ENVIRONMENT | changes).items():
        monkeypatch.setenv(name, value)
    status = main(a_service("country", "membership"), arguments)
    return status, capsys.readouterr().err


def test_a_program_that_does_not_exist_gets_the_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, capsys, "serve") == (
        EXIT_WRONG_USE,
        "usage: python -m sample api | worker | migrate | doctor | parked | replay | restored\n",
    )


@pytest.mark.parametrize("parts", ["", "relay,relay", "relay,everything", "--parts"])
def test_a_part_of_a_worker_that_does_not_exist_is_refused_with_the_names_of_those_that_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], parts: str
) -> None:
    status, told = run(monkeypatch, capsys, "worker", "--parts", parts)
    assert status == EXIT_WRONG_USE
    assert "relay, consume, effects, deadlines, reconcile" in told


def test_a_missing_setting_is_named_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = run(monkeypatch, capsys, "api", KAFKA_BOOTSTRAP="")
    assert status == EXIT_WRONG_USE
    assert "KAFKA_BOOTSTRAP is not set." in told


def test_a_country_whose_files_are_incomplete_is_refused_by_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = run(monkeypatch, capsys, "api", COUNTRY="se")
    assert status == EXIT_WRONG_USE
    assert "data that a cell needs is still missing" in told
    assert "membership" in told


def test_a_country_that_does_not_exist_is_refused_by_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = run(monkeypatch, capsys, "worker", COUNTRY="zz")
    assert status == EXIT_WRONG_USE
    assert "There is no such country" in told


def test_simulation_is_refused_in_production(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = run(monkeypatch, capsys, "api", PROFILE="production", SIMULATION_ALLOWED="true")
    assert status == EXIT_WRONG_USE
    assert "SIMULATION_ALLOWED must be false in production" in told

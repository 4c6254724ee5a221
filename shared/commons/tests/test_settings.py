"""Settings are read whole at the start, and what is wrong is said in sentences, all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from commons.settings import Settings, SettingsWrong

ENVIRONMENT = {
    "COUNTRY": "be",
    "DATABASE_URL": "postgresql://localhost/members",
    "KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "HTTP_PORT": "8001",
    "JWT_ISSUER": "issuer",
    "JWKS_URL": "jwks",
    "PROFILE": "local",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PayrollSettings(Settings):
    data_key: bytes = field(repr=False)
    authority_url: str


def test_a_service_adds_its_own_settings() -> None:
    environment = {
        **ENVIRONMENT,
        "DATA_KEY": "AAEC",
        "AUTHORITY_URL": "a",
        "SIMULATION_ALLOWED": "true",
        "COUNTRIES_DIR": "x",
    }
    settings = PayrollSettings.from_environment(environment)
    assert (settings.data_key, settings.http_port, settings.simulation_allowed) == (b"\0\1\2", 8001, True)
    assert settings.countries_dir == Path("x")
    assert settings.jwt_audience == "partage"


def test_secrets_are_not_shown() -> None:
    settings = PayrollSettings.from_environment({**ENVIRONMENT, "DATA_KEY": "AAEC", "AUTHORITY_URL": "a"})
    assert "postgresql" not in repr(settings)
    assert "data_key" not in repr(settings)


def test_all_that_is_wrong_is_said_at_once_without_values() -> None:
    environment = {
        **ENVIRONMENT,
        "HTTP_PORT": "many",
        "SIMULATION_ALLOWED": "yes",
        "PROFILE": "test",
        "DATA_KEY": "s3cret!",
    }
    with pytest.raises(SettingsWrong) as wrong:
        PayrollSettings.from_environment(environment)
    assert str(wrong.value).splitlines() == [
        "HTTP_PORT must be a whole number.",
        "PROFILE must be one of local, production.",
        "SIMULATION_ALLOWED must be true or false.",
        "DATA_KEY must be base64.",
        "AUTHORITY_URL is not set.",
    ]


def test_production_refuses_simulation() -> None:
    with pytest.raises(SettingsWrong, match="SIMULATION_ALLOWED must be false in production"):
        Settings.from_environment({**ENVIRONMENT, "PROFILE": "production", "SIMULATION_ALLOWED": "true"})


@pytest.mark.parametrize(
    ("variable", "value"), [("COUNTRY", "BE"), ("COUNTRY", "bel"), ("HTTP_PORT", "70000")]
)
def test_values_that_no_type_refuses_are_refused(variable: str, value: str) -> None:
    with pytest.raises(SettingsWrong, match=variable):
        Settings.from_environment({**ENVIRONMENT, variable: value})

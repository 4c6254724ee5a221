"""The program as its environment describes it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from commons.country import load_country
from commons.database import Pools
from commons.settings import SettingsWrong
from payroll.adapters.authority import new_client_key
from payroll.app import client_key, work
from payroll.settings import PayrollSettings

ENVIRONMENT = {
    "COUNTRY": "be",
    "DATABASE_URL": "postgresql://payroll@127.0.0.1/payroll",
    "KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "HTTP_PORT": "0",
    "JWT_ISSUER": "http://issuer",
    "JWKS_URL": "http://issuer/jwks.json",
    "PROFILE": "local",
    "DATA_KEY": base64.b64encode(bytes(range(32))).decode(),
    "AUTHORITY_URL": "http://127.0.0.1:4002",
    "BANK_URL": "http://127.0.0.1:4003",
}


def test_the_key_of_personal_data_never_shows_in_the_settings() -> None:
    settings = PayrollSettings.from_environment(ENVIRONMENT)
    assert settings.data_key == bytes(range(32))
    assert "data_key" not in repr(settings)


@pytest.mark.parametrize("key", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_without_a_whole_key_it_does_not_start(key: str) -> None:
    with pytest.raises(SettingsWrong, match="DATA_KEY"):
        PayrollSettings.from_environment(ENVIRONMENT | {"DATA_KEY": key})


def test_production_needs_the_key_by_which_the_authority_knows_us() -> None:
    with pytest.raises(SettingsWrong, match="AUTHORITY_CLIENT_KEY"):
        PayrollSettings.from_environment(ENVIRONMENT | {"PROFILE": "production"})


def test_the_key_for_the_authority_is_read_from_its_file(tmp_path: Path) -> None:
    key, file = new_client_key(), tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert client_key(file).private_numbers() == key.private_numbers()
    assert client_key(None).key_size == 2_048


async def test_the_worker_reads_declares_pays_and_keeps_the_days(pools: Pools) -> None:
    settings = PayrollSettings.from_environment(ENVIRONMENT)
    async with work(settings, load_country("be"), pools) as its_work:
        assert len(its_work.handlers) == 9
        assert set(its_work.effects) == {
            "dimona.declare",
            "dimona.cancel",
            "dimona.check",
            "dimona.out",
            "bank.pay",
            "return.file",
        }
        assert set(its_work.deadlines) == {
            "contract_end",
            "correction",
            "hire_not_declared",
            "hire_reminder",
            "pay_run",
            "payslip",
            "recomputation",
            "return_due",
            "return_filing",
            "return_reminder",
        }

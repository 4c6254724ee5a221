from __future__ import annotations

import base64
from pathlib import Path

import pytest

from commons.country import Country
from commons.database import Pools
from invoicing.app import SERVICE, _open_service
from invoicing.documents.validator import Validator
from invoicing.domain.errors import RuleFilesMissing
from invoicing.settings import InvoicingSettings


def settings(jars_dir: Path) -> InvoicingSettings:
    return InvoicingSettings.from_environment(
        {
            "COUNTRY": "be",
            "DATABASE_URL": "postgresql://nowhere/nothing",
            "KAFKA_BOOTSTRAP": "127.0.0.1:1",
            "HTTP_PORT": "0",
            "JWT_ISSUER": "http://127.0.0.1:1",
            "JWKS_URL": "http://127.0.0.1:1/jwks.json",
            "PROFILE": "local",
            "LINK_KEY": base64.b64encode(b"k" * 32).decode(),
            "PUBLIC_URL": "http://127.0.0.1:1",
            "MAIL_URL": "http://127.0.0.1:1",
            "E_INVOICE_URL": "http://127.0.0.1:1",
            "JARS_DIR": str(jars_dir),
        }
    )


async def test_the_api_opens_only_once_the_judge_has_rejected_a_bad_invoice(
    pools: Pools, judge_of_invoices: Validator
) -> None:
    async with _open_service(settings(judge_of_invoices.jars_dir), pools) as service:
        assert service.validator.is_ready
    assert not service.validator.is_ready


async def test_without_the_rules_the_api_does_not_open(pools: Pools, tmp_path: Path) -> None:
    with pytest.raises(RuleFilesMissing):
        async with _open_service(settings(tmp_path), pools):
            pass


async def test_the_worker_knows_every_effect_that_an_invoice_asks_for(
    pools: Pools, judge_of_invoices: Validator, belgium: Country
) -> None:
    async with SERVICE.work(settings(judge_of_invoices.jars_dir), belgium, pools) as work:
        assert {"invoice.documents", "e_invoice.send", "mail.invoice"} <= work.effects.keys()
        assert work.has_ledger

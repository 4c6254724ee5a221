"""The only place that builds things and hands them over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from commons.country import Country, load_country
from commons.database import Pools
from commons.migrate import COMMONS_API, COMMONS_MESSAGING
from commons.process import Service
from commons.settings import Settings
from commons.worker import Work
from payroll.domain.engines import engine_of
from payroll.sealed import Sealer
from payroll.service import Payroll
from payroll.settings import PayrollSettings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from commons.figures import Figure

NAME: Final = "payroll"
SECTIONS: Final = ("country", "payroll")
MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"
OUTGOING_TIMEOUT_SECONDS: Final = 10.0


def api(settings: PayrollSettings) -> None:
    """Answer GraphQL."""
    from commons.api import create_api, run_api
    from payroll.api.schema import schema

    application = create_api(
        settings,
        name=NAME,
        schema=schema,
        migrations=[MIGRATIONS],
        sections=SECTIONS,
        open_service=open_service,
    )
    run_api(settings, application, name=NAME)


@asynccontextmanager
async def open_service(settings: Settings, pools: Pools) -> AsyncIterator[Payroll]:
    """What capabilities of the api find in `ctx.service`."""
    own = cast(PayrollSettings, settings)
    country = load_country(own.country, need=SECTIONS, folder=own.countries_dir)
    yield service_of(own, country, pools)


def service_of(settings: PayrollSettings, country: Country, pools: Pools) -> Payroll:
    """The country's engine and the key of personal data."""
    return Payroll(
        engine=engine_of(country),
        sealer=Sealer(settings.data_key),
        write=pools.write,
        is_production=settings.is_production,
    )


@asynccontextmanager
async def work(settings: PayrollSettings, country: Country, pools: Pools) -> AsyncIterator[Work]:
    """Publish, handle what the other services publish, declare hires, pay wages, meet what falls due."""
    import httpx

    from commons.context import ctx_factory
    from commons.events import load_consumers
    from payroll import consumers
    from payroll.adapters.authority import Authority
    from payroll.adapters.bank import Bank
    from payroll.deadlines.contract_end import contract_end
    from payroll.deadlines.correction import correction
    from payroll.deadlines.hire_not_declared import hire_not_declared
    from payroll.deadlines.hire_reminder import hire_reminder
    from payroll.deadlines.keys import (
        CONTRACT_END,
        CORRECTION,
        HIRE_NOT_DECLARED,
        HIRE_REMINDER,
        PAY_RUN,
        PAYSLIP,
        RECOMPUTATION,
        RETURN_DUE,
        RETURN_FILING,
        RETURN_REMINDER,
    )
    from payroll.deadlines.pay_run import pay_run
    from payroll.deadlines.payslip import payslip
    from payroll.deadlines.recomputation import recomputation
    from payroll.deadlines.return_due import return_due
    from payroll.deadlines.return_filing import return_filing
    from payroll.deadlines.return_reminder import return_reminder
    from payroll.effects.declaration import Declarations
    from payroll.effects.hire_check import HireChecks
    from payroll.effects.kinds import (
        BANK_PAY,
        DIMONA_CANCEL,
        DIMONA_CHECK,
        DIMONA_DECLARE,
        DIMONA_OUT,
        RETURN_FILE,
    )
    from payroll.effects.payment import Payments
    from payroll.effects.periodic_return import Returns
    from payroll.figures import FIGURES

    service = service_of(settings, country, pools)
    async with httpx.AsyncClient(timeout=OUTGOING_TIMEOUT_SECONDS, trust_env=False) as http:
        authority = Authority(
            http,
            settings.authority_url,
            client_id=settings.authority_client_id,
            key=client_key(settings.authority_client_key),
        )
        yield Work(
            name=NAME,
            make_ctx=ctx_factory(country=country, service=service, read=pools.read),
            migrations=SERVICE.migrations,
            handlers=load_consumers(consumers),
            effects={
                DIMONA_DECLARE: Declarations("in", authority, pools.write, service).handler(),
                DIMONA_CANCEL: Declarations("cancel", authority, pools.write, service).handler(),
                DIMONA_CHECK: HireChecks(authority, pools.write, service).handler(),
                DIMONA_OUT: Declarations("out", authority, pools.write, service).handler(),
                RETURN_FILE: Returns(authority, pools.write, service).handler(),
                BANK_PAY: Payments(Bank(http, settings.bank_url), pools.write, service).handler(),
            },
            deadlines={
                CONTRACT_END: contract_end,
                CORRECTION: correction,
                HIRE_NOT_DECLARED: hire_not_declared,
                HIRE_REMINDER: hire_reminder,
                PAY_RUN: pay_run,
                PAYSLIP: payslip,
                RECOMPUTATION: recomputation,
                RETURN_DUE: return_due,
                RETURN_FILING: return_filing,
                RETURN_REMINDER: return_reminder,
            },
            figures=FIGURES,
        )


def client_key(file: Path | None) -> RSAPrivateKey:
    """The key by which the authority knows this client: from a PEM file, else a new one."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from payroll.adapters.authority import new_client_key

    if file is None:
        return new_client_key()
    key = load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey), "the authority takes RS256"
    return key


def figures() -> Sequence[Figure]:
    """What should be nothing."""
    from payroll.figures import FIGURES

    return FIGURES


SERVICE: Final = Service(
    name=NAME,
    settings=PayrollSettings,
    sections=SECTIONS,
    migrations=[COMMONS_MESSAGING, COMMONS_API, MIGRATIONS],
    api=api,
    work=work,
    figures=figures,
)

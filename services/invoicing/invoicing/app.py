"""The only place that builds things and hands them over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commons.country import Country, load_country
from commons.database import Pools
from commons.migrate import COMMONS_API, COMMONS_LEDGER, COMMONS_MESSAGING
from commons.process import Service
from commons.settings import Settings
from commons.worker import Work
from invoicing.settings import InvoicingSettings

if TYPE_CHECKING:
    from commons.drain import Application
    from commons.figures import Figure
    from invoicing.service import Invoicing

NAME: Final = "invoicing"
SECTIONS: Final = ("country", "invoicing")
MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"
OUTGOING_TIMEOUT_SECONDS: Final = 10.0


def api(settings: InvoicingSettings) -> None:
    """Answer GraphQL and the client's page."""
    from commons.api import run_api

    run_api(settings, application(settings), name=NAME)


def application(settings: InvoicingSettings) -> Application:
    """The api process as an ASGI application."""
    from commons.api import create_api
    from invoicing.api.order_page import router
    from invoicing.api.schema import schema

    return create_api(
        settings,
        name=NAME,
        schema=schema,
        migrations=[COMMONS_LEDGER, MIGRATIONS],
        open_service=_open_service,
        routers=[router],
        sections=SECTIONS,
    )


@asynccontextmanager
async def work(settings: InvoicingSettings, country: Country, pools: Pools) -> AsyncIterator[Work]:
    """Publish, handle what the other services publish, send invoices and write to buyers."""
    import httpx

    from commons.context import ctx_factory
    from commons.events import load_consumers
    from invoicing import consumers
    from invoicing.adapters.e_invoice import EInvoiceNetwork
    from invoicing.adapters.mail import order_mail
    from invoicing.deadlines.invoice_overdue import invoice_overdue
    from invoicing.deadlines.keys import INVOICE_OVERDUE
    from invoicing.effects.e_invoice_send import e_invoice_send
    from invoicing.effects.invoice_documents import invoice_documents
    from invoicing.effects.invoice_mail import invoice_mail
    from invoicing.figures import FIGURES
    from invoicing.service import open_invoicing

    service = open_invoicing(settings, country)
    async with httpx.AsyncClient(timeout=OUTGOING_TIMEOUT_SECONDS) as http, service.validator:
        yield Work(
            name=NAME,
            make_ctx=ctx_factory(country=country, service=service, read=pools.read),
            migrations=SERVICE.migrations,
            handlers=load_consumers(consumers),
            effects={
                "mail.order": order_mail(
                    http, settings.mail_url, pools.read, service.links, country.time_zone
                ),
                "invoice.documents": invoice_documents(pools, service),
                "e_invoice.send": e_invoice_send(pools, EInvoiceNetwork(http, settings.e_invoice_url)),
                "mail.invoice": invoice_mail(http, settings.mail_url, pools),
            },
            figures=FIGURES,
            deadlines={INVOICE_OVERDUE: invoice_overdue},
            has_ledger=True,
        )


@asynccontextmanager
async def _open_service(settings: Settings, pools: Pools) -> AsyncIterator[Invoicing]:
    from invoicing.service import open_invoicing

    assert isinstance(settings, InvoicingSettings), "api() hands them over"
    country = load_country(settings.country, need=SECTIONS, folder=settings.countries_dir)
    service = open_invoicing(settings, country)
    # The process is not ready before the judge of e-invoices has rejected a bad one.
    async with service.validator:
        yield service


def figures() -> Sequence[Figure]:
    """What should be nothing."""
    from invoicing.figures import FIGURES

    return FIGURES


SERVICE: Final = Service(
    name=NAME,
    settings=InvoicingSettings,
    sections=SECTIONS,
    migrations=[COMMONS_MESSAGING, COMMONS_API, COMMONS_LEDGER, MIGRATIONS],
    api=api,
    work=work,
    figures=figures,
)

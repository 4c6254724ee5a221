"""The only place that builds things and hands them over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commons.country import Country
from commons.database import Pools
from commons.migrate import COMMONS_API, COMMONS_LEDGER, COMMONS_MESSAGING
from commons.process import Service
from commons.worker import Work
from guarantee.settings import GuaranteeSettings

if TYPE_CHECKING:
    from commons.figures import Figure

NAME: Final = "guarantee"
SECTIONS: Final = ("country", "guarantee")
MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"


def api(settings: GuaranteeSettings) -> None:
    """Answer GraphQL."""
    from commons.api import create_api, run_api
    from guarantee.api.schema import schema

    application = create_api(
        settings, name=NAME, schema=schema, migrations=[COMMONS_LEDGER, MIGRATIONS], sections=SECTIONS
    )
    run_api(settings, application, name=NAME)


@asynccontextmanager
async def work(settings: GuaranteeSettings, country: Country, pools: Pools) -> AsyncIterator[Work]:
    """Publish, handle what the other services publish, and fund each wage on the day it is due."""
    from commons.context import ctx_factory
    from commons.events import load_consumers
    from guarantee import consumers
    from guarantee.deadlines.recovery_due import recovery_due
    from guarantee.deadlines.wage_due import wage_due
    from guarantee.deadlines.write_off_due import write_off_due
    from guarantee.figures import FIGURES

    yield Work(
        name=NAME,
        make_ctx=ctx_factory(country=country, service=None, read=pools.read),
        migrations=SERVICE.migrations,
        handlers=load_consumers(consumers),
        deadlines={"wage_due": wage_due, "recovery_due": recovery_due, "write_off_due": write_off_due},
        figures=FIGURES,
        has_ledger=True,
    )


def figures() -> Sequence[Figure]:
    """What should be nothing."""
    from guarantee.figures import FIGURES

    return FIGURES


SERVICE: Final = Service(
    name=NAME,
    settings=GuaranteeSettings,
    sections=SECTIONS,
    migrations=[COMMONS_MESSAGING, COMMONS_API, COMMONS_LEDGER, MIGRATIONS],
    api=api,
    work=work,
    figures=figures,
)

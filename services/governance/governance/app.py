"""The only place that builds things and hands them over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from commons.country import Country
from commons.database import Pools
from commons.migrate import COMMONS_API, COMMONS_MESSAGING
from commons.process import Service
from commons.worker import Work
from governance.settings import GovernanceSettings

NAME: Final = "governance"
SECTIONS: Final = ("country", "governance")
MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"


def api(settings: GovernanceSettings) -> None:
    """Answer GraphQL."""
    from commons.api import create_api, run_api
    from governance.api.schema import schema

    application = create_api(settings, name=NAME, schema=schema, migrations=[MIGRATIONS], sections=SECTIONS)
    run_api(settings, application, name=NAME)


@asynccontextmanager
async def work(settings: GovernanceSettings, country: Country, pools: Pools) -> AsyncIterator[Work]:
    """Publish, handle what the other services publish, and freeze rolls on their record date."""
    from commons.context import ctx_factory
    from commons.events import load_consumers
    from governance import consumers
    from governance.deadlines.record_date import KIND, record_date

    yield Work(
        name=NAME,
        make_ctx=ctx_factory(country=country, service=None, read=pools.read),
        migrations=SERVICE.migrations,
        handlers=load_consumers(consumers),
        deadlines={KIND: record_date},
    )


SERVICE: Final = Service(
    name=NAME,
    settings=GovernanceSettings,
    sections=SECTIONS,
    migrations=[COMMONS_MESSAGING, COMMONS_API, MIGRATIONS],
    api=api,
    work=work,
)

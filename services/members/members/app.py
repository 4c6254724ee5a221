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
from members.settings import MembersSettings

NAME: Final = "members"
SECTIONS: Final = ("country", "membership")
MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"


def api(settings: MembersSettings) -> None:
    """Answer GraphQL."""
    from commons.api import create_api, run_api
    from members.api.schema import schema

    application = create_api(settings, name=NAME, schema=schema, migrations=[MIGRATIONS], sections=SECTIONS)
    run_api(settings, application, name=NAME)


@asynccontextmanager
async def work(settings: MembersSettings, country: Country, pools: Pools) -> AsyncIterator[Work]:
    """Publish, and handle what the other services publish."""
    from commons.context import ctx_factory
    from commons.events import load_consumers
    from members import consumers

    yield Work(
        name=NAME,
        make_ctx=ctx_factory(country=country, service=None, read=pools.read),
        migrations=SERVICE.migrations,
        handlers=load_consumers(consumers),
    )


SERVICE: Final = Service(
    name=NAME,
    settings=MembersSettings,
    sections=SECTIONS,
    migrations=[COMMONS_MESSAGING, COMMONS_API, MIGRATIONS],
    api=api,
    work=work,
)

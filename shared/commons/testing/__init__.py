"""What tests of services share: databases, a fake topic, a clock to set, builders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from commons.claims import SYSTEM, Claims
from commons.clock import Clock
from commons.context import Ctx
from commons.country import Country, countries_folder
from commons.database import Connection, connect
from commons.money import EXPONENT
from commons.sql import load


class SetClock(Clock):
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = datetime(2026, 6, 5, 9, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        """The instant it was set to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


def a_country(code: str = "be", currency: str = "EUR", time_zone: str = "Europe/Brussels") -> Country:
    """A country without any law, for tests that need none."""
    return Country(
        code=code,
        name=code.upper(),
        currency=currency,
        languages=("en",),
        time_zone=ZoneInfo(time_zone),
        payment_reference="none",
        enterprise_number="none",
        national_number="none",
        decimals_shown=EXPONENT[currency],
        sections=MappingProxyType({}),
        folder=countries_folder() / code,
    )


def a_ctx(
    db: Connection,
    *,
    service: Any = None,
    who: Claims = SYSTEM,
    country: Country | None = None,
    clock: Clock | None = None,
    request_id: str = "test",
) -> Ctx[Any]:
    """The circumstances of a capability inside a transaction of a test."""
    return Ctx(
        country=country or a_country(),
        who=who,
        request_id=request_id,
        service=service,
        db=db,
        clock=clock or Clock(),
    )


async def prepare_every_statement(url: str, folder: Path) -> int:
    """Prepare each named statement of a folder on a real database; how many there are.

    Fails with the statement's name and the database's words: a wrong column is found without running it.
    """
    statements = load(folder)
    wrong = []
    db = await connect(url, "prepare")
    try:
        for statement in statements.details.values():
            try:
                prepared = await db.prepare(statement.text)
            except Exception as error:
                wrong.append(f"{statement.file.name}: {statement.name}: {error}")
                continue
            if statement.kind != "exec" and not prepared.get_attributes():
                wrong.append(
                    f"{statement.file.name}: {statement.name} is :{statement.kind} and returns nothing"
                )
    finally:
        await db.close()
    assert not wrong, "\n".join(wrong)
    return len(statements)

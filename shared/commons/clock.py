"""The two kinds of time: the instant now, and the business day of a legal entity."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from commons.database import COMMONS_SQL as SQL
from commons.database import Connection
from commons.events import Consumed, consumes
from commons.refusal import Refusal

if TYPE_CHECKING:
    from commons.context import Ctx


class UnknownEntity(Refusal):
    """This legal entity is not registered here."""


class EntityIsNotSimulated(Refusal):
    """Only an entity that was opened for simulation can have its day set."""


class DayIsPast(Refusal):
    """A business day never goes back."""


class Clock:
    """The real time. Tests derive from it and answer with a time of their own."""

    def now(self) -> datetime:
        """This instant, in UTC."""
        return datetime.now(UTC)


REAL_CLOCK: Final = Clock()


async def today(db: Connection, entity_id: UUID, clock: Clock) -> date:
    """The business day of an entity: the day of its simulation, else the date in its time zone.

    Raises UnknownEntity.
    """
    row = await db.fetchrow(SQL["business_day"], entity_id)
    if row is None:
        raise UnknownEntity(entity=entity_id)
    if row["simulated"]:
        day: date = row["day"]
        return day
    return clock.now().astimezone(ZoneInfo(row["time_zone"])).date()


async def register_entity(
    db: Connection, entity_id: UUID, *, simulated: bool, day: date | None, time_zone: str
) -> None:
    """Let an entity have business days from now on; registering it again changes nothing.

    A simulated entity begins on `day`; a real one ignores it.
    """
    assert day is not None or not simulated, "a simulated entity begins on a day"
    await db.execute(SQL["register_entity"], entity_id, day if simulated else None, simulated, time_zone)


async def open_day(db: Connection, entity_id: UUID, day: date) -> bool:
    """Move a simulated entity to a later day; whether it moved (False: it is that day already).

    Raises UnknownEntity, EntityIsNotSimulated, DayIsPast.
    """
    row = await db.fetchrow(SQL["business_day_for_update"], entity_id)
    if row is None:
        raise UnknownEntity(entity=entity_id)
    if not row["simulated"]:
        raise EntityIsNotSimulated(entity=entity_id)
    if day < row["day"]:
        raise DayIsPast(entity=entity_id, day=row["day"], asked=day)
    if day == row["day"]:
        return False
    await db.execute(SQL["set_business_day"], entity_id, day)
    return True


class EntityRegistered(Consumed):
    """A legal entity exists; a simulated one begins on `day`."""

    type: ClassVar[str] = "invoicing.EntityRegistered.v1"
    entity_id: UUID
    simulated: bool
    day: date | None = None


class BusinessDayOpened(Consumed):
    """A simulated entity moved to a day."""

    type: ClassVar[str] = "invoicing.BusinessDayOpened.v1"
    entity_id: UUID
    day: date


@consumes(EntityRegistered)
async def entity_registered(ctx: Ctx, event: EntityRegistered) -> None:
    """Give the entity its business day. A service uses it by importing it into its consumer file."""
    await register_entity(
        ctx.db,
        event.entity_id,
        simulated=event.simulated,
        day=event.day,
        time_zone=ctx.country.time_zone.key,
    )


@consumes(BusinessDayOpened)
async def business_day_opened(ctx: Ctx, event: BusinessDayOpened) -> None:
    """Move the entity to the day; an older day than today's is a late repetition and changes nothing."""
    if event.day > await today(ctx.db, event.entity_id, ctx.clock):
        await open_day(ctx.db, event.entity_id, event.day)

"""The business days of entities as a service knows them, for the field it adds to `Entity`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commons.clock import UnknownEntity
from commons.context import Ctx


async def business_days_by_entity(ctx: Ctx, keys: list[str]) -> list[date | None]:
    """One day an entity; nothing for an entity this service has not heard of yet."""
    return [await _business_day(ctx, UUID(str(key))) for key in keys]


async def _business_day(ctx: Ctx, key: UUID) -> date | None:
    try:
        return await ctx.today(key)
    except UnknownEntity:
        return None

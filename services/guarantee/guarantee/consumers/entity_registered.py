"""Know a legal entity: its name, its currency and its business day."""

from __future__ import annotations

from commons.clock import register_entity
from commons.context import Ctx
from commons.events import consumes
from guarantee.events.consumed import EntityRegistered
from guarantee.sql import SQL


@consumes(EntityRegistered)
async def entity_registered(ctx: Ctx, event: EntityRegistered) -> None:
    """Keep what the fund needs of the entity."""
    await ctx.db.execute(SQL["insert_entity"], event.entity_id, event.name, event.legal_form, event.currency)
    await register_entity(
        ctx.db,
        event.entity_id,
        simulated=event.simulated,
        day=event.day,
        time_zone=ctx.country.time_zone.key,
    )

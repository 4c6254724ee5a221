"""Turn the page of a simulated entity's calendar."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons import clock
from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from invoicing.domain.errors import SimulationNotAllowed
from invoicing.events.published import BusinessDayOpened
from invoicing.rows import EntityRow
from invoicing.service import Invoicing
from invoicing.sql import SQL


@capability
async def open_business_day(
    ctx: Ctx[Invoicing], *, entity_id: Annotated[UUID, Node("Entity")], day: date
) -> EntityRow:
    """Move a simulated entity to a later day; every service then acts on that day's deadlines."""
    if not ctx.service.is_simulation_allowed:
        raise SimulationNotAllowed()
    if await clock.open_day(ctx.db, entity_id, day):
        await ctx.announce(BusinessDayOpened(entity_id=entity_id, day=day))
    [row] = await ctx.db.fetch(SQL["entities_by_key"], [entity_id])
    return EntityRow(*row)

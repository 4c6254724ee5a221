"""Know a legal entity: who employs, from which account wages are paid, and its business day."""

from __future__ import annotations

from commons.clock import register_entity
from commons.context import Ctx
from commons.events import consumes
from payroll.events.consumed import EntityRegistered
from payroll.service import Payroll
from payroll.sql import SQL


@consumes(EntityRegistered)
async def entity_registered(ctx: Ctx[Payroll], event: EntityRegistered) -> None:
    """Keep what declarations, payslips and payment files say of the employer."""
    await ctx.db.execute(
        SQL["insert_entity"],
        event.entity_id,
        event.name,
        event.legal_form,
        event.currency,
        event.iban,
        event.enterprise_number,
        event.address.street,
        event.address.post_code,
        event.address.city,
        event.address.country,
        event.simulated,
    )
    await register_entity(
        ctx.db,
        event.entity_id,
        simulated=event.simulated,
        day=event.day,
        time_zone=ctx.country.time_zone.key,
    )

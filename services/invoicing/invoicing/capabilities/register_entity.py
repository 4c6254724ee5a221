"""Write down a legal entity of the cooperative, with its accounts and its first day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from commons import clock
from commons.arguments import Text
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from invoicing.domain.books import entity_accounts
from invoicing.domain.registration import check_law, check_numbers, check_simulation
from invoicing.events.published import Address, EntityRegistered
from invoicing.rows import EntityRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import open_accounts


@capability
async def register_entity(
    ctx: Ctx[Invoicing],
    *,
    name: Annotated[str, Text(max=200, min=1)],
    legal_form: Annotated[str, Text(max=100, min=1)],
    enterprise_number: Annotated[str, Text(max=20)],
    vat_number: Annotated[str, Text(max=20, min=1)],
    iban: Annotated[str, Text(max=42)],
    street: Annotated[str, Text(max=200, min=1)],
    post_code: Annotated[str, Text(max=20, min=1)],
    city: Annotated[str, Text(max=100, min=1)],
    simulated: bool = False,
    day: date | None = None,
) -> EntityRow:
    """Register a legal entity of this country. A simulated one, where that is allowed, begins on `day`."""
    check_simulation(is_simulated=simulated, day=day, is_allowed=ctx.service.is_simulation_allowed)
    key, currency, country = uuid7(), ctx.country.currency, ctx.country.upper
    await clock.register_entity(
        ctx.db, key, simulated=simulated, day=day, time_zone=ctx.country.time_zone.key
    )
    today = await ctx.today(key)
    rules = ctx.service.rules
    check_law(rules, today)
    numbers = check_numbers(
        enterprise_number=enterprise_number,
        vat_number=vat_number,
        iban=iban,
        country=country,
        numbering=rules.enterprise_numbering,
    )
    await ctx.db.execute(
        SQL["insert_entity"],
        key,
        name,
        legal_form,
        numbers.enterprise_number,
        numbers.vat_number,
        numbers.iban,
        street,
        post_code,
        city,
        country,
        currency,
        simulated,
        today,
    )
    await open_accounts(ctx.db, entity_accounts(key), currency)
    await ctx.announce(
        EntityRegistered(
            entity_id=key,
            name=name,
            legal_form=legal_form,
            currency=currency,
            enterprise_number=numbers.enterprise_number,
            vat_number=numbers.vat_number,
            iban=numbers.iban,
            address=Address(street=street, city=city, post_code=post_code, country=country),
            simulated=simulated,
            day=day if simulated else None,
            registered_on=today,
        )
    )
    [row] = await ctx.db.fetch(SQL["entities_by_key"], [key])
    return EntityRow(*row)

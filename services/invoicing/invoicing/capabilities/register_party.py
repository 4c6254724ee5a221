"""Write down a client."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.uuid7 import uuid7
from invoicing.documents.formats import LANGUAGES
from invoicing.domain.registration import check_country, check_email, check_language, check_vat_number
from invoicing.events.published import ClientDefaulted
from invoicing.rows import PartyRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import check_admitted


@capability
async def register_party(
    ctx: Ctx[Invoicing],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    name: Annotated[str, Text(max=200, min=1)],
    street: Annotated[str, Text(max=200, min=1)],
    post_code: Annotated[str, Text(max=20, min=1)],
    city: Annotated[str, Text(max=100, min=1)],
    country: Annotated[str, Text(max=2, min=2)],
    email: Annotated[str, Text(max=254, min=3)],
    language: Annotated[str, Text(max=5, min=2)],
    vat_number: Annotated[str, Text(max=20)] = "",
) -> PartyRow:
    """Register a client. Without a VAT number it is not a taxable person for us.

    A member's clients are the member's own; those an adviser registers serve every member of the entity.
    """
    today = await ctx.today(entity_id)
    is_adviser = ctx.who.has_role("adviser")
    if not is_adviser:
        await check_admitted(ctx.db, ctx.who.member_id, entity_id)
    code = check_country(country, ctx.service.rules.vat.area.on(today))
    number = check_vat_number(vat_number, code)
    address = check_email(email)
    key = uuid7()
    await ctx.db.execute(
        SQL["insert_party"],
        key,
        entity_id,
        None if is_adviser else ctx.who.member_id,
        name,
        number,
        street,
        post_code,
        city,
        code,
        address,
        check_language(language, LANGUAGES),
    )
    await _inherit_default(ctx, key, entity_id, number, today)
    [row] = await ctx.db.fetch(SQL["parties_by_key"], [key])
    return PartyRow(*row)


async def _inherit_default(
    ctx: Ctx[Invoicing], key: UUID, entity_id: UUID, vat_number: str, today: date
) -> None:
    """A client that defaulted stays so under whatever registration it comes back."""
    known = await ctx.db.fetchrow(SQL["default_of_vat_number"], entity_id, vat_number)
    if known is None:
        return
    await ctx.db.execute(
        SQL["insert_client_default"],
        key,
        entity_id,
        known["reason"],
        known["defaulted_on"],
        today,
        ctx.who.subject,
    )
    await ctx.announce(
        ClientDefaulted(
            party_id=key,
            entity_id=entity_id,
            reason=known["reason"],
            defaulted_on=known["defaulted_on"],
        )
    )

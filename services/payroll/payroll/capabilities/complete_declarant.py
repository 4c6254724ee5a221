"""Say by which number the authority knows an employer, and whom it may ask."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from payroll.capabilities.file_return import try_return
from payroll.domain.establishment import check_region
from payroll.domain.return_filing import ReturnKind
from payroll.rows import EntityRef
from payroll.service import Payroll
from payroll.sql import SQL


@capability
async def complete_declarant(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    authority_number: Annotated[str, Text(max=40, min=1)],
    contact_name: Annotated[str, Text(max=100, min=1)],
    contact_phone: Annotated[str, Text(max=30, min=1)],
    contact_email: Annotated[str, Text(max=100, min=3)],
    region: Annotated[str, Text(max=40, min=1)] | None = None,
) -> EntityRef:
    """Complete or correct what returns say of the employer; those that waited for it are filed at once.

    `authorityNumber` is that of the employer at the authority: ONSS, SIRET, Betriebsnummer, and the like.
    `region` is that of the establishment people work for, by its name in the country's data, where the law of
    regions differs; without it the post code of the entity's address tells. Returns that were filed before
    stay as they are. Raises UnknownEntity, EstablishmentRegionUnknown.
    """
    today = await ctx.today(entity_id)
    if region is not None:
        check_region(region, ctx.service.law, today)
    await ctx.db.execute(
        SQL["put_declarant"],
        entity_id,
        authority_number,
        contact_name,
        contact_phone,
        contact_email,
        today,
        region,
    )
    for row in await ctx.db.fetch(SQL["returns_to_try"], entity_id, today):
        await try_return(ctx, entity_id, ReturnKind(row["kind"]), row["period_start"])
    return EntityRef(key=str(entity_id))

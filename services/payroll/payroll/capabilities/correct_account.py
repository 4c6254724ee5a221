"""Correct the account to which one's wages go."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.identifiers import iban as checked_iban
from payroll.capabilities.complete_payroll_profile import payable
from payroll.capabilities.repeat_wage_payment import repeat_to_another_account
from payroll.domain.errors import PayrollProfileMissing
from payroll.events.published import PayrollProfileCompleted
from payroll.rows import MemberRef
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import open_person, seal_person


@capability
async def correct_account(
    ctx: Ctx[Payroll],
    *,
    member_id: Annotated[UUID, Node("Member")],
    entity_id: Annotated[UUID, Node("Entity")],
    iban: Annotated[str, Text(max=50, min=1)],
    holder_name: Annotated[str, Text(max=200, min=1)] | None = None,
) -> MemberRef:
    """Have wages go to another account; a wage that the bank returned is paid to it at once, and once.

    Kept encrypted, in no event and in no log. Raises PayrollProfileMissing, HolderNameMissing.
    """
    today = await ctx.today(entity_id)
    profile = await ctx.db.fetchrow(SQL["payroll_profile_for_update"], member_id)
    if profile is None:
        raise PayrollProfileMissing()
    known = open_person(ctx.service.sealer, member_id, profile["person"])
    person = replace(
        known,
        iban=checked_iban(iban),
        holder_name=known.holder_name if holder_name is None else payable(holder_name),
    )
    sealed = seal_person(ctx.service.sealer, member_id, person)
    await ctx.db.execute(SQL["put_payroll_profile"], member_id, profile["language"], today, sealed)
    await ctx.announce(PayrollProfileCompleted(member_id=member_id, entity_id=entity_id))
    await repeat_to_another_account(ctx, member_id)
    return MemberRef(key=str(member_id))

"""Give money of one activity to another: no invoice, no contribution, no VAT."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from commons import ledger
from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from commons.uuid7 import uuid7
from invoicing.domain.activity import check_transfer
from invoicing.domain.books import budget_of, budget_transfer
from invoicing.domain.errors import BudgetTooSmall
from invoicing.events.published import BudgetTransferred
from invoicing.rows import ActivityRow
from invoicing.store import activity_row, check_may_bring_money, load_activity


@capability
async def transfer_budget(
    ctx: Ctx,
    *,
    from_activity_id: Annotated[UUID, Node("Activity")],
    to_activity_id: Annotated[UUID, Node("Activity")],
    amount: Money,
) -> ActivityRow:
    """Transfer an amount between two activities of one legal entity, as an administrator of the giving one.

    The contribution was taken when the money came in, so nothing is taken again. For the receiving activity
    it is new money: the member who opened it needs a share paid for the year. What is held for contracts
    cannot be given away.
    """
    giver = await load_activity(ctx.db, from_activity_id)
    receiver = await load_activity(ctx.db, to_activity_id)
    check_transfer(giver, receiver, amount, by=ctx.who.member_id, currency=ctx.country.currency)
    today = await ctx.today(giver.entity_id)
    await check_may_bring_money(ctx.db, receiver.member_id, receiver.entity_id, today)
    transfer_id = uuid7()
    try:
        await ledger.post(
            ctx.db,
            code="budget_transfer",
            ref=str(transfer_id),
            actor=ctx.who.subject,
            effective=today,
            legs=[budget_transfer(giver_id=giver.id, receiver_id=receiver.id, amount=amount)],
        )
    except ledger.FloorReached:
        balance = await ledger.balance(ctx.db, budget_of(giver.id).id)
        raise BudgetTooSmall(requested=amount, available=balance.available).at("amount") from None
    await ctx.announce(
        BudgetTransferred(
            transfer_id=transfer_id,
            activity_id=giver.id,
            to_activity_id=receiver.id,
            entity_id=giver.entity_id,
            amount=amount,
            transferred_on=today,
        )
    )
    return await activity_row(ctx.db, giver.id)

"""Cancel an order before its work is done."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from commons import ledger
from commons.access import must_be_own
from commons.arguments import Items, Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from invoicing.capabilities.draft_order import CONTRIBUTION
from invoicing.capabilities.release_budget import release_budget
from invoicing.capabilities.withdraw_budget import withdraw_budget
from invoicing.domain import order as orders
from invoicing.domain.books import BUDGET_CREDITED, AccountKind, entity_account, unwinding
from invoicing.domain.contribution import Split, split
from invoicing.domain.order import LINES_MAX, REASON_CHARACTERS_MAX, Order, part_done
from invoicing.events.published import OrderCancelled
from invoicing.rows import OrderRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import load_order, open_accounts, order_rows

WITHDRAWN: Final = "withdrawn"

Reason = Annotated[str, Text(max=REASON_CHARACTERS_MAX, lines=True)]


@dataclass(frozen=True, slots=True)
class DoneLineInput:
    """How much of a line of the order was done."""

    position: int
    quantity: Decimal


@capability
async def cancel_order(
    ctx: Ctx[Invoicing],
    *,
    order_id: Annotated[UUID, Node("Order")],
    reason: Reason = "",
    done: Annotated[list[DoneLineInput] | None, Items(max=LINES_MAX)] = None,
) -> OrderRow:
    """Cancel an order of one's own before its work is done; `done` says what of it was done until today.

    Before the work everything is undone: holds are freed and the money leaves the budget. During the work the
    part done is kept, invoiced and paid; money that wages hold leaves the budget when they no longer do.
    """
    order = await load_order(ctx.db, order_id, ctx.service.rules)
    must_be_own(ctx.who, order.member_id, "accountant")
    today = await ctx.today(order.entity_id)
    quantities = {str(line.position): line.quantity for line in done or []}
    cancelled = orders.cancel(order, reason=reason, done=quantities, today=today)
    kept = _kept(ctx, cancelled)
    await _store(ctx, cancelled, kept)
    if order.confirmation is not None and today < order.period.start:
        for held in await ctx.db.fetch(SQL["open_holds_of_order"], order.id):
            await release_budget(ctx, contract_id=held["contract_id"])
    await _give_back(ctx, cancelled, kept)
    await ctx.announce(
        OrderCancelled(
            order_id=order.id,
            entity_id=order.entity_id,
            reason=WITHDRAWN,
            cancelled_on=today,
            price=kept.price if kept else None,
            contribution=kept.contribution if kept else None,
        )
    )
    record = await ctx.db.fetchrow(SQL["order"], order.id)
    assert record is not None, "it is locked"
    [row] = await order_rows(ctx, ctx.db, [record])
    return row


def _kept(ctx: Ctx[Invoicing], cancelled: Order) -> Split | None:
    """The price of the part done and its parts, by the contribution of the day of confirmation."""
    part = part_done(cancelled)
    if part is None:
        return None
    assert part.confirmation is not None, "only confirmed work is done"
    return split(ctx.service.rules.contribution(CONTRIBUTION, part.confirmation.confirmed_on), part.price)


async def _store(ctx: Ctx[Invoicing], cancelled: Order, kept: Split | None) -> None:
    cancellation = cancelled.cancellation
    assert cancellation is not None, "cancel() sets it"
    await ctx.db.execute(
        SQL["mark_order_cancelled"],
        cancelled.id,
        cancellation.reason,
        cancellation.is_refusal,
        cancellation.cancelled_on,
    )
    if kept is None:
        return
    await ctx.db.execute(SQL["mark_part_done"], cancelled.id, kept.price.minor, kept.contribution.minor)
    await ctx.db.executemany(
        SQL["mark_line_done"],
        [(cancelled.id, int(line.id), line.done_quantity) for line in cancelled.lines],
    )


async def _give_back(ctx: Ctx[Invoicing], cancelled: Order, kept: Split | None) -> None:
    """What the order brought into the budget beyond the part done; without cover it brought nothing yet."""
    nothing = Money.zero(cancelled.currency)
    brought = await ctx.db.fetchval(SQL["budget_credited_minor"], BUDGET_CREDITED, str(cancelled.id))
    back = Money(brought or 0, cancelled.currency) - (kept.budget if kept else nothing)
    if brought is None or back <= nothing:
        return
    today = await ctx.today(cancelled.entity_id)
    await open_accounts(
        ctx.db, [entity_account(AccountKind.GUARANTEE, cancelled.entity_id)], cancelled.currency
    )
    await ledger.post(
        ctx.db,
        code="order_cancelled",
        ref=str(cancelled.id),
        actor=ctx.who.subject,
        effective=today,
        legs=unwinding(entity_id=cancelled.entity_id, budget=back),
    )
    await ctx.db.execute(
        SQL["ask_budget_withdrawal"],
        cancelled.id,
        cancelled.activity_id,
        cancelled.entity_id,
        back.minor,
        back.currency,
        today,
    )
    await withdraw_budget(ctx, order_id=cancelled.id)

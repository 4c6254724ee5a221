"""Write an order for a client: what is to be done, when, and at which price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from commons.arguments import Items, Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.money import Money
from commons.refusal import Refusal
from commons.uuid7 import uuid7
from invoicing.documents.formats import UNITS
from invoicing.domain.activity import Activity, check_administrator, check_open
from invoicing.domain.contribution import split
from invoicing.domain.errors import NotInActivity, UnknownParty
from invoicing.domain.numbering import series
from invoicing.domain.order import LINES_MAX, Order
from invoicing.domain.quote import Wanted, WantedLine, draft
from invoicing.rows import OrderRow
from invoicing.service import Invoicing
from invoicing.sql import SQL
from invoicing.store import buyer_from, check_may_bring_money, load_activity, order_rows

SERIES = "order"
CONTRIBUTION = "mutualized"


@dataclass(frozen=True, slots=True)
class OrderLineInput:
    """What is to be done from the first to the last day; the price is without VAT.

    `nature` is a nature of service of the country's VAT, `unit` a code of UN/ECE recommendation 20.
    """

    description: Annotated[str, Text(max=300, min=1)]
    nature: Annotated[str, Text(max=60)]
    quantity: Decimal
    unit: Annotated[str, Text(max=10)]
    unit_price: Money
    first_day: date
    last_day: date


@capability
async def draft_order(
    ctx: Ctx[Invoicing],
    *,
    activity_id: Annotated[UUID, Node("Activity")],
    buyer_id: Annotated[UUID, Node("Party")],
    title: Annotated[str, Text(max=200, min=1)],
    lines: Annotated[list[OrderLineInput], Items(max=LINES_MAX)],
    payment_term_days: int | None = None,
    buyer_reference: Annotated[str, Text(max=100)] = "",
    valid_until: date | None = None,
) -> OrderRow:
    """Draft an order on an activity of one's own. Without a term the standard one holds; it is valid 30 days.

    An order brings new money, so the member's share for the year must be paid.
    """
    activity = await load_activity(ctx.db, activity_id)
    member_id = _administrator(activity, ctx.who.member_id)
    today = await ctx.today(activity.entity_id)
    await check_may_bring_money(ctx.db, member_id, activity.entity_id, today)
    check_open(activity)
    party = await ctx.db.fetchrow(SQL["party"], buyer_id)
    if (
        party is None
        or party["entity_id"] != activity.entity_id
        or party["member_id"] not in (None, member_id)
    ):
        raise UnknownParty(at=("buyerId",), party=buyer_id)
    rules = ctx.service.rules
    wanted = Wanted(
        lines=[
            WantedLine(
                description=line.description,
                nature=line.nature,
                first_day=line.first_day,
                last_day=line.last_day,
                quantity=line.quantity,
                unit=line.unit,
                unit_price=line.unit_price,
            )
            for line in lines
        ],
        payment_term_days=payment_term_days,
        buyer_reference=buyer_reference,
        valid_until=valid_until,
    )
    order = draft(
        wanted,
        id=uuid7(),
        entity_id=activity.entity_id,
        activity_id=activity_id,
        member_id=member_id,
        buyer_id=buyer_id,
        buyer=buyer_from(party, rules, today),
        number=await _next_number(ctx, activity.entity_id, today),
        currency=ctx.country.currency,
        language=party["language"],
        today=today,
        units=UNITS,
        rules=rules,
    )
    contribution = split(rules.contribution(CONTRIBUTION, today), order.price).contribution
    await _store(ctx, order, title, contribution, today)
    record = await ctx.db.fetchrow(SQL["order"], order.id)
    assert record is not None, "it was just written"
    try:
        [row] = await order_rows(ctx, ctx.db, [record])
    except Refusal as refusal:  # no VAT on those days, or a total that cannot be booked
        raise refusal.at("lines") from None
    return row


def _administrator(activity: Activity, member_id: UUID | None) -> UUID:
    check_administrator(activity, member_id)
    if member_id is None:
        raise NotInActivity(activity=activity.id)
    return member_id


async def _next_number(ctx: Ctx[Invoicing], entity_id: UUID, today: date) -> str:
    form = series({name: dated.on(today) for name, dated in ctx.service.rules.series.items()}, SERIES)
    counter = await ctx.db.fetchval(SQL["next_number"], entity_id, SERIES, form.counter_year(today), today)
    return form.write(counter, today)


async def _store(ctx: Ctx[Invoicing], order: Order, title: str, contribution: Money, today: date) -> None:
    await ctx.db.execute(
        SQL["insert_order"],
        order.id,
        order.entity_id,
        order.activity_id,
        order.member_id,
        order.buyer_id,
        order.number,
        title,
        order.currency,
        order.language,
        order.buyer_reference,
        order.payment_term.days,
        order.price.minor,
        contribution.minor,
        order.valid_until,
        today,
    )
    await ctx.db.executemany(
        SQL["insert_order_line"],
        [
            (
                order.id,
                int(line.id),
                line.description,
                line.nature,
                line.period.start,
                line.period.last,
                line.quantity,
                line.unit,
                line.unit_price,
            )
            for line in order.lines
        ],
    )

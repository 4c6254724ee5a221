"""An order, and what the holder of its link sees of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from strawberry import ID

from commons.graphql import AnyOf, Money, Own, Role, WithParent, batched, enum, node_id, record, ref
from invoicing.api.loaders import (
    activities_by_key,
    budget_withdrawal_by_order,
    invoice_by_order,
    parties_by_key,
)
from invoicing.api.types.activity import Activity
from invoicing.api.types.invoice import Invoice
from invoicing.api.types.member import Member
from invoicing.api.types.party import Party
from invoicing.api.types.vat_subtotal import VatSubtotal
from invoicing.documents.order_page import PageState
from invoicing.domain.order import ConfirmedBy, OrderStatus
from invoicing.rows import BudgetWithdrawalRow, MemberRef, OrderLineRow, OrderOfferRow, OrderRow

enum(PageState, name="OfferState")


@record(OrderLineRow)
class OrderLine:
    """What is to be done from the first to the last day, without VAT.

    `doneQuantity` is what was done of it when the order was cancelled during the work.
    """

    position: int
    description: str
    nature: str
    first_day: date
    last_day: date
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net_amount: Money
    done_quantity: Decimal


@record(BudgetWithdrawalRow)
class BudgetWithdrawal:
    """What a budget gives back of an order that fell away: `taken` until now, of `amount` in all.

    The rest was held for wages or spent on them. What no hold gives free any more is `carried` by the
    guarantee fund: it is not taken from what the member earns with other orders.
    """

    amount: Money
    taken: Money
    carried: Money


@record(OrderRow, keys=["id"])
class Order:
    """An order: the quote a member makes, the buyer's decision, and the work that follows.

    `contribution` is the cooperative's part of the price without VAT, `budget` the activity's. `isCovered` is
    the guarantee fund's verdict, null before there is one. The link to the page on which the buyer decides is
    not here: it goes to the buyer by mail alone, so that nobody else can say yes in the buyer's name.
    """

    id: ID = node_id("Order")
    number: str
    title: str
    state: OrderStatus
    language: str
    lines: list[OrderLine]
    start_date: date
    end_date: date
    total_without_vat: Money
    total_vat: Money
    total_with_vat: Money
    vat_breakdown: list[VatSubtotal]
    contribution: Money
    budget: Money
    buyer: Party | None = batched(
        parties_by_key,
        key="buyer_id",
        rule=AnyOf(
            Role("adviser", "accountant", "credit_controller", "payroll_officer", "board"), Own("member_id")
        ),
    )
    activity: Activity | None = batched(activities_by_key, key="activity_id", rule=WithParent())
    member: Member = ref(MemberRef, "member_id")
    buyer_reference: str
    payment_term_days: int
    valid_until: date
    drafted_on: date
    sent_on: date | None
    sent_at: datetime | None
    confirmed_by: ConfirmedBy | None
    confirmed_on: date | None
    is_refused: bool
    cancel_reason: str | None
    cancelled_on: date | None
    is_covered: bool | None
    cover_decided_on: date | None
    done_on: date | None
    budget_withdrawal: BudgetWithdrawal | None = batched(
        budget_withdrawal_by_order,
        key="key",
        rule=AnyOf(Role("adviser", "accountant", "credit_controller", "board"), Own("member_id")),
    )
    invoice: Invoice | None = batched(
        invoice_by_order,
        key="key",
        rule=AnyOf(Role("adviser", "accountant", "credit_controller", "board"), Own("member_id")),
    )


@record(OrderOfferRow)
class OrderOffer:
    """An order as its buyer reads it under the signed link; nothing in it is private to the member."""

    number: str
    title: str
    state: PageState
    language: str
    seller_name: str
    buyer_name: str
    activity_name: str
    lines: list[OrderLine]
    start_date: date
    end_date: date
    total_without_vat: Money
    total_vat: Money
    total_with_vat: Money
    vat_breakdown: list[VatSubtotal]
    payment_term_days: int
    valid_until: date
    terms: list[str]
    consent_sentence: str
    confirmed_on: date | None
    cancelled_on: date | None

"""A member, the memberships and the shares."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import (
    AnyOf,
    Money,
    Own,
    Role,
    batched,
    money,
    node_id,
    record,
    ref,
)
from members.api.loaders import memberships_by_member, share_subscriptions_by_member
from members.api.rules import OwnSubject
from members.api.types.entity import Entity
from members.api.types.share_subscription import ShareSubscription
from members.rows import (
    EntityRef,
    MemberRow,
    MembershipRow,
    RedemptionRow,
    RegisterEntryRow,
    UnmatchedPaymentRow,
)


@record(RedemptionRow)
class ShareRedemption:
    """Shares asked back under a number of the register: what was paid for them, and how much is repaid.

    `isOverdue` says that the day by which the board repays has passed with something left open.
    """

    number: int
    member_id: ID = node_id("Member", "member_id")
    quantity: int
    amount: Money
    repaid: Money
    open: Money
    requested_on: date
    repay_by: date
    is_overdue: bool


@record(MembershipRow)
class Membership:
    """A person's membership of a legal entity, on the entity's business day.

    `mayBringNewMoney` is false in a year for which no share is paid and after `resignedOn`; the existing
    budget may still be spent.
    """

    entity: Entity = ref(EntityRef, "entity_id")
    category: str
    applied_on: date
    admitted_on: date | None
    resigned_on: date | None
    shares: int
    value: Money
    entitled_until: date | None
    may_bring_new_money: bool
    may_spend: bool
    may_vote: bool
    redemptions: list[ShareRedemption]


@record(MemberRow, keys=["id"])
class Member:
    """A person who works through the cooperative and owns it."""

    id: ID = node_id("Member")
    given_name: str
    family_name: str
    email: str
    language: str
    memberships: list[Membership] | None = batched(
        memberships_by_member,
        key="key",
        rule=AnyOf(Role("adviser", "accountant", "board"), Own("key"), OwnSubject()),
    )
    share_subscriptions: list[ShareSubscription] | None = batched(
        share_subscriptions_by_member,
        key="key",
        rule=AnyOf(Role("adviser", "accountant", "board"), Own("key"), OwnSubject()),
    )


@record(RegisterEntryRow)
class RegisterEntry:
    """One line of the share register: numbered without a gap per legal entity, never changed."""

    number: int
    member_id: ID = node_id("Member", "member_id")
    kind: str
    quantity: int
    amount: Money = money("amount_minor")
    category: str
    effective_on: date


@record(UnmatchedPaymentRow)
class UnmatchedPayment:
    """A payment that carries a share reference and pays no shares."""

    id: ID = node_id("Payment")
    reference: str
    amount: Money = money("amount_minor")
    received_on: date
    reason: str

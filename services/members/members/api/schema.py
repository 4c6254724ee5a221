"""What may be asked of this service, by whom, and which capability answers."""

from __future__ import annotations

import strawberry

from commons.graphql import (
    AnyOf,
    Connection,
    Own,
    OwnArgument,
    Refusal,
    Role,
    SignedIn,
    build_schema,
    entity,
    root,
    root_mutation,
)
from members.api.loaders import members_by_key, share_subscriptions_by_key
from members.api.rules import OwnSubject
from members.api.types.entity import Entity
from members.api.types.member import Member, RegisterEntry, ShareRedemption, UnmatchedPayment
from members.api.types.share_subscription import ShareSubscription
from members.capabilities.apply_for_membership import apply_for_membership
from members.capabilities.find_members import find_members
from members.capabilities.find_redemptions import find_redemptions
from members.capabilities.find_register_entries import find_register_entries
from members.capabilities.find_unmatched_payments import find_unmatched_payments
from members.capabilities.get_me import get_me
from members.capabilities.get_member import get_member
from members.capabilities.redeem_shares import redeem_shares
from members.capabilities.resign_membership import resign_membership
from members.capabilities.subscribe_shares import subscribe_shares
from members.domain.errors import AlreadyApplied

STAFF = Role("adviser", "payroll_officer", "accountant", "credit_controller", "board", "returning_officer")
MEMBER_OR_STAFF = AnyOf(STAFF, Own("key"), OwnSubject())


@strawberry.type(description="What the members service answers.")
class Query:
    """Reads."""

    me: Member | None = root(SignedIn(), resolver=get_me)
    member: Member | None = root(MEMBER_OR_STAFF, resolver=get_member)
    members: Connection[Member] = root(STAFF, resolver=find_members)
    share_register: Connection[RegisterEntry] = root(
        Role("accountant", "board"), resolver=find_register_entries
    )
    share_redemptions: Connection[ShareRedemption] = root(
        Role("accountant", "board"), resolver=find_redemptions
    )
    unmatched_share_payments: Connection[UnmatchedPayment] = root(
        Role("accountant"), resolver=find_unmatched_payments
    )


@strawberry.type(description="What the members service does.")
class Mutation:
    """Writes."""

    apply_for_membership: Member | Refusal = root_mutation(SignedIn(), resolver=apply_for_membership)
    subscribe_shares: ShareSubscription | Refusal = root_mutation(
        OwnArgument("member_id"), resolver=subscribe_shares
    )
    resign_membership: Member | Refusal = root_mutation(
        AnyOf(Role("board"), OwnArgument("member_id")), resolver=resign_membership
    )
    redeem_shares: ShareRedemption | Refusal = root_mutation(Role("accountant"), resolver=redeem_shares)


schema = build_schema(
    Query,
    Mutation,
    entities=[
        entity(Entity, rule=SignedIn()),
        entity(Member, members_by_key, rule=MEMBER_OR_STAFF),
        entity(
            ShareSubscription, share_subscriptions_by_key, rule=AnyOf(Role("accountant"), Own("member_id"))
        ),
    ],
    constraints={"one_membership_per_entity": AlreadyApplied},
)

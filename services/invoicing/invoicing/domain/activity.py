"""An activity: a permanent budget in the cooperative, to be thought of as a very small company."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.money import Money
from invoicing.domain.errors import (
    ActivityHasBudget,
    ActivityHasOpenOrders,
    ActivityIsClosed,
    AlreadyInActivity,
    AlreadyInvited,
    InvitationUnknown,
    NotAdministratorOfActivity,
    NotInActivity,
    TooManyInActivity,
    TransferInOtherCurrency,
    TransferNotPositive,
    TransferToItself,
    TransferToOtherEntity,
)

PEOPLE_MAX: Final = 100  # in one activity, which is to be thought of as a very small company


class ActivityRole(StrEnum):
    """What somebody is in an activity.

    An administrator quotes, invites, transfers and sees all of it; a participant sees its budget and its
    orders and works under them; an occasional participant works under an order and sees no budget.
    """

    ADMINISTRATOR = "administrator"
    PARTICIPANT = "participant"
    OCCASIONAL_PARTICIPANT = "occasional_participant"


@dataclass(frozen=True, slots=True)
class Participation:
    """A member's role in an activity."""

    member_id: UUID
    role: ActivityRole


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity of one entity; the member who opens it is its first administrator."""

    id: UUID
    entity_id: UUID
    member_id: UUID
    name: str
    opened_on: date
    participations: tuple[Participation, ...]
    closed_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can take orders and spend."""
        return self.closed_on is None

    def role_of(self, member_id: UUID | None) -> ActivityRole | None:
        """What a member is in it; nothing for somebody who is not in it."""
        return next((one.role for one in self.participations if one.member_id == member_id), None)


def open_activity(*, id: UUID, entity_id: UUID, member_id: UUID, name: str, today: date) -> Activity:
    """A new activity with its first administrator."""
    first = Participation(member_id, ActivityRole.ADMINISTRATOR)
    return Activity(id, entity_id, member_id, name, today, (first,))


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked into an activity in a role, and has not said yes."""

    member_id: UUID
    role: ActivityRole


def invite(
    activity: Activity, *, by: UUID | None, member_id: UUID, role: ActivityRole, is_invited: bool
) -> Invitation:
    """An administrator asks somebody in; whoever is asked need not be a member of the cooperative.

    Raises NotInActivity, NotAdministratorOfActivity, ActivityIsClosed, AlreadyInActivity, AlreadyInvited,
    TooManyInActivity.
    """
    check_administrator(activity, by)
    check_open(activity)
    if activity.role_of(member_id) is not None:
        raise AlreadyInActivity(activity=activity.id).at("memberId")
    if is_invited:
        raise AlreadyInvited(activity=activity.id).at("memberId")
    if len(activity.participations) >= PEOPLE_MAX:
        raise TooManyInActivity(people_max=PEOPLE_MAX)
    return Invitation(member_id, role)


def accept(activity: Activity, invitation: Invitation | None) -> Activity:
    """The activity with one more in it.

    Raises InvitationUnknown, AlreadyInActivity, ActivityIsClosed, TooManyInActivity.
    """
    if invitation is None:
        raise InvitationUnknown(activity=activity.id)
    check_open(activity)
    if activity.role_of(invitation.member_id) is not None:
        raise AlreadyInActivity(activity=activity.id)
    if len(activity.participations) >= PEOPLE_MAX:
        raise TooManyInActivity(people_max=PEOPLE_MAX)
    joined = Participation(invitation.member_id, invitation.role)
    return replace(activity, participations=(*activity.participations, joined))


def close_activity(
    activity: Activity, *, balance: Money, held: Money, open_order_count: int, today: date
) -> Activity:
    """Ends an activity whose budget is empty and whose orders are done.

    Raises ActivityIsClosed, ActivityHasBudget, ActivityHasOpenOrders.
    """
    check_open(activity)
    if not (balance.is_zero and held.is_zero):
        raise ActivityHasBudget(activity=activity.id, balance=balance, held=held)
    if open_order_count:
        raise ActivityHasOpenOrders(activity=activity.id, orders=open_order_count)
    return replace(activity, closed_on=today)


def check_transfer(
    giver: Activity, receiver: Activity, amount: Money, *, by: UUID | None, currency: str
) -> None:
    """Whether an administrator may give this amount of one activity to another.

    Raises NotInActivity, NotAdministratorOfActivity, TransferToItself, TransferToOtherEntity,
    ActivityIsClosed, TransferInOtherCurrency, TransferNotPositive.
    """
    check_administrator(giver, by)
    if giver.id == receiver.id:
        raise TransferToItself().at("toActivityId")
    if giver.entity_id != receiver.entity_id:
        raise TransferToOtherEntity().at("toActivityId")
    check_open(giver)
    check_open(receiver)
    if amount.currency != currency:
        raise TransferInOtherCurrency(currency=currency).at("amount")
    if amount.minor <= 0:
        raise TransferNotPositive(amount=amount).at("amount")


def check_open(activity: Activity) -> None:
    """Raises ActivityIsClosed."""
    if not activity.is_open:
        raise ActivityIsClosed(activity=activity.id, closed_on=activity.closed_on)


def check_administrator(activity: Activity, member_id: UUID | None) -> None:
    """Raises NotInActivity, NotAdministratorOfActivity."""
    roles = {one.role for one in activity.participations if one.member_id == member_id}
    if not roles:
        raise NotInActivity(activity=activity.id)
    if ActivityRole.ADMINISTRATOR not in roles:
        raise NotAdministratorOfActivity(activity=activity.id)

"""An activity: a permanent budget in the cooperative, to be thought of as a very small company."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from commons.money import Money
from invoicing.domain.errors import (
    ActivityHasBudget,
    ActivityHasOpenOrders,
    ActivityIsClosed,
    NotAdministratorOfActivity,
    NotInActivity,
)


class ActivityRole(StrEnum):
    """What a member is in an activity."""

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


def open_activity(*, id: UUID, entity_id: UUID, member_id: UUID, name: str, today: date) -> Activity:
    """A new activity with its first administrator."""
    first = Participation(member_id, ActivityRole.ADMINISTRATOR)
    return Activity(id, entity_id, member_id, name, today, (first,))


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

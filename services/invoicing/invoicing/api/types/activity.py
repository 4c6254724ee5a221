"""An activity with its budget."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import (
    AnyOf,
    Money,
    Role,
    WithParent,
    attribute,
    batched,
    money,
    node_id,
    record,
    ref,
)
from invoicing.api.loaders import (
    balances_by_activity,
    entities_by_key,
    ledger_entries_by_activity,
    participations_by_activity,
)
from invoicing.api.rules import Among
from invoicing.api.types.entity import Entity
from invoicing.api.types.member import Member
from invoicing.domain.activity import ActivityRole
from invoicing.rows import (
    ActivityRow,
    BalanceRow,
    InvitationRow,
    LedgerEntryRow,
    MemberRef,
    ParticipationRow,
)

BOOKS = Role("adviser", "accountant", "board")


@record(BalanceRow)
class Balance:
    """What is on a budget: booked, held for contracts, and what may still be spent."""

    posted: Money
    held: Money
    available: Money


@record(LedgerEntryRow)
class LedgerEntry:
    """One line of a budget. A debit takes from it; a hold sets aside and does not change what is booked.

    `kind`: plain, hold, post (a hold is spent) or void (a hold is freed). `code` names what happened.
    """

    id: ID = node_id("LedgerEntry")
    code: str
    day: date = attribute("effective")
    kind: str
    amount: Money = money("amount_minor")
    is_debit: bool
    balance_after: Money = money("balance_after_minor")


@record(ParticipationRow)
class ActivityParticipation:
    """What somebody is in an activity."""

    member: Member = ref(MemberRef, "member_id")
    role: ActivityRole


@record(InvitationRow)
class ActivityInvitation:
    """An invitation into an activity that waits for an answer."""

    activity_id: ID = node_id("Activity", "activity_id")
    activity_name: str
    role: ActivityRole
    invited_by: Member = ref(MemberRef, "invited_by")
    invited_on: date


@record(ActivityRow, keys=["id"])
class Activity:
    """A permanent budget in the cooperative, to be thought of as a very small company.

    Participants see its balance. Its lines, which tell what each contract costs, are for administrators.
    """

    id: ID = node_id("Activity")
    name: str
    entity: Entity | None = batched(entities_by_key, key="entity_id", rule=WithParent())
    member: Member = ref(MemberRef, "member_id")
    opened_on: date
    closed_on: date | None
    participations: list[ActivityParticipation] | None = batched(
        participations_by_activity, key="key", rule=AnyOf(BOOKS, Among("participants"))
    )
    balance: Balance | None = batched(
        balances_by_activity, key="key", rule=AnyOf(BOOKS, Among("participants"))
    )
    ledger_entries: list[LedgerEntry] | None = batched(
        ledger_entries_by_activity, key="key", rule=AnyOf(BOOKS, Among("administrators"))
    )

"""Between tables and domain values: what is loaded and stored in the same way by several capabilities."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from commons.database import Connection, Record
from commons.money import Money
from members.domain.register import EntryKind, RegisterEntry
from members.domain.subscription import ShareSubscription
from members.sql import SQL


def subscription_from(row: Record) -> ShareSubscription:
    """The domain's subscription."""
    return ShareSubscription(
        id=row["id"],
        member_id=row["member_id"],
        entity_id=row["entity_id"],
        category=row["category"],
        quantity=row["quantity"],
        share_value=Money(row["share_value_minor"], row["currency"]),
        reference=row["reference"],
        subscribed_on=row["subscribed_on"],
        pay_by=row["pay_by"],
        paid_on=row["paid_on"],
        cancelled_on=row["cancelled_on"],
    )


def entry_from(row: Record) -> RegisterEntry:
    """The domain's entry of the register."""
    return RegisterEntry(
        number=row["number"],
        entity_id=row["entity_id"],
        member_id=row["member_id"],
        kind=EntryKind(row["kind"]),
        quantity=row["quantity"],
        amount=Money(row["amount_minor"], row["currency"]),
        category=row["category"],
        effective_on=row["effective_on"],
        recorded_on=row["recorded_on"],
        counterpart_id=row["counterpart_id"],
        subscription_id=row["subscription_id"],
        of=row["of_number"],
        reason=row["reason"],
    )


async def entries_of(db: Connection, member_id: UUID, entity_id: UUID) -> list[RegisterEntry]:
    """The register's entries about one member of one entity, oldest first."""
    rows = await db.fetch(SQL["register_entries_of_members"], [member_id])
    return [entry_from(row) for row in rows if row["entity_id"] == entity_id]


async def store_entries(db: Connection, entries: Iterable[RegisterEntry]) -> None:
    """Add entries to the register."""
    for entry in entries:
        await db.execute(
            SQL["insert_register_entry"],
            entry.entity_id,
            entry.number,
            entry.member_id,
            entry.kind.value,
            entry.quantity,
            entry.amount.minor,
            entry.amount.currency,
            entry.category,
            entry.effective_on,
            entry.recorded_on,
            entry.counterpart_id,
            entry.subscription_id,
            entry.of,
            entry.reason,
        )

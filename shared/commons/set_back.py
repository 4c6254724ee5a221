"""Whether this database was set back to an earlier moment without being told, and what was forgotten then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from commons.database import COMMONS_SQL as SQL
from commons.database import Connection
from commons.events import Published


class SetBack(Exception):
    """The database was set back, and nobody has told it; the sentence says what to do."""


async def why_it_must_wait(db: Connection, name: str, generation: int) -> str | None:
    """Why nothing of a service may run: its database was set back and nobody told it; None where all is well.

    `generation` is the one that the program was given; a copy of an older one does not know of it.
    """
    known = await db.fetchval(SQL["generation"])
    if known != generation:
        return (
            f"The database is a restored one: it knows of generation {known}, and this is {generation}. "
            f"{remedy(name)}"
        )
    noticed: str | None = await db.fetchval(SQL["set_back_since"])
    return noticed


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was asked for before a restoration: the id by which others know it, and what they were told."""

    id: UUID
    told: Mapping[str, Any]


async def forgotten(db: Connection, event: type[Published], **facts: object) -> Forgotten | None:
    """What is asked for now, where it was asked for before a restoration and forgotten in it; else None.

    `facts` are fields of the event that announced it: ids, days and texts.
    """
    said = {name: str(value) for name, value in facts.items()}
    row = await db.fetchrow(SQL["forgotten_aggregate"], event.type(), said)
    return None if row is None else Forgotten(row["agg_id"], row["data"])


async def told_day(db: Connection, event: type[Published], aggregate_id: UUID, field: str) -> date | None:
    """The day that others were told, where a fact that a restoration has undone becomes true again; or None.

    What was declared, done or paid in time stays so, although it is written down again later.
    """
    return (await told_days(db, event, [aggregate_id], field)).get(aggregate_id)


async def told_days(
    db: Connection, event: type[Published], aggregate_ids: Sequence[UUID], field: str
) -> dict[UUID, date]:
    """The same of many, where there is such a day."""
    rows = await db.fetch(SQL["told_before"], event.aggregate, list(aggregate_ids), event.type())
    return {row["agg_id"]: date.fromisoformat(row["data"][field]) for row in rows}


def remedy(name: str) -> str:
    """What to do about it, as the end of a sentence that says it."""
    return (
        f"Nothing is published, handled or sent before `python -m {name} restored begin --since MOMENT "
        "--by YOU --reason WHY`."
    )

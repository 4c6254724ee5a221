"""Freeze a roll when the record date of its meeting has come."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from commons.context import Ctx
from commons.deadlines import Deadline, schedule
from governance.capabilities.freeze_roll import freeze_roll
from governance.domain.meeting import Meeting

KIND: Final = "record_date"


async def schedule_record_date(ctx: Ctx, meeting: Meeting) -> None:
    """Have the roll of a meeting frozen on its record date."""
    assert meeting.record_date is not None, "convene() sets it"
    await schedule(
        ctx.db,
        kind=KIND,
        key=f"record_date:{meeting.id}",
        entity_id=meeting.entity_id,
        due=meeting.record_date,
        data={"meeting_id": str(meeting.id)},
    )


async def record_date(ctx: Ctx, deadline: Deadline) -> None:
    """Freeze the roll of the meeting that the deadline names."""
    await freeze_roll(ctx, meeting_id=UUID(deadline.data["meeting_id"]))

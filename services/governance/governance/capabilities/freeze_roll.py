"""Fix who may vote in a meeting: the members whom the register of the record date names."""

from __future__ import annotations

from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from governance.domain import meeting as meetings
from governance.sql import SQL
from governance.store import check_notice, meeting_for_update, roll_on, store_roll


@capability
async def freeze_roll(ctx: Ctx, *, meeting_id: UUID) -> None:
    """Freeze the roll of a convened meeting, and check its notice for the members on it.

    Raises RecordDateNotReached, RollAlreadyFrozen.
    """
    meeting = await meeting_for_update(ctx.db, meeting_id)
    assert meeting.rules is not None, "convene() sets it"
    assert meeting.record_date is not None, "convene() sets it"
    today = await ctx.today(meeting.entity_id)
    roll = await roll_on(ctx.db, meeting.entity_id, meeting.record_date, meeting.rules)
    meeting = meetings.freeze_roll(meeting, roll, today=today)
    await store_roll(ctx.db, meeting_id, roll, today)
    await ctx.db.execute(SQL["set_notice_check"], meeting_id, check_notice(meeting, roll).to_record())

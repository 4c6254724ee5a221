"""A line of the access log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from commons.graphql import record, ref
from payroll.rows import FileReadingRow, MemberRef, PersonalFile

if TYPE_CHECKING:
    from payroll.api.types.member import Member


@record(FileReadingRow)
class FileReading:
    """Somebody read personal data of a member: who (the subject of the token), what, when."""

    member: Annotated[Member, strawberry.lazy("payroll.api.types.member")] = ref(MemberRef, "member_id")
    reader: str
    file: PersonalFile
    read_at: datetime
    request_id: str

"""A rule of this service: applicants see themselves before a token names them a member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commons.claims import ANONYMOUS, Claims
from commons.graphql import Rule


class OwnSubject(Rule):
    """The person whose token has the subject that applied."""

    text = "own subject"
    sees_rows = True

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        """Only the row tells; nobody without a token."""
        return False if who is ANONYMOUS else None

    def row(self, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
        """Whether the row is the person's own."""
        return bool(row.subject == who.subject)

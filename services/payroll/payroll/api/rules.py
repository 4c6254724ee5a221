"""A rule of this service: an order that nobody confirmed has no contracts, so there is nothing to hide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commons.claims import ANONYMOUS, Claims
from commons.graphql import Rule


class OwnOrUnconfirmed(Rule):
    """The member whose order it is; everybody signed in where this service does not know the order."""

    text = "own order, or one not confirmed"
    sees_rows = True

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        """Only the row tells; nobody without a token."""
        return False if who is ANONYMOUS else None

    def row(self, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
        """Whether the order is the person's own, or nobody's yet."""
        return row.member_id is None or row.member_id == str(who.member_id)

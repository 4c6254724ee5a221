"""A rule of this service: an order that nobody confirmed has no contracts, so there is nothing to hide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commons.claims import ANONYMOUS, Claims
from commons.graphql import Rule


class OwnOrUnconfirmed(Rule):
    """Who works in the order's activity; everybody signed in where this service does not know the order."""

    text = "order of one's activity, or one not confirmed"
    sees_rows = True

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        """Only the row tells; nobody without a token."""
        return False if who is ANONYMOUS else None

    def row(self, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
        """Whether the person may work under the order, or nobody yet."""
        own = str(who.member_id)
        return row.member_id is None or row.member_id == own or own in row.participants

"""A rule of this service: who is in an activity sees of it what the role allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commons.claims import Claims
from commons.graphql import Rule


class Among(Rule):
    """Those whose keys the row carries in a list: `Among("participants")`."""

    sees_rows = True

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self.text = f"among ({attribute})"

    def asks(self, who: Claims, arguments: Mapping[str, object]) -> bool | None:
        """Only the row tells; nobody who has no key."""
        return None if who.member_id is not None else False

    def row(self, who: Claims, arguments: Mapping[str, object], row: Any) -> bool:
        """Whether the person is one of them."""
        return str(who.member_id) in getattr(row, self.attribute)

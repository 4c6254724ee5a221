"""Refuse what belongs to somebody else, where only the data can tell."""

from __future__ import annotations

from uuid import UUID

from commons.claims import Claims
from commons.refusal import Refusal


class NotYours(Refusal):
    """This belongs to somebody else.

    A service's own refusal of somebody who has no part in a thing is a subclass, so that it can be told from
    one about the state of the thing.
    """


def must_be_own(who: Claims, member_id: UUID | str | None, *roles: str) -> None:
    """Let through the member concerned and the holders of a role. Raises NotYours.

    For mutations whose owner is only known once the row is loaded; anything that rows or arguments can tell
    belongs in the rule of the field.
    """
    if who.has_role(*roles):
        return
    if who.member_id is None or member_id is None or str(who.member_id) != str(member_id):
        raise NotYours()

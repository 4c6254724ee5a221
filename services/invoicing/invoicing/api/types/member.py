"""A member, whom this service only points at."""

from __future__ import annotations

from strawberry import ID

from commons.graphql import node_id, record
from invoicing.rows import MemberRef


@record(MemberRef, name="Member", keys=["id"], resolvable=False)
class Member:
    """A person who works through the cooperative and owns it."""

    id: ID = node_id("Member")

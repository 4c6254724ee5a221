"""An activity, of which this service only knows the key."""

from __future__ import annotations

from strawberry import ID

from commons.graphql import node_id, record
from payroll.rows import ActivityRef


@record(ActivityRef, name="Activity", keys=["id"], resolvable=False)
class Activity:
    """What a member does through the cooperative, with a budget of its own."""

    id: ID = node_id("Activity")

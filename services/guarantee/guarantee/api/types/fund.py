"""The fund of a legal entity and its book."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, batched, money, node_id, record, ref
from guarantee.api.loaders import movements_by_fund, pools_by_fund, standings_by_fund
from guarantee.api.rules import FUND_STAFF
from guarantee.api.types.entity import Entity
from guarantee.rows import EntityRef, FundMovementKind, FundRow, FundStandingRow, MovementRow


@record(MovementRow)
class FundMovement:
    """Money that came into the fund (above zero) or left it (below). Holds move nothing."""

    day: date
    kind: FundMovementKind
    amount: Money = money("amount_minor")
    balance_after: Money = money("balance_after_minor")
    order_id: ID | None = node_id("Order", "order_id")


@record(FundStandingRow)
class FundStanding:
    """The fund beside what it stands for: below `reserve` it keeps its promises and covers no new order.

    `warnedOn` is the last day on which it was told that the reserve is too small for what is asked of it.
    """

    exposure: Money
    reserve: Money
    is_below_reserve: bool
    warned_on: date | None


@record(FundRow, keys=["id"])
class Fund:
    """The money that pays the wages of an entity's members when clients are late.

    `held` is kept for wages that fall due; `available` may be below zero as far as working capital allows.
    """

    id: ID = node_id("Fund")
    entity: Entity = ref(EntityRef, "key")
    name: str
    opened_on: date
    posted: Money = money("posted_minor")
    held: Money = money("held_minor")
    available: Money
    mutual_pool: Money | None = batched(
        pools_by_fund,
        key="key",
        rule=FUND_STAFF,
        description="What prices of contracts left over of what they cost; below zero what they lacked.",
    )
    standing: FundStanding | None = batched(standings_by_fund, key="key", rule=FUND_STAFF)
    movements: list[FundMovement] | None = batched(movements_by_fund, key="key", rule=FUND_STAFF)

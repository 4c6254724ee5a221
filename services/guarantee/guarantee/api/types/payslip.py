"""What this service adds to a payslip: whose money pays the wage, and when."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, batched, money, node_id, record, ref
from guarantee.api.loaders import funding_by_payslip
from guarantee.api.rules import FUNDING_READERS, AsLoaded
from guarantee.api.types.order import Order
from guarantee.rows import OrderRef, PayslipRef, WageRow, WageState


@record(PayslipRef, name="Payslip", keys=["id"])
class Payslip:
    """A wage that was computed."""

    id: ID = node_id("Payslip")
    funding: WageFunding | None = batched(funding_by_payslip, key="key", rule=AsLoaded(FUNDING_READERS))


@record(WageRow)
class WageFunding:
    """Whose money pays a wage on the day it is due: `collection` the client's, `advance` the fund's.

    `amount` is the labor cost. `source` and `fundedOn` are there once the wage is funded.
    """

    payslip: Payslip = ref(PayslipRef, "payslip_id")
    order: Order = ref(OrderRef, "order_id")
    state: WageState
    due_date: date
    amount: Money = money("amount_minor")
    source: str | None
    funded_on: date | None

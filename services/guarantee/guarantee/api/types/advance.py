"""An advance of the fund."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import Money, money, node_id, record, ref
from guarantee.api.types.order import Order
from guarantee.api.types.payslip import Payslip
from guarantee.rows import AdvanceRow, AdvanceState, OrderRef, PayslipRef


@record(AdvanceRow, keys=["id"])
class Advance:
    """A wage that the fund paid before the client did."""

    id: ID = node_id("Advance")
    order_id: ID = node_id("Order", "order_id")
    order: Order = ref(OrderRef, "order_id")
    payslip: Payslip = ref(PayslipRef, "payslip_id")
    amount: Money = money("amount_minor")
    recovered: Money = money("recovered_minor")
    outstanding: Money
    lost: Money = money("lost_minor")
    granted_on: date
    state: AdvanceState

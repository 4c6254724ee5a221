"""A work contract and its declarations."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from commons.graphql import (
    AnyOf,
    Money,
    Own,
    Role,
    WithParent,
    attribute,
    batched,
    node_id,
    record,
    ref,
)
from payroll.api.loaders import (
    budget_refusals_by_contract,
    declarations_by_contract,
    labor_costs_by_contract,
    payslips_by_contract,
)
from payroll.api.types.activity import Activity
from payroll.api.types.entity import Entity
from payroll.api.types.labor_cost import LaborCost
from payroll.api.types.payslip import Payslip
from payroll.domain.contract import ContractKind, ContractState
from payroll.domain.declaration import Anomaly, DeclarationState
from payroll.rows import (
    ActivityRef,
    BudgetRefusalRow,
    ContractRow,
    DeclarationRow,
    EntityRef,
    MemberRef,
    OrderRef,
)

if TYPE_CHECKING:
    from payroll.api.types.member import Member
    from payroll.api.types.order import Order


@record(Anomaly)
class DeclarationAnomaly:
    """What the authority found wrong: its code and its own words."""

    code: str
    label: str


@record(DeclarationRow)
class Declaration:
    """A declaration to the authority: `in` for a hire, `out` to end one early, `cancel` to take one back.

    `contradictedOn` is the day on which the authority said the opposite of what it had decided: the first
    answer counts until a person has found out.
    """

    id: ID = node_id("Declaration")
    kind: str
    state: DeclarationState
    result: str | None
    reference: str | None
    period_id: str | None
    anomalies: list[DeclarationAnomaly]
    sent_at: datetime | None
    decided_at: datetime | None
    contradicted_on: date | None
    contradicting_result: str | None
    contradicting_anomalies: list[DeclarationAnomaly]


@record(BudgetRefusalRow)
class BudgetRefusal:
    """Why a budget refused a contract: it had `available`, the contract would have cost `requested`."""

    requested: Money
    available: Money


@record(ContractRow, keys=["id"])
class Contract:
    """A short work contract; its state follows from what happened to it.

    `wage` is the gross per month, day or hour, or the lump sum; `price` what the budget is charged.
    `unansweredOn` is the day on which work was near and the hire not accepted, `undeclaredOn` its first day,
    when the hire was still not accepted.
    """

    id: ID = node_id("Contract")
    order: Annotated[Order, strawberry.lazy("payroll.api.types.order")] = ref(OrderRef, "order_id")
    activity: Activity = ref(ActivityRef, "activity_id")
    entity: Entity = ref(EntityRef, "entity_id")
    member: Annotated[Member, strawberry.lazy("payroll.api.types.member")] = ref(MemberRef, "member_id")
    regime: str
    kind: ContractKind
    wage: Money
    days: int
    hours: Decimal
    gross_wage: Money
    estimated_cost: Money
    price: Money
    start_date: date = attribute("first_day")
    end_date: date = attribute("last_day")
    function_title: str
    joint_committee: str | None
    state: ContractState
    requested_on: date
    budget_held_on: date | None
    declared_on: date | None
    ended_on: date | None
    paid_on: date | None
    refused_on: date | None
    refusal_code: str | None
    budget_refusal: BudgetRefusal | None = batched(budget_refusals_by_contract, key="key", rule=WithParent())
    undeclared_on: date | None
    unanswered_on: date | None
    payslip_refusal_code: str | None
    declarations: list[Declaration] = batched(declarations_by_contract, key="key", rule=WithParent())
    labor_cost: LaborCost | None = batched(
        labor_costs_by_contract,
        key="key",
        rule=AnyOf(Role("payroll_officer", "accountant"), Own("member_id")),
    )
    payslip: Payslip | None = batched(
        payslips_by_contract,
        key="key",
        rule=AnyOf(Role("payroll_officer", "accountant"), Own("member_id")),
    )

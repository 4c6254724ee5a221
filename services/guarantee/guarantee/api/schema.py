"""What may be asked of this service, by whom, and which capability answers."""

from __future__ import annotations

import strawberry

from commons.graphql import (
    Connection,
    Refusal,
    Role,
    SignedIn,
    build_schema,
    entity,
    root,
    root_mutation,
)
from guarantee.api.loaders import advances_by_key, funds_by_key
from guarantee.api.rules import FUND_STAFF
from guarantee.api.types.advance import Advance
from guarantee.api.types.entity import Entity
from guarantee.api.types.fund import Fund
from guarantee.api.types.order import Order
from guarantee.api.types.payslip import Payslip, WageFunding
from guarantee.capabilities.find_advances import find_advances
from guarantee.capabilities.find_wages_due import find_wages_due
from guarantee.capabilities.get_fund import get_fund
from guarantee.capabilities.open_fund import open_fund
from guarantee.domain.errors import FundAlreadyOpen


@strawberry.type(description="What the guarantee service answers.")
class Query:
    """Reads."""

    fund: Fund | None = root(SignedIn(), resolver=get_fund)
    advances: Connection[Advance] = root(FUND_STAFF, resolver=find_advances)
    wages_due: Connection[WageFunding] = root(
        Role("payroll_officer", "accountant", "credit_controller", "board"), resolver=find_wages_due
    )


@strawberry.type(description="What the guarantee service does.")
class Mutation:
    """Writes."""

    open_fund: Fund | Refusal = root_mutation(Role("accountant", "credit_controller"), resolver=open_fund)


schema = build_schema(
    Query,
    Mutation,
    entities=[
        entity(Entity, rule=SignedIn()),
        entity(Fund, funds_by_key, rule=SignedIn()),
        entity(Advance, advances_by_key, rule=FUND_STAFF),
        entity(Order, rule=SignedIn()),
        entity(Payslip, rule=SignedIn()),
    ],
    constraints={"fund_pkey": FundAlreadyOpen},
)

"""A contract is asked for under a confirmed order, by its own member, for a wage the law allows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.an_office import OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.database import COMMONS_SQL, transaction
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from payroll.consumers.order_cancelled import order_cancelled
from payroll.events.consumed import OrderCancelled

REQUEST = """
mutation ($order: ID!, $gross: Decimal! = "3000.00", $from: Date! = "2026-07-01", $to: Date! = "2026-07-31",
          $kind: ContractKind! = MONTH, $days: Int! = 0, $key: ID) {
  requestContract(orderId: $order, regime: "white_collar", kind: $kind, startDate: $from, endDate: $to, days: $days,
                  grossWage: {amount: $gross, currency: "EUR"}, functionTitle: "Sound engineer",
                  idempotencyKey: $key) {
    ... on Contract {
      id state price { amount } grossWage { amount } jointCommittee functionTitle order { id } member { id }
      declarations { id } payslip { id }
    }
    ... on Refusal { code path }
  }
}
"""
CONTRACTS = """
query ($order: ID) { contracts(orderId: $order) { nodes { id state } pageInfo { hasNextPage } } }
"""
ORDERS = """
query ($orders: [_Any!]!) { _entities(representations: $orders) { ... on Order { contracts { id state } } } }
"""
WAITING = """
query ($entity: ID!) { declarationsWaiting(entityId: $entity) { nodes { id undeclaredOn startDate } } }
"""


def order_of(order_id: UUID) -> str:
    return global_id.encode("BE", "Order", order_id)


async def asked(api: AskedApi, who: Claims, order_id: UUID, **changes: Any) -> dict[str, Any]:
    answer = await api.ask(REQUEST, who=who, order=order_of(order_id), **changes)
    found: dict[str, Any] = answer.data["requestContract"]
    return found


async def test_a_contract_waits_for_its_budget_at_the_published_price(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    order = await office.order(entity, who)
    contract = await asked(api, who, order)
    assert contract["state"] == "REQUESTED"
    assert contract["price"] == {"amount": "4080.00"}
    assert contract["jointCommittee"] == "200"
    assert contract["order"] == {"id": order_of(order)}
    assert (contract["declarations"], contract["payslip"]) == ([], None)
    key = global_id.decode(contract["id"]).key
    requested = await office.event(key, "ContractRequested")
    assert requested["labor_cost"] == {"minor": "408000", "currency": "EUR"}
    assert requested["member_id"] == str(who.member_id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gross": "2000.00"}, "GrossBelowMinimumWage"),
        ({"gross": "0.00"}, "GrossNotPositive"),
        ({"to": "2026-06-30"}, "ContractDatesReversed"),
        ({"to": "2026-08-31"}, "SeveralPayPeriods"),
        ({"to": "2026-07-30"}, "ContractMonthIncomplete"),
        ({"kind": "DAYS"}, "ContractQuantityMissing"),
        ({"kind": "DAYS", "days": -1}, "NumberOutOfRange"),
    ],
)
async def test_terms_that_the_law_or_the_house_does_not_allow_are_refused(
    api: AskedApi, office: Office, entity: UUID, changes: dict[str, Any], code: str
) -> None:
    who = await office.member(entity)
    refusal = await asked(api, who, await office.order(entity, who), **changes)
    assert refusal["code"] == code


async def test_a_contract_outside_the_days_of_its_order_is_refused(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    order = await office.order(entity, who)
    later = await asked(api, who, order, **{"from": "2026-09-01", "to": "2026-09-30"})
    assert later == {"code": "ContractOutsideOrder", "path": ["endDate"]}


async def test_a_contract_whose_first_day_is_past_is_refused_since_its_hire_would_be_declared_too_late(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    order = await office.order(entity, who)
    await office.open_day(entity, date(2026, 7, 2))
    assert await asked(api, who, order) == {"code": "HireTooLate", "path": ["startDate"]}
    assert await office.pools.read.fetchval("select count(*) from contract where order_id = $1", order) == 0


async def test_two_contracts_at_once_have_together_no_more_hours_than_the_law_allows(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    await asked(api, who, await office.order(entity, who))
    second = await asked(api, who, await office.order(entity, who))
    assert second == {"code": "ContractsOverlap", "path": ["startDate"]}
    other = await office.member(entity)
    assert (await asked(api, other, await office.order(entity, other)))["state"] == "REQUESTED"


async def test_an_order_that_no_client_confirmed_has_no_contracts(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    refusal = await asked(api, await office.member(entity), uuid7())
    assert refusal == {"code": "UnknownOrder", "path": ["orderId"]}


async def test_without_a_payroll_profile_there_is_no_contract(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    member_id = uuid7()
    who = Claims(subject="new", roles=frozenset({"member"}), member_id=member_id)
    assert (await asked(api, who, await office.order(entity, who)))["code"] == "PayrollProfileMissing"


async def test_nobody_asks_under_somebody_elses_order(api: AskedApi, office: Office, entity: UUID) -> None:
    order = await office.order(entity, await office.member(entity))
    assert (await asked(api, await office.member(entity), order))["code"] == "NotYours"
    assert (await api.ask(REQUEST, who=OFFICER, order=order_of(order))).codes == ["FORBIDDEN"]


async def test_a_cancelled_order_takes_no_contract(api: AskedApi, office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    order = await office.order(entity, who)
    event = OrderCancelled.model_validate(
        {"order_id": order, "entity_id": entity, "cancelled_on": "2026-06-20"}
    )
    await office.run(lambda ctx: order_cancelled(ctx, event))
    assert (await asked(api, who, order))["code"] == "OrderIsCancelled"


async def test_a_contract_asked_for_twice_with_its_key_is_one(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    order = await office.order(entity, who)
    first, second = [await asked(api, who, order, key="once") for _ in range(2)]
    assert first["id"] == second["id"]


async def test_a_member_sees_the_own_contracts_and_an_officer_all(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who, other = await office.member(entity), await office.member(entity)
    order = await office.order(entity, who)
    contract = await asked(api, who, order)
    for reader, seen in ((who, 1), (OFFICER, 1), (other, 0)):
        answer = await api.ask(CONTRACTS, who=reader, order=order_of(order))
        assert [node["id"] for node in answer.data["contracts"]["nodes"]] == [contract["id"]] * seen


async def test_an_order_shows_its_contracts_to_its_member_and_nothing_where_it_is_unknown(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    order = await office.order(entity, who)
    contract = await asked(api, who, order)
    orders = [{"__typename": "Order", "id": order_of(each)} for each in (order, uuid7())]
    known, unknown = (await api.ask(ORDERS, who=who, orders=orders)).data["_entities"]
    assert known == {"contracts": [{"id": contract["id"], "state": "REQUESTED"}]}
    assert unknown == {"contracts": []}
    answer = await api.ask(ORDERS, who=await office.member(entity), orders=orders[:1])
    assert answer.codes == ["FORBIDDEN"]


async def test_contracts_without_an_accepted_hire_are_on_the_officers_list(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await asked(api, who, await office.order(entity, who))
    await office.active_contract(entity, await office.member(entity))
    entity_id = global_id.encode("BE", "Entity", entity)
    answer = await api.ask(WAITING, who=OFFICER, entity=entity_id)
    assert answer.data["declarationsWaiting"]["nodes"] == [
        {"id": contract["id"], "undeclaredOn": None, "startDate": "2026-07-01"}
    ]
    assert (await api.ask(WAITING, who=who, entity=entity_id)).codes == ["FORBIDDEN"]


async def test_a_contract_that_a_restored_database_forgot_goes_on_under_the_id_that_others_know(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who, other = await office.member(entity), await office.member(entity)
    order = await office.order(entity, who)
    like = await asked(api, other, await office.order(entity, other))
    told = await office.event(global_id.decode(like["id"]).key, "ContractRequested")
    contract_id = uuid7()
    told |= {"contract_id": str(contract_id), "order_id": str(order), "member_id": str(who.member_id)}
    told["activity_id"] = str(
        await office.pools.read.fetchval("select activity_id from confirmed_order where id = $1", order)
    )
    async with transaction(office.pools.write) as db:
        await db.fetchval(
            COMMONS_SQL["take_back"],
            *(uuid7(), "be.payroll.v1", "Contract", contract_id, 1, "payroll.ContractRequested.v1"),
            *(told, {}, datetime(2026, 6, 20, tzinfo=UTC)),
        )
    await office.open_day(entity, date(2026, 7, 2))

    otherwise = await asked(api, who, order, gross="3100.00")
    contract = await asked(api, who, order)

    assert otherwise == {"code": "ContractForgottenOtherwise", "path": ["grossWage"]}
    assert (global_id.decode(contract["id"]).key, contract["state"]) == (contract_id, "REQUESTED")
    assert await office.announced(contract_id) == ["ContractRequested"], "others know it already"

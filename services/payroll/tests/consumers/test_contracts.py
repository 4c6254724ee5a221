"""What other services say about the budget and the order of a contract."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from commons.events import NotYet
from commons.uuid7 import uuid7
from payroll.consumers.budget_held import budget_held
from payroll.consumers.budget_refused import budget_refused
from payroll.consumers.order_cancelled import order_cancelled
from payroll.consumers.wage_funded import wage_funded
from payroll.domain.declaration import DeclarationState
from payroll.events.consumed import BudgetHeld, BudgetRefused, OrderCancelled, WageFunded
from payroll.rows import ContractRow
from payroll.testing import Office


async def a_contract(office: Office, entity: UUID) -> ContractRow:
    who = await office.member(entity)
    return await office.contract(await office.order(entity, who), who)


async def refuse_budget(office: Office, contract: ContractRow) -> None:
    event = BudgetRefused(
        contract_id=UUID(contract.key), entity_id=UUID(contract.entity_id), code="FloorReached"
    )
    await office.run(lambda ctx: budget_refused(ctx, event))


async def cancel_order(office: Office, contract: ContractRow, day: date) -> None:
    event = OrderCancelled(
        order_id=UUID(contract.order_id), entity_id=UUID(contract.entity_id), cancelled_on=day
    )
    await office.run(lambda ctx: order_cancelled(ctx, event))


async def state_of(office: Office, contract: ContractRow) -> dict[str, object]:
    row = await office.pools.read.fetchrow(
        "select budget_held_on, refused_on, refusal_code from contract where id = $1", contract.key
    )
    assert row is not None
    return dict(row)


async def test_a_held_budget_asks_for_the_declaration_of_the_hire(office: Office, entity: UUID) -> None:
    contract = await a_contract(office, entity)
    await office.hold_budget(contract)
    assert (await state_of(office, contract))["budget_held_on"] == date(2026, 6, 5)
    effect = await office.pools.read.fetchrow("select kind, payload from effect where key = $1", contract.key)
    assert effect is not None
    assert effect["kind"] == "dimona.declare"
    assert set(effect["payload"]) == {"contract_id", "declaration_id"}


async def test_a_budget_held_twice_is_declared_once(office: Office, entity: UUID) -> None:
    contract = await a_contract(office, entity)
    await office.hold_budget(contract)
    await office.hold_budget(contract)
    count = "select count(*) from effect where key = $1"
    assert await office.pools.read.fetchval(count, contract.key) == 1


async def test_a_budget_that_is_too_small_refuses_the_contract(office: Office, entity: UUID) -> None:
    contract = await a_contract(office, entity)
    await refuse_budget(office, contract)
    assert await office.announced(contract.key) == ["ContractRequested", "ContractRefused"]
    assert (await office.event(contract.key, "ContractRefused"))["code"] == "FloorReached"


async def test_a_refused_contract_is_not_flagged_on_its_first_day(office: Office, entity: UUID) -> None:
    contract = await a_contract(office, entity)
    await refuse_budget(office, contract)
    await office.open_day(entity, date(2026, 7, 1))
    flag = "select undeclared_on from contract where id = $1"
    assert await office.pools.read.fetchval(flag, contract.key) is None


async def test_a_budget_held_after_the_order_was_cancelled_declares_nothing(
    office: Office, entity: UUID
) -> None:
    contract = await a_contract(office, entity)
    await cancel_order(office, contract, date(2026, 6, 20))
    await office.hold_budget(contract)
    assert (await state_of(office, contract))["refusal_code"] == "OrderCancelled"
    assert not await office.pools.read.fetchval(
        "select exists (select from effect where key = $1)", contract.key
    )


async def test_work_that_has_begun_is_paid_whoever_cancels_the_order(office: Office, entity: UUID) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await cancel_order(office, contract, date(2026, 7, 10))
    assert (await state_of(office, contract))["refused_on"] is None
    await office.open_day(entity, date(2026, 7, 31))
    assert await office.payslip_of(contract) is not None


async def test_a_refused_hire_refuses_the_contract(office: Office, entity: UUID) -> None:
    contract = await a_contract(office, entity)
    await office.hold_budget(contract)
    await office.decide(contract, DeclarationState.REFUSED, "B")
    assert (await state_of(office, contract))["refusal_code"] == "HireRefused"


async def test_an_order_that_was_never_confirmed_is_cancelled_without_a_trace(
    office: Office, entity: UUID
) -> None:
    event = OrderCancelled(order_id=uuid7(), entity_id=entity, cancelled_on=date(2026, 6, 20))
    await office.run(lambda ctx: order_cancelled(ctx, event))


async def test_what_is_about_something_unknown_waits(office: Office, entity: UUID) -> None:
    held = BudgetHeld(contract_id=uuid7(), entity_id=entity, held_on=date(2026, 6, 16))
    with pytest.raises(NotYet):
        await office.run(lambda ctx: budget_held(ctx, held))
    refused = BudgetRefused(contract_id=uuid7(), entity_id=entity, code="FloorReached")
    with pytest.raises(NotYet):
        await office.run(lambda ctx: budget_refused(ctx, refused))
    funded = WageFunded.model_validate(
        {
            "payslip_id": uuid7(),
            "entity_id": entity,
            "source": "collection",
            "amount": {"minor": "1", "currency": "EUR"},
            "funded_on": "2026-08-08",
        }
    )
    with pytest.raises(NotYet):
        await office.run(lambda ctx: wage_funded(ctx, funded))

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from tests.an_office import Office, a_contract, cancel_order, state_of

from commons.events import NotYet
from commons.uuid7 import uuid7
from payroll.consumers.budget_held import budget_held
from payroll.domain.declaration import DeclarationState
from payroll.events.consumed import BudgetHeld


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


async def test_a_refused_hire_refuses_the_contract(office: Office, entity: UUID) -> None:
    contract = await a_contract(office, entity)
    await office.hold_budget(contract)
    await office.decide(contract, DeclarationState.REFUSED, "B")
    assert (await state_of(office, contract))["refusal_code"] == "HireRefused"


async def test_a_budget_held_for_an_unknown_contract_waits(office: Office, entity: UUID) -> None:
    held = BudgetHeld(contract_id=uuid7(), entity_id=entity, held_on=date(2026, 6, 16))
    with pytest.raises(NotYet):
        await office.run(lambda ctx: budget_held(ctx, held))

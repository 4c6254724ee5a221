from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from tests.an_office import OFFICER, Office, a_contract, refuse_budget

from commons.events import NotYet
from commons.money import Money
from commons.uuid7 import uuid7
from payroll.api.loaders import budget_refusals_by_contract
from payroll.consumers.budget_refused import budget_refused
from payroll.events.consumed import BudgetRefused
from payroll.rows import BudgetRefusalRow


async def test_a_budget_that_is_too_small_refuses_the_contract(office: Office, entity: UUID) -> None:
    contract = await a_contract(office, entity)
    await refuse_budget(office, contract)
    assert await office.announced(contract.key) == ["ContractRequested", "ContractRefused"]
    assert (await office.event(contract.key, "ContractRefused"))["code"] == "BudgetTooSmall"


async def test_the_refusal_keeps_what_the_contract_would_have_cost_and_what_there_was(
    office: Office, entity: UUID
) -> None:
    contract = await a_contract(office, entity)
    for _ in range(2):
        await refuse_budget(office, contract)
    [found] = await budget_refusals_by_contract(office.reading(OFFICER), [contract.key])
    assert found == BudgetRefusalRow(contract.price, Money.of("935.00", "EUR"))


async def test_a_refused_contract_is_not_flagged_on_its_first_day(office: Office, entity: UUID) -> None:
    contract = await a_contract(office, entity)
    await refuse_budget(office, contract)
    await office.open_day(entity, date(2026, 7, 1))
    flag = "select undeclared_on from contract where id = $1"
    assert await office.pools.read.fetchval(flag, contract.key) is None


async def test_a_budget_refused_for_an_unknown_contract_waits(office: Office, entity: UUID) -> None:
    refused = BudgetRefused(
        contract_id=uuid7(),
        entity_id=entity,
        requested=Money.of("1000.00", "EUR"),
        available=Money.of("935.00", "EUR"),
        code="BudgetTooSmall",
    )
    with pytest.raises(NotYet):
        await office.run(lambda ctx: budget_refused(ctx, refused))

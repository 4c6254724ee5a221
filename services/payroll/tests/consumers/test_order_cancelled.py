from __future__ import annotations

from datetime import date
from uuid import UUID

from tests.an_office import Office, cancel_order, state_of

from commons.money import Money
from commons.uuid7 import uuid7
from payroll.consumers.order_cancelled import order_cancelled
from payroll.domain.contract import ContractKind
from payroll.domain.declaration import DeclarationState
from payroll.events.consumed import OrderCancelled

DURING = date(2026, 7, 10)
BY_THE_DAY = {"kind": ContractKind.DAYS, "gross_wage": Money.of("200.00", "EUR"), "days": 10}


async def test_work_that_has_begun_ends_with_its_order_and_is_paid(office: Office, entity: UUID) -> None:
    contract = await office.active_contract(entity, await office.member(entity), **BY_THE_DAY)
    await office.open_day(entity, DURING)
    for _ in range(2):
        await cancel_order(office, contract, DURING)
    await office.meet_deadlines()
    assert (await state_of(office, contract))["refused_on"] is None
    assert (await office.announced(contract.key))[-1] == "ContractEnded"
    payslip = await office.event(await office.payslip_of(contract), "PayslipComputed")
    # Ten of thirty-one days: of ten days of work four, and the seventh working day after the tenth.
    assert payslip["gross_wage"] == {"minor": "80000", "currency": "EUR"}
    assert payslip["labor_cost"] == {"minor": "108800", "currency": "EUR"}
    assert payslip["due_date"] == "2026-07-18"
    kept = await office.pools.read.fetchrow(
        "select * from contract_agreed where contract_id = $1", contract.key
    )
    assert kept is not None
    assert (kept["last_day"], kept["days"], kept["labor_cost_minor"]) == (date(2026, 7, 31), 10, 272_000)
    asked = "select count(*) from effect where kind = 'dimona.out' and key = $1"
    assert await office.pools.read.fetchval(asked, contract.key) == 1


async def test_a_month_that_is_cut_short_is_paid_as_the_part_that_was_worked(
    office: Office, entity: UUID
) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await office.open_day(entity, DURING)
    await cancel_order(office, contract, DURING)
    await office.meet_deadlines()
    payslip = await office.event(await office.payslip_of(contract), "PayslipComputed")
    assert payslip["gross_wage"] == {"minor": "96774", "currency": "EUR"}  # 3,000.00 x 10 / 31
    await office.open_day(entity, date(2026, 7, 31))
    count = "select count(*) from payslip where contract_id = $1"
    assert await office.pools.read.fetchval(count, contract.key) == 1


async def test_a_hire_decided_after_its_order_was_cancelled_is_declared_to_have_ended(
    office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await office.contract(await office.order(entity, who), who, **BY_THE_DAY)
    await office.hold_budget(contract)
    await office.open_day(entity, DURING)
    await cancel_order(office, contract, DURING)
    asked = "select count(*) from effect where kind = 'dimona.out' and key = $1"
    assert await office.pools.read.fetchval(asked, contract.key) == 0
    await office.decide(contract, DeclarationState.ACCEPTED, "A")
    assert await office.pools.read.fetchval(asked, contract.key) == 1


async def test_work_that_was_over_before_its_order_was_cancelled_is_left_as_it_was(
    office: Office, entity: UUID
) -> None:
    contract = await office.active_contract(
        entity, await office.member(entity), **BY_THE_DAY | {"days": 3, "end_date": date(2026, 7, 3)}
    )
    await office.open_day(entity, DURING)
    await cancel_order(office, contract, DURING)
    payslip = await office.event(await office.payslip_of(contract), "PayslipComputed")
    assert payslip["gross_wage"] == {"minor": "60000", "currency": "EUR"}


async def test_an_order_that_was_never_confirmed_is_cancelled_without_a_trace(
    office: Office, entity: UUID
) -> None:
    event = OrderCancelled(order_id=uuid7(), entity_id=entity, cancelled_on=date(2026, 6, 20))
    await office.run(lambda ctx: order_cancelled(ctx, event))

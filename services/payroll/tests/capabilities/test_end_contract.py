"""The last day of a contract: the work is done, the payslip is computed and the wage falls due."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from tests.an_office import Office

from commons.database import Pools
from commons.money import Money
from payroll.domain.belgium.situation import Status
from payroll.domain.contract import ContractKind
from payroll.domain.declaration import DeclarationState

LAST_DAY = date(2026, 7, 31)


async def test_on_the_last_day_the_contract_ends_and_its_wage_is_due_on_the_seventh_working_day(
    office: Office, entity: UUID
) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await office.open_day(entity, date(2026, 7, 30))
    assert "ContractEnded" not in await office.announced(contract.key)
    await office.open_day(entity, LAST_DAY)
    assert await office.announced(contract.key) == [
        "ContractRequested",
        "HireDeclared",
        "ContractConfirmed",
        "ContractEnded",
    ]
    payslip = await office.event(await office.payslip_of(contract), "PayslipComputed")
    assert payslip["due_date"] == "2026-08-08"
    assert payslip["gross_wage"] == {"minor": "300000", "currency": "EUR"}
    # The price that the budget holds: 3,000.00 at the published coefficient of 1.36.
    assert payslip["labor_cost"] == {"minor": "408000", "currency": "EUR"}


async def test_what_an_earlier_payslip_of_the_month_counted_counts_in_the_next(
    office: Office, entity: UUID
) -> None:
    who, alone = await office.member(entity), await office.member(entity)
    three_days = {
        "kind": ContractKind.DAYS,
        "regime": Status.ARTIST,
        "gross_wage": Money.of("180.00", "EUR"),
        "days": 3,
        "start_date": date(2026, 7, 6),
        "end_date": date(2026, 7, 10),
    }
    later = three_days | {"start_date": date(2026, 7, 13), "end_date": date(2026, 7, 17)}
    await office.active_contract(entity, who, **three_days)
    second = await office.active_contract(entity, who, **later)
    same_alone = await office.active_contract(entity, alone, **later)
    await office.open_day(entity, date(2026, 7, 17))
    after_another = await office.event(await office.payslip_of(second), "PayslipComputed")
    by_itself = await office.event(await office.payslip_of(same_alone), "PayslipComputed")
    assert after_another["gross_wage"] == by_itself["gross_wage"]
    # Artists count 108 % of pay, and the special contribution counts the pay of the whole month.
    assert await base_of_special_contribution(office, second.key) == 2 * 54_000 * 108 // 100
    assert await base_of_special_contribution(office, same_alone.key) == 54_000 * 108 // 100


async def base_of_special_contribution(office: Office, contract: str) -> int:
    lines = await office.pools.read.fetchval("select lines from payslip where contract_id = $1", contract)
    [base] = [line["base"] for line in lines if line["code"] == "special_contribution"]
    return int(base)


async def test_in_production_a_payslip_on_figures_without_a_source_is_flagged_and_not_lost(
    pools: Pools, entity: UUID
) -> None:
    production = Office.on(pools, is_production=True)
    contract = await production.active_contract(entity, await production.member(entity))
    await production.open_day(entity, LAST_DAY)
    assert (await production.announced(contract.key))[-1] == "ContractEnded"
    assert await production.payslip_of(contract) is None
    code = "select payslip_refusal_code from contract where id = $1"
    assert await pools.read.fetchval(code, contract.key) == "ParametersNotConfirmed"
    waiting = await pools.read.fetchrow(
        "select attempts, done_at, error from deadline where key = $1", f"payslip/{contract.key}"
    )
    assert waiting is not None
    assert waiting["done_at"] is None
    assert waiting["attempts"] == 1

    confirmed = Office.on(pools)
    await pools.write.execute("update deadline set next_at = now() where key = $1", f"payslip/{contract.key}")
    await confirmed.meet_deadlines()
    assert await confirmed.payslip_of(contract) is not None
    assert await pools.read.fetchval(code, contract.key) is None


async def test_a_contract_that_is_not_accepted_on_its_first_day_is_flagged(
    office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await office.contract(await office.order(entity, who), who)
    await office.hold_budget(contract)
    flag = "select undeclared_on from contract where id = $1"
    await office.open_day(entity, date(2026, 6, 30))
    assert await office.pools.read.fetchval(flag, contract.key) is None
    await office.open_day(entity, date(2026, 7, 1))
    assert await office.pools.read.fetchval(flag, contract.key) == date(2026, 7, 1)


async def test_a_payslip_is_never_edited(office: Office, entity: UUID) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await office.open_day(entity, LAST_DAY)
    with pytest.raises(Exception, match="never edited"):
        await office.pools.write.execute(
            "update payslip set net_payable_minor = 1 where contract_id = $1", contract.key
        )


async def test_a_hire_that_was_accepted_after_work_began_is_paid_by_nobody_but_an_officer(
    office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await office.contract(await office.order(entity, who), who)
    await office.hold_budget(contract)
    await office.open_day(entity, date(2026, 7, 2))
    await office.decide(contract, DeclarationState.ACCEPTED, "A")
    await office.open_day(entity, LAST_DAY)
    flagged = await office.pools.read.fetchval(
        "select payslip_refusal_code from contract where id = $1", contract.key
    )
    assert flagged == "HireDeclaredLate"
    assert (
        await office.pools.read.fetchval("select count(*) from payslip where contract_id = $1", contract.key)
        == 0
    )

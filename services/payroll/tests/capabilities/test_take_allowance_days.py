"""Allowances for amateur arts: their days are counted for the year and the principal, and paid without tax."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.an_office import Office, cancel_order

from commons.claims import Claims
from commons.money import Money
from commons.refusal import Refusal
from commons.uuid7 import uuid7
from payroll.capabilities.refuse_contract import refuse_contract
from payroll.domain.belgium.situation import Status
from payroll.domain.contract import ContractKind
from payroll.inputs import TaxFactInput
from payroll.rows import ContractRow
from payroll.store import StoredContract, lock_contract

FIRST = date(2026, 7, 1)


def days(first: date, count: int, amount: str = "80.00") -> dict[str, Any]:
    return {
        "kind": ContractKind.DAYS,
        "regime": Status.AMATEUR_ARTS,
        "gross_wage": Money.of(amount, "EUR"),
        "days": count,
        "start_date": first,
        "end_date": first + timedelta(days=count - 1),
    }


async def an_order(office: Office, entity: UUID, who: Claims, buyer: UUID | None = None) -> UUID:
    dates = {"start_date": "2026-01-01", "end_date": "2027-12-31"}
    return await office.order(entity, who, buyer_id=buyer or uuid7(), **dates)


async def refusal(office: Office, order: UUID, who: Claims, **terms: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await office.contract(order, who, **terms)
    return refused.value


async def active(office: Office, order: UUID, who: Claims, **terms: Any) -> ContractRow:
    contract = await office.contract(order, who, **terms)
    await office.hold_budget(contract)
    await office.accept(contract)
    return contract


async def lines_of(office: Office, contract: ContractRow) -> dict[str, int]:
    payslip = await office.payslip_of(contract)
    lines = await office.pools.read.fetchval("select lines from payslip where id = $1", payslip)
    return {line["code"]: int(line["amount"]) for line in lines}


async def test_a_year_has_thirty_days_whoever_the_principals_are(office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    for month in (7, 8, 9, 10):
        await office.contract(await an_order(office, entity, who), who, **days(date(2026, month, 1), 7))
    last = await an_order(office, entity, who)
    too_many = await refusal(office, last, who, **days(date(2026, 11, 1), 3))
    assert too_many.code == "AllowanceDaysOfYear"
    assert (too_many.facts["days"], too_many.facts["days_max"], too_many.facts["year"]) == (31, 30, 2026)
    await office.contract(last, who, **days(date(2026, 11, 1), 2))
    # Another year and another worker have days of their own.
    await office.contract(last, who, **days(date(2027, 1, 1), 3))
    other = await office.member(entity)
    await office.contract(await an_order(office, entity, other), other, **days(date(2026, 11, 1), 3))


async def test_a_principal_has_seven_days_in_a_row_and_more_after_a_rest(
    office: Office, entity: UUID
) -> None:
    who, buyer = await office.member(entity), uuid7()
    order = await an_order(office, entity, who, buyer)
    await office.contract(order, who, **days(FIRST, 7))
    next_day = FIRST + timedelta(days=7)
    again = await an_order(office, entity, who, buyer)
    in_a_row = await refusal(office, again, who, **days(next_day, 1))
    assert (in_a_row.code, in_a_row.facts["days_in_a_row"]) == ("AllowanceDaysInARow", 8)
    await office.contract(again, who, **days(next_day + timedelta(days=1), 1))
    await office.contract(await an_order(office, entity, who), who, **days(next_day, 1))


async def test_a_cent_above_the_most_of_a_day_is_refused_with_its_source(
    office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    refused = await refusal(office, await an_order(office, entity, who), who, **days(FIRST, 1, "80.19"))
    assert refused.code == "AllowanceAboveMaximum"
    assert refused.facts["maximum"] == Money.of("80.18", "EUR")
    assert "amount of 2025 carried on" in str(refused.facts["source"])


async def test_days_of_a_contract_that_falls_away_are_free_again(office: Office, entity: UUID) -> None:
    who, buyer = await office.member(entity), uuid7()
    order = await an_order(office, entity, who, buyer)
    contract = await office.contract(order, who, **days(FIRST, 7))

    async def fall_away(ctx: Any) -> None:
        stored = await lock_contract(ctx.db, UUID(contract.key))
        assert isinstance(stored, StoredContract)
        await refuse_contract(ctx, stored=stored, code="BudgetTooSmall")

    await office.run(fall_away)
    await office.contract(order, who, **days(FIRST, 7))


async def test_days_after_an_order_is_cancelled_are_free_again(office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    contract = await active(office, await an_order(office, entity, who), who, **days(FIRST, 7))
    await office.open_day(entity, date(2026, 7, 3))
    await cancel_order(office, contract, date(2026, 7, 3))
    taken = await office.pools.read.fetchval(
        "select max(day) from allowance_day where contract_id = $1", contract.key
    )
    assert taken == date(2026, 7, 3)


async def test_the_database_keeps_no_day_beyond_the_limits(office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    contract = await office.contract(await an_order(office, entity, who), who, **days(FIRST, 7))
    add = """
        insert into allowance_day
        select member_id, regime, principal_id, $2, contract_id, $3, amount_max_minor, days_per_year_max,
               consecutive_days_max
        from allowance_day
        where contract_id = $1
        limit 1
    """
    with pytest.raises(asyncpg.CheckViolationError, match="in a row"):
        await office.pools.write.execute(add, contract.key, date(2026, 7, 8), 100)
    with pytest.raises(asyncpg.CheckViolationError):
        await office.pools.write.execute(add, contract.key, date(2026, 7, 10), 8_019)
    every_other_day = [date(2026, 8, 1) + timedelta(2 * place) for place in range(24)]
    for day in every_other_day[:-1]:
        await office.pools.write.execute(add, contract.key, day, 100)
    with pytest.raises(asyncpg.CheckViolationError, match="than the year has"):
        await office.pools.write.execute(add, contract.key, every_other_day[-1], 100)


async def test_an_allowance_is_paid_whole_and_begins_without_a_declaration_of_ours(
    office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await active(office, await an_order(office, entity, who), who, **days(FIRST, 2))
    await office.open_day(entity, date(2026, 7, 2))
    assert await lines_of(office, contract) == {"allowance": 16_000}
    payslip = await office.event(await office.payslip_of(contract), "PayslipComputed")
    assert payslip["net_payable"] == {"minor": "16000", "currency": "EUR"}
    remarks = await office.pools.read.fetchval(
        "select remarks from payslip where contract_id = $1", contract.key
    )
    assert "allowance.declaration" in [remark["code"] for remark in remarks]


async def test_above_the_limit_of_its_principal_the_whole_year_owes_the_contribution(
    office: Office, entity: UUID
) -> None:
    buyer = uuid7()
    contracts = []
    for first_day in (date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 10)):
        who = await office.member(entity)
        order = await an_order(office, entity, who, buyer)
        contracts.append(await active(office, order, who, **days(first_day, 4)))
    await office.open_day(entity, date(2026, 7, 4))
    await office.open_day(entity, date(2026, 7, 13))
    first, second, third = [await lines_of(office, contract) for contract in contracts]
    # 320.00 and 320.00 are more than 572.71: whichever came second bears 5 % of both.
    assert sorted([first.get("allowance.contribution", 0), second.get("allowance.contribution", 0)]) == [
        0,
        3_200,
    ]
    assert third["allowance.contribution"] == 1_600


async def test_article_1bis_needs_the_certificate_and_is_paid_as_an_artist(
    office: Office, entity: UUID
) -> None:
    terms = {"regime": Status.ARTIST_1BIS}
    who = await office.member(entity)
    refused = await refusal(office, await office.order(entity, who), who, **terms)
    assert (refused.code, refused.facts["fact"]) == ("RegimeConditionNotMet", "has_arts_work_certificate")
    holder = await office.member(entity, tax_facts=[TaxFactInput("has_arts_work_certificate", "true")])
    contract = await office.active_contract(entity, holder, **terms)
    await office.open_day(entity, date(2026, 7, 31))
    lines = await lines_of(office, contract)
    assert lines["onss.base"] == 324_000
    assert lines["onss.worker"] == -42_347

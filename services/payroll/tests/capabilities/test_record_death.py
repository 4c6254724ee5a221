"""A payroll officer writes a death down, and nobody is hired after it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.an_office import OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.refusal import Refusal
from commons.testing.api import AskedApi
from payroll.domain.belgium.situation import Spouse
from payroll.inputs import FamilySituationInput

RECORD = """
mutation ($member: ID!, $entity: ID!, $day: Date, $key: ID) {
  recordDeath(memberId: $member, entityId: $entity, diedOn: $day, idempotencyKey: $key) {
    __typename
    ... on Member { id }
    ... on Refusal { code path }
  }
}
"""


async def recorded(api: AskedApi, entity: UUID, who: Claims, day: str | None) -> dict[str, Any]:
    assert who.member_id is not None
    answer = await api.ask(
        RECORD,
        who=OFFICER,
        member=global_id.encode("BE", "Member", who.member_id),
        entity=global_id.encode("BE", "Entity", entity),
        day=day,
    )
    found: dict[str, Any] = answer.data["recordDeath"]
    return found


async def state(office: Office, contract: str) -> dict[str, Any]:
    row = await office.pools.read.fetchrow(
        "select refusal_code, last_day from contract where id = $1", contract
    )
    assert row is not None
    return dict(row)


async def test_no_contract_lasts_beyond_the_day_of_death(api: AskedApi, office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    order = await office.order(entity, who)
    assert (await recorded(api, entity, who, "2026-06-01"))["__typename"] == "Member"
    with pytest.raises(Refusal) as refused:
        await office.contract(order, who)
    assert (refused.value.code, tuple(refused.value.path)) == ("ContractAfterDeath", ("endDate",))
    assert "2026-06-01" not in str(refused.value.facts), "a refusal repeats nothing of the file"


async def test_what_was_asked_for_before_is_refused_and_its_budget_is_free(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await office.contract(await office.order(entity, who), who)
    await office.hold_budget(contract)
    await recorded(api, entity, who, "2026-06-05")
    assert (await state(office, contract.key))["refusal_code"] == "ContractAfterDeath"
    assert "ContractRefused" in await office.announced(contract.key)


async def test_work_under_way_ends_with_that_day_and_is_paid(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await office.active_contract(entity, who)
    await office.open_day(entity, date(2026, 7, 16))
    await recorded(api, entity, who, "2026-07-15")
    assert (await state(office, contract.key))["last_day"] == date(2026, 7, 15)
    await office.meet_deadlines()
    payslip = await office.event(await office.payslip_of(contract), "PayslipComputed")
    assert payslip["gross_wage"] == {"minor": "145161", "currency": "EUR"}  # 15 of 31 days


async def test_a_profile_told_anew_does_not_raise_the_dead_and_an_officer_can(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    await recorded(api, entity, who, "2026-06-01")
    await office.profile(entity, who, family_situation=FamilySituationInput(Spouse.OWN_INCOME))
    order = await office.order(entity, who)
    with pytest.raises(Refusal, match="ContractAfterDeath"):
        await office.contract(order, who)
    await recorded(api, entity, who, None)
    assert await office.contract(order, who)


async def test_a_death_to_come_and_a_worker_whom_payroll_does_not_know_are_refused(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    assert await recorded(api, entity, who, "2026-06-06") == {
        "__typename": "Refusal",
        "code": "DeathToCome",
        "path": ["diedOn"],
    }
    stranger = Claims(subject="nobody", member_id=UUID("01900000-0000-7000-8000-000000000000"))
    assert (await recorded(api, entity, stranger, "2026-06-01"))["code"] == "PayrollProfileMissing"

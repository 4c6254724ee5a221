"""A hire is asked about a second time before work begins, and the authority's second word never counts silently."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.an_office import OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.testing.api import AskedApi
from payroll.adapters.authority import Authority, new_client_key
from payroll.effects.declaration import Declarations
from payroll.effects.hire_check import HireChecks
from payroll.effects.kinds import DIMONA_CANCEL, DIMONA_CHECK, DIMONA_DECLARE
from payroll.rows import ContractRow

REMINDER_DAY, FIRST_DAY, LATER = date(2026, 6, 29), date(2026, 7, 1), date(2026, 7, 2)
CALL_OFF = """
mutation ($contract: ID!) {
  callOffContract(contractId: $contract, idempotencyKey: null) {
    __typename
    ... on Contract { state refusalCode }
    ... on Refusal { code }
  }
}
"""
TO_CHECK = """
query ($entity: ID!) {
  declarationsToCheck(entityId: $entity) {
    nodes { id declarations { kind state contradictedOn contradictingResult contradictingAnomalies { code } } }
  }
}
"""


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        yield client


@pytest.fixture
async def declaring(
    office: Office, parties: Mapping[str, str], http: httpx.AsyncClient
) -> AsyncIterator[Office]:
    """An office whose authority is the simulated one, well-behaved at the start of each test."""
    authority = Authority(http, parties["authority"], client_id="partage", key=new_client_key())
    service, pool = office.service, office.pools.write
    yield office.with_effects(
        {
            DIMONA_DECLARE: Declarations("in", authority, pool, service).handler(),
            DIMONA_CANCEL: Declarations("cancel", authority, pool, service).handler(),
            DIMONA_CHECK: HireChecks(authority, pool, service).handler(),
        }
    )
    await http.delete(f"{parties['authority']}/simulate/behavior")


async def a_hire(
    office: Office, http: httpx.AsyncClient, parties: Mapping[str, str], outcome: str
) -> ContractRow:
    """A hire that waits for the authority, which has been told how to answer."""
    rule = {"match": {"operation": "declare"}, "outcome": outcome, "times": 1}
    (await http.post(f"{parties['authority']}/simulate/behavior", json=rule)).raise_for_status()
    entity = await office.entity()
    who = await office.member(entity)
    contract = await office.contract(await office.order(entity, who), who)
    await office.hold_budget(contract)
    return contract


async def fact(office: Office, contract: ContractRow, column: str) -> Any:
    return await office.pools.read.fetchval(f"select {column} from contract where id = $1", contract.key)  # noqa: S608  (this file's own words)


async def is_done(office: Office, contract: ContractRow, kind: str) -> None:
    async def done() -> bool:
        state = "select state from effect where kind = $1 and key = $2"
        return bool(await office.pools.read.fetchval(state, kind, contract.key) == "done")

    await office.execute_effects(done)


async def is_asked(office: Office, contract: ContractRow, times: int) -> None:
    async def asked() -> bool:
        count = "select asked from effect where kind = 'dimona.declare' and key = $1"
        return int(await office.pools.read.fetchval(count, contract.key)) >= times

    await office.execute_effects(asked)


async def call_off(api: AskedApi, contract: ContractRow, who: Claims = OFFICER) -> Any:
    return await api.ask(CALL_OFF, who=who, contract=global_id.encode("BE", "Contract", contract.key))


async def to_check(api: AskedApi, contract: ContractRow) -> list[Any]:
    entity = global_id.encode("BE", "Entity", contract.entity_id)
    found = (await api.ask(TO_CHECK, who=OFFICER, entity=entity)).data["declarationsToCheck"]["nodes"]
    assert all(node["id"] == global_id.encode("BE", "Contract", contract.key) for node in found)
    return [declaration for node in found for declaration in node["declarations"]]


async def test_the_same_answer_again_changes_nothing(
    declaring: Office, api: AskedApi, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    contract = await a_hire(declaring, http, parties, "accepted")
    await is_done(declaring, contract, DIMONA_DECLARE)
    before = await declaring.announced(contract.key)
    await declaring.open_day(UUID(contract.entity_id), REMINDER_DAY)
    await is_done(declaring, contract, DIMONA_CHECK)
    assert await declaring.announced(contract.key) == before
    assert await to_check(api, contract) == []
    assert await fact(declaring, contract, "unanswered_on") is None


async def test_the_opposite_answer_is_kept_beside_the_first_and_flagged(
    declaring: Office, api: AskedApi, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    contract = await a_hire(declaring, http, parties, "accepted_then_refused")
    await is_done(declaring, contract, DIMONA_DECLARE)
    before = await declaring.announced(contract.key)
    await declaring.open_day(UUID(contract.entity_id), REMINDER_DAY)
    await is_done(declaring, contract, DIMONA_CHECK)
    assert await to_check(api, contract) == [
        {
            "kind": "in",
            "state": "ACCEPTED",
            "contradictedOn": "2026-06-29",
            "contradictingResult": "B",
            "contradictingAnomalies": [{"code": "SIM-003"}],
        }
    ]
    assert await declaring.announced(contract.key) == before
    assert await fact(declaring, contract, "declared_on") == date(2026, 6, 5)

    called_off = (await call_off(api, contract)).data["callOffContract"]
    assert called_off == {"__typename": "Contract", "state": "REFUSED", "refusalCode": "HireNotAccepted"}
    await is_done(declaring, contract, DIMONA_CANCEL)


async def test_after_work_has_begun_a_contradicted_hire_is_not_called_off(
    declaring: Office, api: AskedApi, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    contract = await a_hire(declaring, http, parties, "accepted_then_refused")
    await is_done(declaring, contract, DIMONA_DECLARE)
    await declaring.open_day(UUID(contract.entity_id), LATER)
    await is_done(declaring, contract, DIMONA_CHECK)
    assert (await call_off(api, contract)).data["callOffContract"]["code"] == "WorkHasBegun"


async def test_an_accepted_hire_is_not_called_off_and_nobody_but_an_officer_calls_off(
    declaring: Office, api: AskedApi, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    contract = await a_hire(declaring, http, parties, "accepted")
    await is_done(declaring, contract, DIMONA_DECLARE)
    assert (await call_off(api, contract)).data["callOffContract"]["code"] == "HireIsAccepted"
    accountant = Claims(subject="accountant", roles=frozenset({"accountant"}))
    assert (await call_off(api, contract, accountant)).codes == ["FORBIDDEN"]


async def test_a_hire_without_an_answer_is_flagged_and_asked_about_when_work_is_near(
    declaring: Office, api: AskedApi, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    contract = await a_hire(declaring, http, parties, "silent")
    await is_asked(declaring, contract, 4)
    await declaring.open_day(UUID(contract.entity_id), date(2026, 6, 28))
    assert await fact(declaring, contract, "unanswered_on") is None
    await declaring.open_day(UUID(contract.entity_id), REMINDER_DAY)
    assert await fact(declaring, contract, "unanswered_on") == REMINDER_DAY
    asked = "select asked, next_at <= now() as is_due from effect where kind = 'dimona.declare' and key = $1"
    row = await declaring.pools.read.fetchrow(asked, contract.key)
    assert row is not None
    assert row["is_due"], "it is asked about now, not when its pause is over"

    await declaring.open_day(UUID(contract.entity_id), FIRST_DAY)
    assert await fact(declaring, contract, "undeclared_on") == FIRST_DAY
    assert (await call_off(api, contract)).data["callOffContract"]["refusalCode"] == "HireNotAccepted"
    assert (await call_off(api, contract)).data["callOffContract"]["code"] == "ContractAlreadyRefused"
    assert (await declaring.announced(contract.key))[-1] == "ContractRefused"


async def test_a_refused_and_a_warned_about_hire_are_on_the_officers_list(
    declaring: Office, api: AskedApi, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    for outcome, state in (("refused", "REFUSED"), ("warning", "ACCEPTED_WITH_WARNING")):
        contract = await a_hire(declaring, http, parties, outcome)
        await is_done(declaring, contract, DIMONA_DECLARE)
        assert [one["state"] for one in await to_check(api, contract)] == [state]
        await declaring.open_day(UUID(contract.entity_id), date(2026, 8, 1))
        assert await to_check(api, contract) == [], "its time is over"

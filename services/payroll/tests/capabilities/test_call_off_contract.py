"""A payroll officer lets a contract go while nobody has accepted its hire, and no later."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.an_office import OFFICER, Office

from commons import global_id
from commons.testing.api import AskedApi

CALL_OFF = """
mutation ($contract: ID!, $key: ID) {
  callOffContract(contractId: $contract, idempotencyKey: $key) {
    __typename
    ... on Contract { state refusalCode }
    ... on Refusal { code path }
  }
}
"""
NOBODYS = UUID("01900000-0000-7000-8000-000000000000")


async def called_off(api: AskedApi, contract: UUID | str, key: str | None = None) -> Any:
    answer = await api.ask(
        CALL_OFF, who=OFFICER, contract=global_id.encode("BE", "Contract", contract), key=key
    )
    return answer.data["callOffContract"]


@pytest.fixture
async def waiting(office: Office) -> str:
    """A contract whose budget is held and whose hire nobody has answered yet."""
    entity = await office.entity()
    who = await office.member(entity)
    contract = await office.contract(await office.order(entity, who), who)
    await office.hold_budget(contract)
    return contract.key


async def test_a_hire_that_nobody_answered_is_called_off_and_its_budget_is_free(
    api: AskedApi, office: Office, waiting: str
) -> None:
    answer = await called_off(api, waiting)
    assert answer == {"__typename": "Contract", "state": "REFUSED", "refusalCode": "HireNotAccepted"}
    assert "ContractRefused" in str(await office.announced(waiting))


async def test_a_contract_is_called_off_once(api: AskedApi, office: Office, waiting: str) -> None:
    first = await called_off(api, waiting, "the same wish")
    assert await called_off(api, waiting, "the same wish") == first
    before = await office.announced(waiting)
    assert (await called_off(api, waiting))["code"] == "ContractAlreadyRefused"
    assert await office.announced(waiting) == before


async def test_an_unknown_contract_is_refused_with_the_argument_that_names_it(api: AskedApi) -> None:
    refusal = await called_off(api, NOBODYS)
    assert (refusal["code"], refusal["path"]) == ("UnknownContract", ["contractId"])

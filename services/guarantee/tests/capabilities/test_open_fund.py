from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from commons import global_id
from commons.claims import ANONYMOUS, Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from guarantee.consumers.contribution_levied import contribution_levied
from guarantee.events.consumed import ContributionLevied

OPEN = """
mutation ($entity: ID!, $amount: Decimal! = "10000.00", $currency: String! = "EUR", $name: String, $key: ID) {
  openFund(entityId: $entity, endowment: {amount: $amount, currency: $currency}, name: $name, idempotencyKey: $key) {
    __typename
    ... on Fund {
      id name openedOn entity { id } posted { amount currency } held { amount } available { amount }
      movements { day kind amount { amount } balanceAfter { amount } orderId }
    }
    ... on Refusal { code message path facts }
  }
}
"""
ACCOUNTANT = Claims(subject="accountant", roles=frozenset({"accountant"}))


def entity_id(cell: Any) -> str:
    return global_id.encode("BE", "Entity", cell.entity)


async def test_a_fund_begins_with_its_endowment(api: AskedApi, cell: Any) -> None:
    answer = await api.ask(OPEN, who=ACCOUNTANT, entity=entity_id(cell), name="Fonds de garantie")
    fund = answer.data["openFund"]
    assert (fund["name"], fund["openedOn"]) == ("Fonds de garantie", "2026-06-05")
    assert fund["id"] == global_id.encode("BE", "Fund", cell.entity)
    assert fund["entity"]["id"] == entity_id(cell)
    assert fund["posted"] == {"amount": "10000.00", "currency": "EUR"}
    assert (fund["held"]["amount"], fund["available"]["amount"]) == ("0.00", "10000.00")
    assert fund["movements"] == [
        {
            "day": "2026-06-05",
            "kind": "ENDOWMENT",
            "amount": {"amount": "10000.00"},
            "balanceAfter": {"amount": "10000.00"},
            "orderId": None,
        }
    ]
    await cell.check_books()


async def test_a_fund_may_begin_with_nothing_and_is_called_like_its_entity(api: AskedApi, cell: Any) -> None:
    answer = await api.ask(OPEN, who=ACCOUNTANT, entity=entity_id(cell), amount="0.00")
    assert answer.data["openFund"]["name"] == "Coopérative d'essai"
    assert answer.data["openFund"]["movements"] == []


async def test_an_entity_has_one_fund(api: AskedApi, cell: Any) -> None:
    await api.ask(OPEN, who=ACCOUNTANT, entity=entity_id(cell))
    again = await api.ask(OPEN, who=ACCOUNTANT, entity=entity_id(cell))
    assert again.data["openFund"]["code"] == "FundAlreadyOpen"
    assert await cell.fund() == ("10000.00", "0.00")


async def test_the_same_request_sent_twice_with_its_key_endows_once(api: AskedApi, cell: Any) -> None:
    first = await api.ask(OPEN, who=ACCOUNTANT, entity=entity_id(cell), key="k-1")
    second = await api.ask(OPEN, who=ACCOUNTANT, entity=entity_id(cell), key="k-1")
    assert first.data == second.data
    assert await cell.fund() == ("10000.00", "0.00")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": "-0.01"}, "EndowmentNegative"),
        ({"currency": "SEK"}, "CurrencyMismatch"),
        ({"currency": "XXX"}, "UnknownCurrency"),
        ({"amount": "0.001"}, "AmountTooPrecise"),
        ({"amount": "9999999999999999"}, "AmountOutOfRange"),
    ],
)
async def test_an_endowment_that_is_none_is_refused_at_its_place(
    api: AskedApi, cell: Any, wrong: dict[str, str], code: str
) -> None:
    answer = await api.ask(OPEN, who=ACCOUNTANT, entity=entity_id(cell), **wrong)
    assert (answer.data["openFund"]["code"], answer.data["openFund"]["path"]) == (code, ["endowment"])


async def test_an_entity_nobody_has_heard_of_has_no_fund(api: AskedApi) -> None:
    answer = await api.ask(OPEN, who=ACCOUNTANT, entity=global_id.encode("BE", "Entity", uuid7()))
    assert answer.data["openFund"]["code"] == "UnknownEntity"


@pytest.mark.parametrize("roles", [{"member"}, {"board"}, {"auditor"}, {"operator"}])
async def test_only_those_who_keep_the_books_open_a_fund(api: AskedApi, cell: Any, roles: set[str]) -> None:
    who = Claims(subject="somebody", roles=frozenset(roles))
    assert (await api.ask(OPEN, who=who, entity=entity_id(cell))).codes == ["FORBIDDEN"]
    assert (await api.ask(OPEN, who=ANONYMOUS, entity=entity_id(cell))).codes == ["UNAUTHENTICATED"]


async def test_contributions_levied_before_the_fund_was_opened_are_in_it(api: AskedApi, cell: Any) -> None:
    for cents in (6500, 2):
        event = ContributionLevied.model_validate(
            {
                "invoice_id": uuid7(),
                "entity_id": cell.entity,
                "amount": {"minor": str(cents), "currency": "EUR"},
                "levied_on": date(2026, 6, 30),
            }
        )
        await cell.do(lambda ctx, event=event: contribution_levied(ctx, event))
    answer = await api.ask(OPEN, who=ACCOUNTANT, entity=entity_id(cell))
    assert [each["amount"]["amount"] for each in answer.data["openFund"]["movements"]] == [
        "0.01",
        "16.25",
        "10000.00",
    ]
    await cell.check_books()

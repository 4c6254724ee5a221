"""Somebody without an account asks what a wage gives: a good question is answered, a bad one with a sentence."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest

from tests.e2e.addresses import Addresses
from tests.e2e.client import REQUEST_SECONDS_MAX, Gateway, Persona

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

SIMULATE: Final = """
query ($regime: String! = "white_collar", $kind: ContractKind! = MONTH, $from: Date! = "2026-07-01",
       $to: Date! = "2026-07-31", $days: Int! = 0, $budget: MoneyInput, $gross: MoneyInput, $net: MoneyInput,
       $family: FamilySituationInput, $facts: [TaxFactInput!]) {
  simulateWage(regime: $regime, kind: $kind, startDate: $from, endDate: $to, days: $days, budget: $budget,
               grossWage: $gross, netWage: $net, familySituation: $family, taxFacts: $facts) {
    grossWage { amount } netWage { amount } netPayable { amount } laborCost { amount } remainder { amount }
    lines { code source { text since } } remarks { code text(language: "en") }
  }
}
"""
NOT_FOR_NOBODY: Final = (
    "{ me { id } }",
    "{ payslips(first: 1) { nodes { id } } }",
    "{ contracts(first: 1) { nodes { id } } }",
    '{ declarationsWaiting(entityId: "QkU6RW50aXR5OjAx") { nodes { id } } }',
)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


# From an address of its own each: a test that asks too often is no other test's trouble.
@pytest.fixture
async def nobody(stack: Addresses) -> AsyncIterator[Persona]:
    """Somebody without a token, from the first of these addresses."""
    async with _from("127.0.0.71") as http:
        yield Gateway(http, stack).nobody("somebody")


def _from(address: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=10)
    transport = httpx.AsyncHTTPTransport(local_address=address, limits=limits)
    return httpx.AsyncClient(transport=transport, timeout=REQUEST_SECONDS_MAX)


async def simulated(nobody: Persona, **asked: Any) -> Mapping[str, Any]:
    answer = await nobody.post(SIMULATE, asked)
    assert answer.status == 200, answer.text
    assert not answer.body.get("errors"), answer.text
    found: Mapping[str, Any] = answer.body["data"]["simulateWage"]
    return found


async def test_a_budget_a_gross_and_a_net_are_answered_with_every_line_and_its_law(nobody: Persona) -> None:
    from_gross = await simulated(nobody, gross=euros("3000.00"))
    from_budget = await simulated(nobody, budget=from_gross["laborCost"] | {"currency": "EUR"})
    from_net = await simulated(nobody, net=from_gross["netWage"] | {"currency": "EUR"})
    assert from_budget["grossWage"] == from_gross["grossWage"] == {"amount": "3000.00"}
    assert from_net["netWage"] == from_gross["netWage"]
    assert all(line["source"]["text"] for line in from_gross["lines"] if line["code"] == "onss.worker")


async def test_what_nobody_told_is_taken_as_the_law_does_and_a_notice_names_it(nobody: Persona) -> None:
    silent = await simulated(nobody, gross=euros("3000.00"))
    [notice] = [remark["text"] for remark in silent["remarks"] if remark["code"] == "assumed"]
    assert "spouse = none" in notice
    assert "children = 0" in notice
    told = await simulated(nobody, gross=euros("3000.00"), family={"spouse": "NONE", "children": 2})
    [notice] = [remark["text"] for remark in told["remarks"] if remark["code"] == "assumed"]
    assert "children" not in notice
    assert Decimal(told["netWage"]["amount"]) > Decimal(silent["netWage"]["amount"])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "OneAmountAsked"),
        ({"gross": euros("10000000.01")}, "WageTooLarge"),
        ({"budget": euros("99999999999.00")}, "WageTooLarge"),
        ({"net": euros("9999999.00")}, "NetNotReachable"),
        ({"gross": euros("-1.00")}, "GrossNotPositive"),
        ({"budget": euros("0.00")}, "GrossNotPositive"),
        ({"gross": {"amount": "3000.00", "currency": "HUF"}}, "CurrencyMismatch"),
        ({"gross": euros("3000.00"), "regime": "volunteer"}, "RegimeUnknown"),
        ({"gross": euros("3000.00"), "regime": "employee"}, "RegimeUnknown"),
        ({"gross": euros("3000.00"), "from": "1950-01-01", "to": "1950-01-31"}, "ValueNotInForce"),
        ({"gross": euros("3000.00"), "to": "2026-06-30"}, "ContractDatesReversed"),
        ({"gross": euros("3000.00"), "facts": [{"name": "tax_class", "value": "7"}]}, "FactUnknown"),
        ({"gross": euros("3000.00"), "facts": [{"name": "spouse", "value": "two"}]}, "FactNotAChoice"),
        ({"gross": euros("3000.00"), "facts": [{"name": "children", "value": "31"}]}, "FactOutOfRange"),
        (
            {
                "gross": euros("81.00"),
                "regime": "amateur_arts",
                "kind": "DAYS",
                "days": 1,
                "to": "2026-07-01",
            },
            "AllowanceAboveMaximum",
        ),
    ],
)
async def test_a_bad_question_is_answered_with_a_sentence_and_its_code(
    nobody: Persona, asked: dict[str, Any], code: str
) -> None:
    answer = await nobody.post(SIMULATE, asked)
    [error] = answer.body["errors"]
    assert error["extensions"]["refusal"]["code"] == code
    assert re.fullmatch(r"[A-Z].* .*\.", error["message"]), "a sentence that a person can act on"
    assert "Traceback" not in answer.text


async def test_another_country_is_not_simulated_here(stack: Addresses) -> None:
    async with _from("127.0.0.72") as http:
        body = {"query": SIMULATE, "variables": {"gross": euros("3000.00")}}
        answer = await Gateway(http, stack).post(body, None, {"X-Country": "FR"})
    assert (answer.status, answer.codes) == (403, ["COUNTRY_MISMATCH"])


@pytest.mark.parametrize("question", NOT_FOR_NOBODY)
async def test_nobody_sees_anything_else(nobody: Persona, question: str) -> None:
    answer = await nobody.post(question)
    assert set(answer.codes) <= {
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "BAD_USER_INPUT",
        "GRAPHQL_VALIDATION_FAILED",
    }
    assert answer.codes
    assert not any((answer.body.get("data") or {}).values())

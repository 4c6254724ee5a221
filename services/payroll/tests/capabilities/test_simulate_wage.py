"""A wage from both ends: what a budget pays, what a gross gives, what a net needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.an_office import Office

from commons import global_id
from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from payroll.domain.belgium.situation import Spouse
from payroll.inputs import FamilySituationInput

SIMULATE = """
query ($entity: ID, $regime: String! = "white_collar", $kind: ContractKind! = MONTH, $from: Date! = "2026-07-01",
       $to: Date! = "2026-07-31", $days: Int! = 0, $budget: MoneyInput, $gross: MoneyInput, $net: MoneyInput,
       $family: FamilySituationInput) {
  simulateWage(entityId: $entity, regime: $regime, kind: $kind, startDate: $from, endDate: $to, days: $days,
               budget: $budget, grossWage: $gross, netWage: $net, familySituation: $family) {
    wage { amount } grossWage { amount } netWage { amount } netPayable { amount } withholdingTax { amount }
    laborCost { amount } remainder { amount } minimumWage { amount } isBelowMinimumWage dueDate
    amounts { estimated { amount } provisioned { amount } declared { amount } }
    lines { code kind label(language: "nl") amount { amount } rate paidBy rounding invented source { text since } }
    remarks { code text(language: "fr") }
  }
}
"""
EXPLAIN = """
query ($gross: MoneyInput, $facts: [TaxFactInput!]) {
  simulateWage(regime: "white_collar", kind: MONTH, startDate: "2026-07-01", endDate: "2026-07-31",
               grossWage: $gross, taxFacts: $facts) {
    netPayable { amount } amounts { estimated { amount } }
    netExplanation {
      depth code label(language: "nl") reason amount { amount } facts source { text since }
    }
    costExplanation { amount { amount } }
  }
}
"""
THREE_DAYS: dict[str, Any] = {
    "kind": "DAYS",
    "days": 3,
    "regime": "artist",
    "from": "2026-07-06",
    "to": "2026-07-10",
}
ANYBODY = Claims(subject="anybody")


def euros(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


async def simulated(api: AskedApi, entity: UUID, who: Claims = ANYBODY, **asked: Any) -> dict[str, Any]:
    entity_id = global_id.encode("BE", "Entity", entity)
    answer = await api.ask(SIMULATE, who=who, entity=entity_id, **asked)
    found: dict[str, Any] = answer.data["simulateWage"]
    return found


async def refused(api: AskedApi, entity: UUID, **asked: Any) -> str:
    entity_id = global_id.encode("BE", "Entity", entity)
    answer = await api.ask(SIMULATE, who=ANYBODY, entity=entity_id, **asked)
    [error] = answer.body["errors"]
    code: str = error["extensions"]["refusal"]["code"]
    return code


async def test_a_gross_wage_shows_every_line_with_its_source(api: AskedApi, entity: UUID) -> None:
    wage = await simulated(api, entity, gross=euros("3000.00"))
    assert wage["laborCost"] == {"amount": "4080.00"}
    assert wage["dueDate"] == "2026-08-08"
    lines = {line["code"]: line for line in wage["lines"]}
    assert lines["onss.worker"]["amount"] == {"amount": "-392.10"}
    assert lines["onss.worker"]["label"] == "RSZ-bijdrage werknemer"
    assert lines["onss.worker"]["paidBy"] == "worker"
    assert lines["onss.worker"]["source"]["since"] == "2024-01-01"
    assert Decimal(lines["onss.worker"]["rate"]) == Decimal("0.1307")
    assert lines["gross"]["source"] is None
    paid = sum(
        Decimal(line["amount"]["amount"])
        for line in wage["lines"]
        if line["kind"] in ("EARNING", "DEDUCTION", "SETTLEMENT")
    )
    assert str(paid) == wage["netPayable"]["amount"]


async def test_what_a_budget_pays_costs_no_more_than_the_budget(api: AskedApi, entity: UUID) -> None:
    wage = await simulated(api, entity, budget=euros("4080.00"))
    assert wage["grossWage"] == {"amount": "3000.00"}
    assert wage["remainder"] == {"amount": "0.00"}


async def test_the_way_from_a_gross_to_its_net_and_back_is_the_same(api: AskedApi, entity: UUID) -> None:
    there = await simulated(api, entity, gross=euros("3000.00"))
    back = await simulated(api, entity, net=there["netWage"] | {"currency": "EUR"})
    assert back["netWage"] == there["netWage"]
    assert Decimal(back["grossWage"]["amount"]) <= Decimal("3000.00")


async def test_a_budget_for_days_gives_a_wage_per_day_to_ask_for(api: AskedApi, entity: UUID) -> None:
    wage = await simulated(api, entity, ANYBODY, budget=euros("1000.00"), **THREE_DAYS)
    assert 3 * Decimal(wage["wage"]["amount"]) <= Decimal(wage["grossWage"]["amount"])
    assert not wage["isBelowMinimumWage"]


async def test_a_wage_below_the_minimum_is_shown_and_marked(api: AskedApi, entity: UUID) -> None:
    wage = await simulated(api, entity, gross=euros("2000.00"))
    assert wage["isBelowMinimumWage"]
    assert wage["minimumWage"] == {"amount": "2233.61"}


async def test_an_artist_of_article_1bis_sees_both_ways_and_what_is_assumed(
    api: AskedApi, entity: UUID
) -> None:
    there = await simulated(api, entity, regime="artist_1bis", gross=euros("3000.00"))
    lines = {line["code"]: line for line in there["lines"]}
    assert lines["onss.base"]["amount"] == {"amount": "3240.00"}
    assert "has_arts_work_certificate = false" in there["remarks"][-1]["text"]
    back = await simulated(api, entity, regime="artist_1bis", net=there["netWage"] | {"currency": "EUR"})
    assert back["netWage"] == there["netWage"]
    paid = await simulated(api, entity, regime="artist_1bis", budget=euros("4710.00"))
    assert paid["grossWage"] == {"amount": "3000.00"}


async def test_an_allowance_is_net_and_never_above_the_most_of_its_days(api: AskedApi, entity: UUID) -> None:
    two_days = {"regime": "amateur_arts", "kind": "DAYS", "from": "2026-07-06", "to": "2026-07-07", "days": 2}
    wage = await simulated(api, entity, ANYBODY, gross=euros("80.00"), **two_days)
    assert wage["netPayable"] == {"amount": "160.00"}
    assert {line["code"] for line in wage["lines"]} == {"allowance"}
    assert wage["minimumWage"] == {"amount": "90.00"}
    assert await refused(api, entity, net=euros("160.37"), **two_days) == "AllowanceAboveMaximum"
    assert (
        await refused(api, entity, gross=euros("80.00"), **two_days | {"days": 1}) == "AllowanceNotByTheDay"
    )


async def test_a_remark_is_said_in_the_language_asked_for(api: AskedApi, entity: UUID) -> None:
    remark = (await simulated(api, entity, gross=euros("4500.00")))["remarks"][0]
    assert remark["code"] == "employer.index_cents"
    assert "formule non trouvée" in remark["text"]


async def test_ones_own_profile_counts_unless_a_family_situation_is_given(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity, family_situation=FamilySituationInput(Spouse.WITHOUT_INCOME, 3))
    own = await simulated(api, entity, who, gross=euros("3000.00"))
    same = await simulated(
        api, entity, gross=euros("3000.00"), family={"spouse": "WITHOUT_INCOME", "children": 3}
    )
    alone = await simulated(api, entity, who, gross=euros("3000.00"), family={"spouse": "NONE"})
    assert own["netWage"] == same["netWage"]
    assert Decimal(own["netWage"]["amount"]) > Decimal(alone["netWage"]["amount"])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "OneAmountAsked"),
        ({"budget": euros("1.00"), "gross": euros("1.00")}, "OneAmountAsked"),
        ({"gross": euros("0.00")}, "GrossNotPositive"),
        ({"gross": {"amount": "3000.00", "currency": "SEK"}}, "CurrencyMismatch"),
        ({"gross": euros("3000.00"), "from": "2026-07-02"}, "ContractMonthIncomplete"),
        ({"gross": euros("3000.00"), "to": "2026-08-31"}, "SeveralPayPeriods"),
        ({"gross": euros("20000000.00")}, "WageTooLarge"),
    ],
)
async def test_what_makes_no_wage_is_refused(
    api: AskedApi, entity: UUID, asked: dict[str, Any], code: str
) -> None:
    assert await refused(api, entity, **asked) == code


async def test_somebody_without_an_account_learns_what_is_left_of_a_budget(api: AskedApi) -> None:
    answer = await api.ask(SIMULATE, budget=euros("1000.00"), **THREE_DAYS)
    wage = answer.data["simulateWage"]
    left = Decimal("1000.00") - Decimal(wage["laborCost"]["amount"])
    assert Decimal(wage["remainder"]["amount"]) == left >= 0
    assert Decimal(wage["netPayable"]["amount"]) > 0


async def test_an_entity_that_nobody_registered_is_refused(api: AskedApi) -> None:
    assert await refused(api, uuid7(), gross=euros("3000.00")) == "UnknownEntity"


async def test_a_simulation_explains_its_net_down_to_the_law(api: AskedApi) -> None:
    answer = await api.ask(EXPLAIN, gross=euros("3000.00"), facts=[{"name": "children", "value": "2"}])
    wage = answer.data["simulateWage"]
    root, *rest = wage["netExplanation"]
    assert (root["code"], root["reason"], root["amount"]) == ("net_payable", "SUM", wage["netPayable"])
    paid = sum(Decimal(node["amount"]["amount"]) for node in rest if node["depth"] == 1)
    assert str(paid) == root["amount"]["amount"]
    found = {node["code"]: node for node in reversed(rest)}
    assert found["onss.worker"]["reason"] == "BASE_TIMES_RATE"
    assert found["onss.worker"]["source"]["text"].startswith("Loi 29/06/1981")
    assert found["onss.worker"]["label"] == "RSZ-bijdrage werknemer"
    assert found["withholding"]["source"]["since"] == "2026-01-01"
    assert "children" in [fact for node in rest for fact in node["facts"]]
    assert found["situation"]["label"] == "Wat over de persoon bekend is"
    assert wage["costExplanation"][0]["amount"] == wage["amounts"]["estimated"]

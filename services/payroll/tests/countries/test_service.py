"""The service speaks every country that has an engine: profile, contract, simulation and payslip of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.an_office import Office

from commons import global_id
from commons.claims import Claims
from commons.country import country_codes, load_country
from commons.database import Pools
from commons.money import Money
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from payroll.api.schema import schema
from payroll.domain.allowance import AllowanceLimits
from payroll.domain.law import PayrollLaw

# Made up, with the check digits of each country: no numbers of persons.
NATIONAL_NUMBERS = {
    "at": "1237 010180",
    "be": "85073003328",
    "de": "36 574 261 809",
    "es": "54362315K",
    "fr": "2 95 10 99 126 111 93",
    "hu": "8435000001",
    "it": "RCCMNL83S18D969H",
    "nl": "1112.22.333",
    "se": "880320-0016",
}
GROSSES = {"HUF": "600000.00", "SEK": "42000.00", "EUR": "3000.00"}
CODES = [code for code in country_codes() if "payroll" in load_country(code).sections]
QUESTIONS = """
query ($day: Date!) { payrollQuestions(day: $day) { name about kind choices least most default } }
"""
COMPLETE = """
mutation ($member: ID!, $entity: ID!, $number: String!, $language: String!, $facts: [TaxFactInput!]) {
  completePayrollProfile(memberId: $member, entityId: $entity, nationalNumber: $number, iban: "BE71096123456769",
                         holderName: "A Person", language: $language, taxFacts: $facts) {
    ... on Member { payrollProfile { spouse taxFacts { name value } } }
    ... on Refusal { code path facts }
  }
}
"""
SIMULATE = """
query ($entity: ID!, $regime: String!, $gross: MoneyInput!, $from: Date! = "2026-07-01", $to: Date! = "2026-07-31",
       $facts: [TaxFactInput!]) {
  simulateWage(entityId: $entity, regime: $regime, kind: MONTH, startDate: $from, endDate: $to, grossWage: $gross,
               taxFacts: $facts) {
    netPayable { amount currency } minimumWage { amount } isBelowMinimumWage
    remarks { code text(language: "en") }
  }
}
"""
REQUEST = """
mutation ($order: ID!, $regime: String!, $gross: MoneyInput!, $kind: ContractKind! = MONTH, $days: Int! = 0) {
  requestContract(orderId: $order, regime: $regime, kind: $kind, days: $days, startDate: "2026-07-01", endDate: "2026-07-31",
                  grossWage: $gross, functionTitle: "Sound engineer") {
    ... on Contract { id regime jointCommittee price { amount currency } }
    ... on Refusal { code path facts }
  }
}
"""


@dataclass(frozen=True)
class Place:
    """One country's service with a member who has told nothing yet."""

    code: str
    office: Office
    api: AskedApi
    entity: UUID
    who: Claims
    regime: str
    questions: list[dict[str, Any]]

    @property
    def gross(self) -> dict[str, str]:
        currency = self.office.country.currency
        return {"amount": GROSSES[currency], "currency": currency}

    def id(self, kind: str, key: UUID | None) -> str:
        assert key is not None
        return global_id.encode(self.office.country.upper, kind, key)

    async def ask(self, text: str, **variables: Any) -> Any:
        answer = await self.api.ask(text, who=self.who, **variables)
        [found] = answer.data.values()
        return found

    async def complete(self, facts: list[dict[str, str]] | None = None, **changes: Any) -> Any:
        told = {
            "member": self.id("Member", self.who.member_id),
            "entity": self.id("Entity", self.entity),
            "number": NATIONAL_NUMBERS[self.code],
            "language": self.office.country.languages[0],
            "facts": facts or [],
        }
        return await self.ask(COMPLETE, **told | changes)

    async def simulate(self, **changes: Any) -> Any:
        asked = {"entity": self.id("Entity", self.entity), "regime": self.regime, "gross": self.gross}
        return await self.ask(SIMULATE, **asked | changes)

    async def simulation_refused(self, **changes: Any) -> dict[str, Any]:
        asked = {"entity": self.id("Entity", self.entity), "regime": self.regime, "gross": self.gross}
        answer = await self.api.ask(SIMULATE, who=self.who, **asked | changes)
        [error] = answer.body["errors"]
        refusal: dict[str, Any] = error["extensions"]["refusal"]
        return refusal

    async def request(self, **changes: Any) -> Any:
        order = await self.office.order(self.entity, self.who)
        asked = {"order": self.id("Order", order), "regime": self.regime, "gross": self.gross}
        return await self.ask(REQUEST, **asked | changes)


async def place(pools: Pools, code: str) -> Place:
    office = Office.on(pools, country=code)
    api = AskedApi(schema, pools=pools, country=office.country, service=office.service, name="payroll")
    member_id = uuid7()
    who = Claims(
        subject=f"member {member_id}",
        roles=frozenset({"member"}),
        member_id=member_id,
        countries=frozenset({office.country.upper}),
    )
    asked = (await api.ask(QUESTIONS, day="2026-07-01")).data["payrollQuestions"]
    law, day = PayrollLaw(office.country), date(2026, 7, 1)
    wages = [each for each in asked[0]["choices"] if AllowanceLimits.find(each, law, day) is None]
    return Place(code, office, api, await office.entity(), who, wages[0], asked[1:])


@pytest.fixture(params=CODES)
async def somewhere(pools: Pools, request: pytest.FixtureRequest) -> Place:
    """Each country in turn."""
    return await place(pools, request.param)


async def test_a_month_of_work_ends_in_a_payslip_that_names_the_defaults_taken(somewhere: Place) -> None:
    assert (await somewhere.complete())["payrollProfile"] == {"spouse": None, "taxFacts": []}
    contract = await somewhere.request()
    assert contract["regime"] == somewhere.regime
    assert (contract["jointCommittee"] is not None) == (somewhere.code == "be")
    office, key = somewhere.office, global_id.decode(contract["id"]).key
    row = await office.asked_contract(str(key))
    await office.hold_budget(row)
    await office.accept(row)
    await office.open_day(somewhere.entity, date(2026, 7, 31))
    payslip = await office.pools.read.fetchrow(
        "select net_payable_minor, currency, remarks from payslip where contract_id = $1", key
    )
    assert payslip is not None
    simulated = await somewhere.simulate()
    paid = Money(payslip["net_payable_minor"], payslip["currency"])
    assert simulated["netPayable"] == {"amount": f"{paid.amount:.2f}", "currency": paid.currency}
    [remark] = [remark for remark in payslip["remarks"] if remark["code"] == "assumed"]
    assert set(remark["words"]) == {*office.country.languages, "en"}
    for asked in somewhere.questions:
        assert f"{asked['name']} = {asked['default']}" in remark["words"]["en"]


async def test_whoever_tells_the_defaults_has_the_same_wage_and_no_remark_about_them(
    somewhere: Place,
) -> None:
    facts = [{"name": asked["name"], "value": asked["default"]} for asked in somewhere.questions]
    told, assumed = await somewhere.simulate(facts=facts), await somewhere.simulate()
    assert told["netPayable"] == assumed["netPayable"]
    assert "assumed" not in [remark["code"] for remark in told["remarks"]]
    assert "assumed" in [remark["code"] for remark in assumed["remarks"]]


async def test_what_is_no_answer_is_refused_with_what_may_be_answered(somewhere: Place) -> None:
    for asked in somewhere.questions:
        refusal = await somewhere.simulation_refused(facts=[{"name": asked["name"], "value": "-7"}])
        assert refusal["path"] == ["taxFacts", "0", "value"]
        if asked["kind"] in ("CHOICE", "YES_NO"):
            assert refusal["code"] == "FactNotAChoice"
            assert refusal["facts"]["choices"] == asked["choices"]
        else:
            assert refusal["code"] in ("FactOutOfRange", "FactMalformed")
    refusal = await somewhere.complete([{"name": "shoe_size", "value": "42"}])
    assert refusal["code"] == "FactUnknown"
    assert refusal["path"] == ["taxFacts", "0", "name"]
    assert refusal["facts"]["known"] == sorted(asked["name"] for asked in somewhere.questions)


async def test_an_unknown_regime_is_refused_with_the_known_ones(somewhere: Place) -> None:
    await somewhere.complete()
    refusal = await somewhere.request(regime="volunteer")
    assert (refusal["code"], refusal["path"]) == ("RegimeUnknown", ["regime"])
    assert somewhere.regime in refusal["facts"]["known"]


async def test_a_day_whose_law_is_not_known_is_refused_by_parameter_and_day(somewhere: Place) -> None:
    refusal = await somewhere.simulation_refused(**{"from": "1999-07-01", "to": "1999-07-31"})
    assert refusal["code"] == "ValueNotInForce"
    assert refusal["facts"]["day"] == "1999-07-01"
    assert refusal["facts"]["parameter"]


async def test_amounts_beyond_ten_million_are_refused(somewhere: Place) -> None:
    too_much = somewhere.gross | {"amount": "10000000.01"}
    assert (await somewhere.simulation_refused(gross=too_much))["code"] == "WageTooLarge"
    await somewhere.complete()
    assert (await somewhere.request(gross=too_much))["code"] == "WageTooLarge"


@pytest.mark.parametrize(
    ("code", "gross", "minimum", "parameter"),
    [
        ("hu", "322799.00", "322800.00", "minimum_wage.monthly"),
        ("fr", "1867.01", "1867.02", "minimum_wage.hourly"),  # 12.31 euros, 1 820 hours a year
        ("be", "2233.60", "2233.61", "minimum_wage.monthly"),
        ("nl", "2598.26", "2598.27", "minimum_wage.hourly"),  # 14.99 euros, 2 080 hours a year
        ("de", "2409.32", "2409.33", "minimum_wage.hourly"),  # 13.90 euros, 2 080 hours a year
        ("es", "1424.49", "1424.50", "minimum_wage.monthly"),  # 1,221 euros fourteen times a year
    ],
)
async def test_a_wage_below_the_minimum_is_refused_with_the_minimum_and_its_source(
    pools: Pools, code: str, gross: str, minimum: str, parameter: str
) -> None:
    there = await place(pools, code)
    await there.complete()
    amount = there.gross | {"amount": gross}
    refusal = await there.request(gross=amount, regime="white_collar" if code == "be" else there.regime)
    assert refusal["code"] == "GrossBelowMinimumWage"
    assert refusal["facts"]["minimum"]["amount"] == minimum
    assert refusal["facts"]["parameter"] == parameter
    assert refusal["facts"]["source"]


@pytest.mark.parametrize("code", ["at", "it", "se"])
async def test_a_country_without_a_minimum_wage_by_law_refuses_no_wage_for_being_low(
    pools: Pools, code: str
) -> None:
    there = await place(pools, code)
    low = await there.simulate(gross=there.gross | {"amount": "900.00"})
    assert (low["minimumWage"], low["isBelowMinimumWage"]) == (None, False)
    await there.complete()
    assert "id" in await there.request(gross=there.gross | {"amount": "900.00"})


async def test_facts_that_cannot_be_true_together_are_refused(pools: Pools) -> None:
    there = await place(pools, "hu")
    facts = [{"name": "children", "value": "1"}, {"name": "disabled_children", "value": "2"}]
    assert (await there.complete(facts))["code"] == "SituationContradicts"


# Made up: born on 2 July 2012, and on 7 January 2027.
@pytest.mark.parametrize(
    ("code", "number", "refusal"),
    [
        ("be", "12070200175", "WorkerTooYoung"),
        ("hu", "8531430011", "WorkerTooYoung"),
        ("se", "20120702-2383", "WorkerTooYoung"),
        ("hu", "8584450009", "ContractBeforeBirth"),
    ],
)
async def test_nobody_works_under_the_age_of_the_law_where_the_national_number_tells_it(
    pools: Pools, code: str, number: str, refusal: str
) -> None:
    there = await place(pools, code)
    assert "payrollProfile" in await there.complete(number=number)
    refused = await there.request(regime="white_collar" if code == "be" else there.regime)
    assert (refused["code"], refused["path"]) == (refusal, ["startDate"])
    if refusal == "WorkerTooYoung":
        assert refused["facts"]["age_min"] in (15, 16)
        assert refused["facts"]["source"]
    assert "2012-07-02" not in str(refused["facts"])


async def test_a_second_full_month_at_once_has_more_hours_a_day_than_the_law_allows(somewhere: Place) -> None:
    await somewhere.complete()
    assert "id" in await somewhere.request()
    refusal = await somewhere.request()
    assert (refusal["code"], refusal["path"]) == ("ContractsOverlap", ["startDate"])
    limits = somewhere.office.service.law.rule("contract.limits", date(2026, 7, 1))
    assert refusal["facts"]["hours_max"] == limits.count("hours_per_day_max")
    assert refusal["facts"]["day"] == "2026-07-01"


async def test_a_wage_of_days_that_is_too_large_as_a_whole_is_refused_too(somewhere: Place) -> None:
    await somewhere.complete()
    a_day = somewhere.gross | {"amount": "9999999.00"}
    refusal = await somewhere.request(gross=a_day, kind="DAYS", days=2)
    assert (refusal["code"], refusal["facts"]["gross_cents_max"]) == ("WageTooLarge", 1_000_000_000)

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from commons import global_id
from commons.claims import Claims
from commons.country import Country
from commons.database import Pools
from commons.testing.api import AskedApi
from invoicing.api.schema import schema
from invoicing.service import Invoicing

REGISTER = """
mutation ($number: String! = "0202239951", $vat: String! = "BE0202239951", $iban: String!,
          $simulated: Boolean! = true, $day: Date = "2026-06-05") {
  registerEntity(name: "Coopérative", legalForm: "SC", enterpriseNumber: $number, vatNumber: $vat, iban: $iban,
                 street: "Rue 1", postCode: "1000", city: "Bruxelles", simulated: $simulated, day: $day) {
    ... on Entity { id name vatNumber iban currency simulated businessDay }
    ... on Refusal { code path }
  }
}
"""
OPEN_DAY = """
mutation ($entity: ID!, $day: Date!) {
  openBusinessDay(entityId: $entity, day: $day) { ... on Entity { businessDay } ... on Refusal { code facts } }
}
"""
ENTITIES = "{ entities(first: 100) { nodes { id businessDay } } }"
OPERATOR = Claims(subject="operator", roles=frozenset({"operator"}))


async def test_an_operator_registers_an_entity_with_its_accounts_and_its_day(
    api: AskedApi, pools: Pools, fresh_iban: Callable[[], str]
) -> None:
    iban = fresh_iban()
    entity = (await api.ask(REGISTER, who=OPERATOR, iban=iban)).data["registerEntity"]
    assert (entity["currency"], entity["simulated"], entity["businessDay"]) == ("EUR", True, "2026-06-05")
    key = global_id.decode(entity["id"]).key
    kinds = await pools.read.fetch("select kind from ledger.account where owner = $1 order by kind", key)
    assert [row["kind"] for row in kinds] == [
        "bank",
        "buyer",
        "contribution",
        "guarantee",
        "labor",
        "suspense",
        "vat",
    ]
    data = await pools.read.fetchval("select data from outbox where agg_id = $1", key)
    assert data["address"] == {"street": "Rue 1", "city": "Bruxelles", "post_code": "1000", "country": "BE"}
    assert (data["iban"], data["day"], data["simulated"]) == (iban, "2026-06-05", True)
    listed = await api.ask(ENTITIES, who=Claims(subject="anybody"))
    assert entity["id"] in [node["id"] for node in listed.data["entities"]["nodes"]]


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"number": "0202239952"}, "MalformedEnterpriseNumber", ["enterpriseNumber"]),
        ({"vat": "BE0202239950"}, "MalformedVatNumber", ["vatNumber"]),
        ({"vat": "DE136695976"}, "VatNumberOfOtherCountry", ["vatNumber"]),
        ({"iban": "BE71096123456768"}, "MalformedIban", ["iban"]),
        ({"vat": "BE0896755397"}, "VatNumberOfAnotherEnterprise", ["vatNumber"]),
        ({"day": None}, "FirstDayMissing", ["day"]),
        ({"simulated": False}, "DayOfRealEntity", ["day"]),
        ({"day": "1900-01-01"}, "ValueNotInForce", ["day"]),
    ],
)
async def test_numbers_and_days_that_fail_their_check_are_refused_at_their_place(
    api: AskedApi, wrong: dict[str, Any], code: str, path: list[str], fresh_iban: Callable[[], str]
) -> None:
    refusal = (await api.ask(REGISTER, who=OPERATOR, **{"iban": fresh_iban(), **wrong})).data[
        "registerEntity"
    ]
    assert (refusal["code"], refusal["path"]) == (code, path)


async def test_two_legal_entities_do_not_share_a_bank_account(
    api: AskedApi, pools: Pools, desk: Any, fresh_iban: Callable[[], str]
) -> None:
    spaced = " ".join(re.findall("....", desk.iban))
    for iban in (desk.iban, spaced, desk.iban.lower()):
        assert (await api.ask(REGISTER, who=OPERATOR, iban=iban)).data["registerEntity"][
            "code"
        ] == "AccountInUse"
    assert await pools.read.fetchval("select count(*) from entity where iban = $1", desk.iban) == 1
    assert "id" in (await api.ask(REGISTER, who=OPERATOR, iban=fresh_iban())).data["registerEntity"]


async def test_a_real_enterprise_is_registered_once_and_lives_on_real_days(
    api: AskedApi, desk: Any, fresh_iban: Callable[[], str]
) -> None:
    real: dict[str, Any] = {"simulated": False, "day": None}
    answer = await api.ask(REGISTER, who=OPERATOR, iban=fresh_iban(), **real)
    entity = answer.data["registerEntity"]
    assert not entity["simulated"]
    again = (await api.ask(REGISTER, who=OPERATOR, iban=fresh_iban(), **real)).data["registerEntity"]
    assert again["code"] == "EntityAlreadyRegistered"
    moved = (await api.ask(OPEN_DAY, who=OPERATOR, entity=entity["id"], day="2030-01-01")).data
    assert moved["openBusinessDay"]["code"] == "EntityIsNotSimulated"


async def test_where_simulation_is_not_allowed_no_day_is_simulated(
    pools: Pools, belgium: Country, service: Invoicing, desk: Any
) -> None:
    real = AskedApi(
        schema, pools=pools, country=belgium, service=replace(service, is_simulation_allowed=False)
    )
    assert (await real.ask(REGISTER, who=OPERATOR, iban=desk.iban)).data["registerEntity"][
        "code"
    ] == "SimulationNotAllowed"
    ids = {"entity": desk.id("Entity", desk.entity)}
    moved = await real.ask(OPEN_DAY, who=OPERATOR, day="2026-07-31", **ids)
    assert moved.data["openBusinessDay"]["code"] == "SimulationNotAllowed"


async def test_only_an_operator_registers_and_turns_pages(api: AskedApi, desk: Any) -> None:
    assert (await api.ask(REGISTER, who=desk.who, iban=desk.iban)).codes == ["FORBIDDEN"]
    ids = {"entity": desk.id("Entity", desk.entity)}
    assert (await api.ask(OPEN_DAY, who=desk.who, day="2026-07-31", **ids)).codes == ["FORBIDDEN"]

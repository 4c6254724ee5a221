"""The year of a worker as the country's statement names it: shown to the worker and to those who pay wages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.an_office import OFFICER, Office
from tests.countries.test_service import NATIONAL_NUMBERS

from commons import global_id
from commons.claims import Claims
from commons.database import Pools
from commons.money import Money
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from payroll.api.schema import schema
from payroll.rows import ContractRow

LIST = """
query ($year: Int!, $member: ID, $entity: ID, $first: Int! = 20, $after: String) {
  yearlyCertificates(year: $year, memberId: $member, entityId: $entity, first: $first, after: $after) {
    nodes {
      member { id } entity { id } year format shapeVerified yearOver payslips firstDay lastDay
      grossWage { amount } netPayable { amount } source { parameter read }
      boxes { code label(language: "en") local: label(language: "hu") amount { amount currency } }
    }
    pageInfo { endCursor hasNextPage }
  }
}
"""


@dataclass(frozen=True)
class Year:
    """A worker whose wages of July and August are computed, and whose boxes are worked out by hand."""

    code: str
    format: str
    regime: str
    gross: str
    boxes: dict[str, str]


# Twice the month of a kept case, or of the figures beside it.
YEARS = (
    Year(
        "fr",
        "dsn_year",
        "employee",
        "2200.00",
        {
            "gross": "4400.00",
            "1AJ": "3608.40",
            "8HV": "46.90",
            "csg_deductible": "293.96",
            "csg_taxed": "125.38",
        },
    ),
    Year(
        "hu",
        "m30",
        "employee",
        "500000.00",
        {"wage": "1000000", "tax_advance": "150000", "contribution": "185000", "family": "0"},
    ),
    Year(
        "de",
        "lohnsteuerbescheinigung",
        "employee",
        "3000.00",
        {
            "3": "6000.00",
            "4": "1330.00",
            "5": "0.00",
            "22a": "558.00",
            "23a": "558.00",
            "25": "525.00",
            "26": "144.00",
            "27": "78.00",
        },
    ),
    Year(
        "be",
        "fiche_281_10",
        "white_collar",
        "3000.00",
        {
            "2060": "5431.20",
            "2074": "875.20",
            "2075": "38.48",
            "2076": "0.00",
            "2115": "215.40",
            "2210": "0.00",
        },
    ),
)


@dataclass(frozen=True)
class Place:
    """A country's office, and its GraphQL."""

    office: Office
    api: AskedApi

    @classmethod
    def on(cls, pools: Pools, code: str) -> Place:
        office = Office.on(pools, country=code)
        api = AskedApi(schema, pools=pools, country=office.country, service=office.service, name="payroll")
        return cls(office, api)

    def id(self, kind: str, key: UUID | None) -> str:
        assert key is not None
        return global_id.encode(self.office.country.upper, kind, key)

    async def member(self, entity: UUID) -> Claims:
        # The country's own questions stay unanswered.
        return await self.office.member(
            entity,
            national_number=NATIONAL_NUMBERS[self.office.country.code],
            family_situation=None,
            language=self.office.country.languages[0],
        )

    async def pay(self, entity: UUID, who: Claims, year: Year, first_day: date, last_day: date) -> None:
        contract = await self.hire(entity, who, year, first_day, last_day)
        await self.office.open_day(entity, last_day)
        assert await self.office.payslip_of(contract)

    async def hire(
        self, entity: UUID, who: Claims, year: Year, first_day: date, last_day: date
    ) -> ContractRow:
        office = self.office
        order = await office.order(entity, who, start_date=first_day, end_date=last_day)
        contract = await office.contract(
            order,
            who,
            regime=year.regime,
            gross_wage=Money.of(year.gross, office.country.currency),
            start_date=first_day,
            end_date=last_day,
        )
        await office.hold_budget(contract)
        await office.accept(contract)
        return contract

    async def certificates(self, who: Claims, **variables: Any) -> list[dict[str, Any]]:
        answer = await self.api.ask(LIST, who=who, **variables)
        assert "errors" not in answer.body, answer.body
        found: list[dict[str, Any]] = answer.data["yearlyCertificates"]["nodes"]
        return found


@pytest.mark.parametrize("year", YEARS, ids=lambda year: year.code)
async def test_a_worker_sees_the_own_year_box_by_box_and_an_officer_sees_the_same(
    year: Year, pools: Pools
) -> None:
    place = Place.on(pools, year.code)
    entity = await place.office.entity()
    who = await place.member(entity)
    for month in (7, 8):
        await place.pay(entity, who, year, date(2026, month, 1), date(2026, month, 31))
    [own] = await place.certificates(who, year=2026, member=place.id("Member", who.member_id))
    assert (own["year"], own["format"], own["yearOver"]) == (2026, year.format, False)
    assert (own["payslips"], own["firstDay"], own["lastDay"]) == (2, "2026-07-01", "2026-08-31")
    assert own["shapeVerified"] is False
    assert own["source"]["parameter"] == "yearly_certificate"
    boxes = {box["code"]: Decimal(box["amount"]["amount"]) for box in own["boxes"]}
    assert {code: boxes[code] for code in year.boxes} == {
        code: Decimal(amount) for code, amount in year.boxes.items()
    }
    assert all(box["label"] and box["local"] for box in own["boxes"])
    assert Decimal(own["grossWage"]["amount"]) == 2 * Decimal(year.gross)
    countries = frozenset({year.code.upper()})
    officer = replace(OFFICER, countries=countries)
    assert await place.certificates(officer, year=2026, entity=place.id("Entity", entity)) == [own]
    assert await place.certificates(who, year=2025, member=place.id("Member", who.member_id)) == []
    stranger = replace(who, member_id=uuid7())
    for variables in (
        {"member": place.id("Member", who.member_id)},
        {"entity": place.id("Entity", entity)},
        {},
    ):
        assert await place.certificates(stranger, year=2026, **variables) == [], variables
    nobody = replace(who, roles=frozenset({"board"}), member_id=None)
    answer = await place.api.ask(LIST, who=nobody, year=2026, entity=place.id("Entity", entity))
    assert answer.body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_wage_of_december_counts_by_its_period_in_germany_and_by_its_payment_in_belgium(
    pools: Pools,
) -> None:
    counted = {}
    for year in YEARS:
        place = Place.on(pools, year.code)
        entity = await place.office.entity(date(2026, 11, 2))
        who = await place.member(entity)
        await place.pay(entity, who, year, date(2026, 12, 1), date(2026, 12, 31))
        await place.office.open_day(entity, date(2027, 1, 4))
        of_member = place.id("Member", who.member_id)
        found = {
            each: [one["yearOver"] for one in await place.certificates(who, year=each, member=of_member)]
            for each in (2026, 2027)
        }
        [counted[year.code]] = [(each, over) for each, overs in found.items() for over in overs]
    assert counted == {"fr": (2027, False), "hu": (2027, False), "de": (2026, True), "be": (2027, False)}


async def test_an_officer_turns_the_pages_of_the_workers_of_an_employer(pools: Pools) -> None:
    [year] = [each for each in YEARS if each.code == "be"]
    place = Place.on(pools, "be")
    entity = await place.office.entity()
    members = [await place.member(entity) for _ in range(3)]
    for who in members:
        await place.hire(entity, who, year, date(2026, 7, 1), date(2026, 7, 31))
    await place.office.open_day(entity, date(2026, 7, 31))
    seen: list[str] = []
    after = None
    for size in (2, 1):
        answer = await place.api.ask(
            LIST, who=OFFICER, year=2026, entity=place.id("Entity", entity), first=2, after=after
        )
        found = answer.data["yearlyCertificates"]
        assert len(found["nodes"]) == size
        seen += [one["member"]["id"] for one in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
    assert found["pageInfo"]["hasNextPage"] is False
    assert sorted(seen) == sorted(place.id("Member", who.member_id) for who in members)


async def test_in_production_boxes_that_no_source_gives_wait_for_an_officer(pools: Pools) -> None:
    place = Place.on(pools, "hu")
    service = replace(place.office.service, is_production=True)
    api = AskedApi(schema, pools=pools, country=place.office.country, service=service, name="payroll")
    officer = replace(OFFICER, countries=frozenset({"HU"}))
    answer = await api.ask(LIST, who=officer, year=2026)
    refusal = answer.body["errors"][0]["extensions"]["refusal"]
    assert (refusal["code"], refusal["facts"]) == (
        "ParametersNotConfirmed",
        {"parameters": ["yearly_certificate"]},
    )

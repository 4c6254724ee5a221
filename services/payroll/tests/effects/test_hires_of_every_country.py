"""Hires of every country go to the same simulated authority, and end in every way a Belgian one does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.an_office import Office, cancel_order

from commons.claims import Claims
from commons.database import Pools
from commons.money import Money
from payroll.adapters.authority import Authority, new_client_key
from payroll.documents.hires import hire_form
from payroll.effects.declaration import Declarations
from payroll.effects.kinds import DIMONA_CANCEL, DIMONA_DECLARE, DIMONA_OUT
from payroll.rows import ContractRow


@dataclass(frozen=True)
class Country:
    """What a hire of a country is made of; the numbers are made up, with right check digits."""

    code: str
    enterprise_number: str
    national_number: str
    gross: str
    regime: str = "employee"


COUNTRIES = (
    Country("at", "U13585627", "1237010180", "3000.00"),
    Country("de", "136695976", "36574261809", "3000.00"),
    Country("es", "B58378431", "54362315K", "3000.00", "temporary"),
    Country("fr", "303265045", "295109912611193", "3000.00"),
    Country("hu", "12892312", "8435000001", "600000.00"),
    Country("it", "00743110157", "RCCMNL83S18D969H", "3000.00", "fixed_term"),
)
WITHOUT_DECLARATION = (
    Country("nl", "004495445B01", "111222333", "3000.00", "temporary"),
    Country("se", "1234567897", "8803200016", "30000.00"),
)


@dataclass(frozen=True)
class Abroad:
    """The office of a country, its authority, and a member who may be hired."""

    country: Country
    office: Office
    http: httpx.AsyncClient
    url: str
    entity: UUID
    who: Claims

    async def hire(
        self, first_day: date = date(2026, 7, 1), last_day: date = date(2026, 7, 31), **rule: Any
    ) -> ContractRow:
        """A contract whose budget is held, before an authority that behaves by a rule."""
        if rule:
            said = {"match": {"operation": "declare"}, "times": 1} | rule
            answer = await self.http.post(f"{self.url}/simulate/behavior", json=said)
            assert answer.status_code == 201, answer.text
        office = self.office
        contract = await office.contract(
            await office.order(self.entity, self.who, start_date=first_day, end_date=last_day),
            self.who,
            start_date=first_day,
            end_date=last_day,
            regime=self.country.regime,
            gross_wage=Money.of(self.country.gross, office.country.currency),
        )
        await office.hold_budget(contract)
        return contract

    async def declaration(self, contract: ContractRow, kind: str = "in") -> Mapping[str, Any]:
        row = await self.office.pools.read.fetchrow(
            "select * from declaration where contract_id = $1 and kind = $2", contract.key, kind
        )
        return {} if row is None else dict(row)

    async def decided(self, contract: ContractRow, kind: str = "in") -> Mapping[str, Any]:
        async def is_decided() -> bool:
            return (await self.declaration(contract, kind))["decided_at"] is not None

        await self.office.execute_effects(is_decided)
        return await self.declaration(contract, kind)

    def sent(self, declaration: Mapping[str, Any]) -> bytes:
        return self.office.service.sealer.open(declaration["request"], of=f"declaration {declaration['id']}")


@pytest.fixture(params=COUNTRIES, ids=lambda country: country.code)
async def abroad(
    request: pytest.FixtureRequest, pools: Pools, parties: Mapping[str, str]
) -> AsyncIterator[Abroad]:
    """Each country in turn, before an authority that behaves well at the start of each test."""
    country: Country = request.param
    async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
        authority = Authority(http, parties["authority"], client_id="partage", key=new_client_key())
        office = Office.on(pools, country=country.code)
        service, pool = office.service, pools.write
        office = office.with_effects(
            {
                DIMONA_DECLARE: Declarations("in", authority, pool, service).handler(),
                DIMONA_CANCEL: Declarations("cancel", authority, pool, service).handler(),
                DIMONA_OUT: Declarations("out", authority, pool, service).handler(),
            }
        )
        entity = await office.entity(enterprise_number=country.enterprise_number)
        who = await office.member(
            entity,
            national_number=country.national_number,
            language=office.country.languages[0],
            family_situation=None,
        )
        yield Abroad(country, office, http, parties["authority"], entity, who)
        await http.delete(f"{parties['authority']}/simulate/behavior")


async def test_an_accepted_hire_confirms_its_contract_in_the_countrys_own_document(abroad: Abroad) -> None:
    contract = await abroad.hire()
    declaration = await abroad.decided(contract)
    assert (declaration["state"], declaration["result"]) == ("accepted", "A")
    assert "ContractConfirmed" in await abroad.office.announced(contract.key)
    document = abroad.sent(declaration)
    assert abroad.country.national_number.encode() in document
    assert abroad.country.enterprise_number.encode() in document
    assert b"hape unverified" in document[:200]
    assert abroad.country.national_number.encode() not in declaration["request"]


async def test_a_warning_is_an_acceptance_that_keeps_its_anomaly(abroad: Abroad) -> None:
    contract = await abroad.hire(outcome="warning", reason="SIM-W")
    declaration = await abroad.decided(contract)
    assert declaration["state"] == "accepted_with_warning"
    assert [anomaly["code"] for anomaly in declaration["anomalies"]] == ["SIM-W"]
    assert "ContractConfirmed" in await abroad.office.announced(contract.key)


async def test_a_refused_hire_refuses_its_contract(abroad: Abroad) -> None:
    contract = await abroad.hire(outcome="refused")
    assert (await abroad.decided(contract))["state"] == "refused"
    assert (await abroad.office.event(contract.key, "ContractRefused"))["code"] == "HireRefused"


@pytest.mark.parametrize("abroad", [COUNTRIES[3]], indirect=True, ids=["fr"])
async def test_a_hire_in_a_form_that_nobody_can_write_yet_ends_its_contract(abroad: Abroad) -> None:
    # France: from 2027 a message of the DSN takes the place of the DPAE.
    contract = await abroad.hire(date(2027, 1, 1), date(2027, 1, 31))
    declaration = await abroad.decided(contract)
    assert (declaration["state"], declaration["request"]) == ("refused", None)
    assert (await abroad.office.event(contract.key, "ContractRefused"))["code"] == "HireRefused"


async def test_a_silent_authority_leaves_the_contract_waiting(abroad: Abroad) -> None:
    contract = await abroad.hire(outcome="silent")

    async def was_asked() -> bool:
        asked = "select asked >= 3 from effect where kind = 'dimona.declare' and key = $1"
        return bool(await abroad.office.pools.read.fetchval(asked, contract.key))

    await abroad.office.execute_effects(was_asked)
    assert (await abroad.declaration(contract))["state"] == "acknowledged"
    await abroad.office.open_day(abroad.entity, date(2026, 7, 1))
    flag = "select undeclared_on from contract where id = $1"
    assert await abroad.office.pools.read.fetchval(flag, contract.key) == date(2026, 7, 1)


async def test_a_hire_whose_answer_was_lost_and_came_twice_is_one_hire(abroad: Abroad) -> None:
    contract = await abroad.hire(outcome="answered_twice", fault="lost_answer")
    assert (await abroad.decided(contract))["state"] == "accepted"
    assert (await abroad.office.announced(contract.key)).count("ContractConfirmed") == 1


async def test_a_cancelled_order_takes_an_accepted_hire_back(abroad: Abroad) -> None:
    contract = await abroad.hire()
    accepted = await abroad.decided(contract)
    await cancel_order(abroad.office, contract, date(2026, 6, 20))
    cancellation = await abroad.decided(contract, "cancel")
    assert cancellation["state"] == "accepted"
    assert accepted["period_id"].encode() in abroad.sent(cancellation)
    assert (await abroad.office.announced(contract.key))[-1] == "ContractRefused"


async def test_the_end_of_a_hire_is_declared_where_the_authority_takes_it(abroad: Abroad) -> None:
    contract = await abroad.hire()
    await abroad.decided(contract)
    await abroad.office.open_day(abroad.entity, date(2026, 7, 10))
    await cancel_order(abroad.office, contract, date(2026, 7, 10))
    if hire_form(abroad.office.service.law, date(2026, 7, 1)).end is None:
        # Where it stands in another document, such as the DSN of its month in France.
        assert await abroad.declaration(contract, "out") == {}
        return
    ended = await abroad.decided(contract, "out")
    assert ended["state"] == "accepted"
    days = ("%Y-%m-%d", "%Y%m%d", "%d%m%Y")
    assert any(date(2026, 7, 10).strftime(form).encode() in abroad.sent(ended) for form in days)


@pytest.mark.parametrize("abroad", WITHOUT_DECLARATION, indirect=True, ids=["nl", "se"])
async def test_where_the_law_asks_for_no_declaration_nothing_is_sent_and_the_work_may_begin(
    abroad: Abroad,
) -> None:
    contract = await abroad.hire()
    assert await abroad.office.announced(contract.key) == ["ContractRequested", "ContractConfirmed"]
    effects = await abroad.office.pools.read.fetchval(
        "select count(*) from effect where key = $1", contract.key
    )
    assert (await abroad.declaration(contract), effects) == ({}, 0)
    await abroad.office.hold_budget(contract)  # the same event again
    await abroad.office.open_day(abroad.entity, date(2026, 7, 31))
    assert (await abroad.office.announced(contract.key))[2:] == ["ContractEnded"]
    assert await abroad.office.payslip_of(contract) is not None


@pytest.mark.parametrize("abroad", WITHOUT_DECLARATION, indirect=True, ids=["nl", "se"])
async def test_where_no_hire_was_declared_none_is_taken_back_and_none_is_ended(abroad: Abroad) -> None:
    cancelled = await abroad.hire()
    await cancel_order(abroad.office, cancelled, date(2026, 6, 20))
    assert (await abroad.office.announced(cancelled.key))[-1] == "ContractRefused"
    begun = await abroad.hire(date(2026, 8, 1), date(2026, 8, 31))
    await abroad.office.open_day(abroad.entity, date(2026, 8, 10))
    await cancel_order(abroad.office, begun, date(2026, 8, 10))
    await abroad.office.meet_deadlines()
    assert "ContractEnded" in await abroad.office.announced(begun.key)
    for contract in (cancelled, begun):
        for kind in ("cancel", "out"):
            assert await abroad.declaration(contract, kind) == {}

"""Hires are declared to the simulated authority, a separate program, whatever mood it is in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.an_office import NATIONAL_NUMBER, Office

from payroll.adapters.authority import Authority, new_client_key
from payroll.consumers.order_cancelled import order_cancelled
from payroll.effects.declaration import Declarations
from payroll.effects.kinds import DIMONA_CANCEL, DIMONA_DECLARE, DIMONA_OUT
from payroll.events.consumed import OrderCancelled
from payroll.rows import ContractRow


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
            DIMONA_OUT: Declarations("out", authority, pool, service).handler(),
        }
    )
    await http.delete(f"{parties['authority']}/simulate/behavior")


async def a_waiting_hire(office: Office, entity: UUID) -> ContractRow:
    who = await office.member(entity)
    contract = await office.contract(await office.order(entity, who), who)
    await office.hold_budget(contract)
    return contract


async def misbehave(http: httpx.AsyncClient, parties: Mapping[str, str], **rule: Any) -> None:
    answer = await http.post(f"{parties['authority']}/simulate/behavior", json=rule)
    assert answer.status_code == 201, answer.text


async def declaration_of(office: Office, contract: ContractRow, kind: str = "in") -> Mapping[str, Any]:
    row = await office.pools.read.fetchrow(
        "select * from declaration where contract_id = $1 and kind = $2", contract.key, kind
    )
    assert row is not None
    return dict(row)


async def decide(office: Office, contract: ContractRow, kind: str = "in") -> Mapping[str, Any]:
    async def is_decided() -> bool:
        return (await declaration_of(office, contract, kind))["decided_at"] is not None

    await office.execute_effects(is_decided)
    return await declaration_of(office, contract, kind)


async def test_an_accepted_hire_confirms_its_contract(declaring: Office, entity: UUID) -> None:
    contract = await a_waiting_hire(declaring, entity)
    declaration = await decide(declaring, contract)
    assert (declaration["state"], declaration["result"]) == ("accepted", "A")
    assert declaration["reference"]
    assert declaration["period_id"]
    assert await declaring.announced(contract.key) == [
        "ContractRequested",
        "HireDeclared",
        "ContractConfirmed",
    ]
    assert await declaring.announced(declaration["id"]) == ["DeclarationAccepted"]


async def test_the_raw_exchange_is_kept_and_cannot_be_read_without_the_key(
    declaring: Office, entity: UUID
) -> None:
    declaration = await decide(declaring, await a_waiting_hire(declaring, entity))
    owner = f"declaration {declaration['id']}"
    assert NATIONAL_NUMBER.encode() not in declaration["request"]
    assert NATIONAL_NUMBER.encode() in declaring.service.sealer.open(declaration["request"], of=owner)
    assert b'"result":"A"' in declaring.service.sealer.open(declaration["answer"], of=owner)


async def test_a_warning_is_an_acceptance_that_keeps_its_anomaly(
    declaring: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    await misbehave(
        http, parties, match={"operation": "declare"}, outcome="warning", reason="90017-510", times=1
    )
    contract = await a_waiting_hire(declaring, entity)
    declaration = await decide(declaring, contract)
    assert declaration["state"] == "accepted_with_warning"
    assert [anomaly["code"] for anomaly in declaration["anomalies"]] == ["90017-510"]
    assert "ContractConfirmed" in await declaring.announced(contract.key)


async def test_a_refused_hire_refuses_its_contract(
    declaring: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    await misbehave(http, parties, match={"operation": "declare"}, outcome="refused", times=1)
    contract = await a_waiting_hire(declaring, entity)
    declaration = await decide(declaring, contract)
    assert declaration["state"] == "refused"
    assert await declaring.announced(contract.key) == ["ContractRequested", "ContractRefused"]
    assert (await declaring.event(contract.key, "ContractRefused"))["code"] == "HireRefused"
    assert (await declaring.event(declaration["id"], "DeclarationRefused"))["anomalies"] == ["SIM-001"]


async def test_a_silent_authority_leaves_the_contract_waiting_and_flagged_at_its_start(
    declaring: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    await misbehave(http, parties, match={"operation": "declare"}, outcome="silent", times=1)
    contract = await a_waiting_hire(declaring, entity)

    async def was_asked() -> bool:
        asked = "select asked >= 3 from effect where kind = 'dimona.declare' and key = $1"
        return bool(await declaring.pools.read.fetchval(asked, contract.key))

    await declaring.execute_effects(was_asked)
    assert (await declaration_of(declaring, contract))["state"] == "acknowledged"
    await declaring.open_day(entity, date(2026, 7, 1))
    flag = await declaring.pools.read.fetchval(
        "select undeclared_on from contract where id = $1", contract.key
    )
    assert flag == date(2026, 7, 1)


async def test_an_authority_that_waits_first_and_accepts_later_is_asked_again(
    declaring: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    await misbehave(http, parties, match={"operation": "declare"}, outcome="waiting_then_accepted", times=1)
    contract = await a_waiting_hire(declaring, entity)
    assert (await decide(declaring, contract))["state"] == "accepted"


async def test_a_hire_declared_twice_because_an_answer_was_lost_is_one_hire(
    declaring: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    await misbehave(
        http,
        parties,
        match={"operation": "declare"},
        outcome="answered_twice",
        fault="lost_answer",
        times=1,
    )
    contract = await a_waiting_hire(declaring, entity)
    declaration = await decide(declaring, contract)
    assert declaration["state"] == "accepted"
    attempts = "select attempts from effect where kind = 'dimona.declare' and key = $1"
    assert await declaring.pools.read.fetchval(attempts, contract.key) == 2
    assert (await declaring.announced(contract.key)).count("ContractConfirmed") == 1


@pytest.mark.parametrize("fault", ["error", "busy"])
async def test_an_authority_out_of_order_is_tried_again(
    declaring: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str], fault: str
) -> None:
    await misbehave(http, parties, match={"operation": "token"}, fault=fault, times=1)
    await misbehave(http, parties, match={"operation": "declare"}, fault=fault, times=1)
    await misbehave(http, parties, match={"operation": "consult"}, fault=fault, times=1)
    assert (await decide(declaring, await a_waiting_hire(declaring, entity)))["state"] == "accepted"


async def test_an_authority_that_does_not_answer_in_time_is_asked_again(
    declaring: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    await misbehave(http, parties, match={"operation": "declare"}, fault="silence", times=1)
    assert (await decide(declaring, await a_waiting_hire(declaring, entity)))["state"] == "accepted"


async def test_a_cancelled_order_takes_an_accepted_declaration_back(declaring: Office, entity: UUID) -> None:
    contract = await a_waiting_hire(declaring, entity)
    await decide(declaring, contract)
    event = OrderCancelled(order_id=UUID(contract.order_id), entity_id=entity, cancelled_on=date(2026, 6, 20))
    await declaring.run(lambda ctx: order_cancelled(ctx, event))
    cancellation = await decide(declaring, contract, "cancel")
    assert cancellation["state"] == "accepted"
    assert (await declaring.announced(contract.key))[-1] == "ContractRefused"
    assert (await declaring.event(cancellation["id"], "DeclarationAccepted"))["kind"] == "cancel"


async def test_an_order_cancelled_during_the_work_tells_the_authority_on_which_day_the_hire_ended(
    declaring: Office, entity: UUID
) -> None:
    contract = await a_waiting_hire(declaring, entity)
    accepted = await decide(declaring, contract)
    await declaring.open_day(entity, date(2026, 7, 10))
    event = OrderCancelled(order_id=UUID(contract.order_id), entity_id=entity, cancelled_on=date(2026, 7, 10))
    await declaring.run(lambda ctx: order_cancelled(ctx, event))
    ended = await decide(declaring, contract, "out")
    assert (ended["state"], ended["period_id"]) == ("accepted", accepted["period_id"])
    sent = declaring.service.sealer.open(ended["request"], of=f"declaration {ended['id']}")
    assert json.loads(sent) == {"dimonaOut": {"periodId": accepted["period_id"], "endDate": "2026-07-10"}}


async def test_an_order_cancelled_while_the_authority_thinks_takes_the_declaration_back_later(
    declaring: Office, entity: UUID, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    await misbehave(http, parties, match={"operation": "declare"}, outcome="waiting_then_accepted", times=1)
    contract = await a_waiting_hire(declaring, entity)

    async def is_sent() -> bool:
        return (await declaration_of(declaring, contract))["reference"] is not None

    await declaring.execute_effects(is_sent)
    event = OrderCancelled(order_id=UUID(contract.order_id), entity_id=entity, cancelled_on=date(2026, 6, 20))
    await declaring.run(lambda ctx: order_cancelled(ctx, event))
    await decide(declaring, contract)
    assert (await decide(declaring, contract, "cancel"))["state"] == "accepted"
    assert "ContractConfirmed" not in await declaring.announced(contract.key)


async def test_a_contract_refused_before_it_was_declared_is_never_declared(
    declaring: Office, entity: UUID
) -> None:
    contract = await a_waiting_hire(declaring, entity)
    event = OrderCancelled(order_id=UUID(contract.order_id), entity_id=entity, cancelled_on=date(2026, 6, 20))
    await declaring.run(lambda ctx: order_cancelled(ctx, event))
    declaration = await decide(declaring, contract)
    assert declaration["reference"] is None
    assert declaration["request"] is None

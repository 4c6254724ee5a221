"""A planted national number, account and name are nowhere in the clear: not in a table, an event or a log."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

import httpx
import pytest
from tests.an_office import HOLDER_NAME, IBAN, NATIONAL_NUMBER, OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.database import Pools
from commons.effects import Effect, EffectHandler, Result
from commons.logs import JsonLines
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from payroll.adapters.authority import Authority, new_client_key
from payroll.adapters.bank import Bank
from payroll.api.schema import schema
from payroll.effects.declaration import Declarations
from payroll.effects.kinds import BANK_PAY, DIMONA_CANCEL, DIMONA_DECLARE
from payroll.effects.payment import Payments
from payroll.sealed import Sealer

SECRETS = (NATIONAL_NUMBER, IBAN, HOLDER_NAME, "85.07.30-033.28", "BE71 0961 2345 6769")
COMPLETE = """
mutation ($member: ID!, $entity: ID!, $number: String!, $iban: String!, $name: String!) {
  completePayrollProfile(memberId: $member, entityId: $entity, nationalNumber: $number, iban: $iban, holderName: $name,
                         language: "fr", idempotencyKey: "once", familySituation: {spouse: PENSION, children: 7}) {
    ... on Member { payrollProfile { holderName } }
    ... on Refusal { code }
  }
}
"""


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything that the process logs, as a worker writes it, down to the smallest thing."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines("payroll", "worker", "be"))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        yield client


@pytest.fixture
def outside(office: Office, parties: Mapping[str, str], http: httpx.AsyncClient) -> Office:
    """An office with the simulated authority and bank."""
    authority = Authority(http, parties["authority"], client_id="partage", key=new_client_key())
    service, pool = office.service, office.pools.write
    return office.with_effects(
        {
            DIMONA_DECLARE: Declarations("in", authority, pool, service).handler(),
            DIMONA_CANCEL: Declarations("cancel", authority, pool, service).handler(),
            BANK_PAY: Payments(Bank(http, parties["bank"]), pool, service).handler(),
        }
    )


async def everything_stored(pools: Pools) -> str:
    """All rows of all tables as text; bytes appear as hexadecimal digits."""
    tables = await pools.read.fetch("select tablename from pg_tables where schemaname = 'public'")
    texts = [
        row["content"]
        for table in tables
        for row in await pools.read.fetch(f'select each::text as content from "{table["tablename"]}" as each')  # noqa: S608  (names of tables)
    ]
    return "\n".join(texts)


def planted_in(text: str) -> list[str]:
    return [
        secret
        for secret in SECRETS
        if secret in text or secret.encode().hex() in text or secret.lower() in text
    ]


async def the_story(office: Office, api: AskedApi, entity: UUID, who: Claims) -> UUID:
    """From the profile to the paid wage, with everything that stores or sends something."""
    answer = await api.ask(
        COMPLETE,
        who=who,
        member=global_id.encode("BE", "Member", who.member_id or uuid7()),
        entity=global_id.encode("BE", "Entity", entity),
        number="85.07.30-033.28",
        iban="BE71 0961 2345 6769",
        name=HOLDER_NAME,
    )
    assert answer.data["completePayrollProfile"]["payrollProfile"] == {"holderName": HOLDER_NAME}
    contract = await office.contract(await office.order(entity, who), who)
    await office.hold_budget(contract)

    async def is_accepted() -> bool:
        return "ContractConfirmed" in await office.announced(contract.key)

    await office.execute_effects(is_accepted)
    await office.open_day(entity, date(2026, 7, 31))
    await office.open_day(entity, date(2026, 8, 8))
    payslip = await office.payslip_of(contract)
    await office.fund(payslip, entity, date(2026, 8, 8))

    async def is_paid() -> bool:
        return "WagePaid" in await office.announced(payslip)

    await office.execute_effects(is_paid)
    return payslip


async def test_the_whole_story_leaves_no_personal_data_in_tables_events_or_logs(
    outside: Office, entity: UUID, logs: io.StringIO
) -> None:
    member_id = uuid7()
    who = Claims(subject=str(member_id), roles=frozenset({"member"}), member_id=member_id)
    api = AskedApi(
        schema, pools=outside.pools, country=outside.country, service=outside.service, name="payroll"
    )
    await the_story(outside, api, entity, who)
    await api.ask(
        "query ($them: [_Any!]!) { _entities(representations: $them) { ... on Member { payrollProfile { spouse } } } }",
        who=OFFICER,
        them=[{"__typename": "Member", "id": global_id.encode("BE", "Member", member_id)}],
    )
    stored = await everything_stored(outside.pools)
    assert str(member_id) in stored, "the search reads the tables"
    assert "WagePaid" in stored
    assert planted_in(stored) == []
    assert "capability" in logs.getvalue()
    assert planted_in(logs.getvalue()) == []


async def test_what_fails_leaves_no_personal_data_either(
    outside: Office, entity: UUID, logs: io.StringIO, http: httpx.AsyncClient, parties: Mapping[str, str]
) -> None:
    """A refused declaration, a rejected wage, a handler that breaks and a key that is wrong."""
    await http.post(
        f"{parties['authority']}/simulate/behavior",
        json={"match": {"operation": "declare"}, "outcome": "refused", "times": 1},
    )
    who = await outside.member(entity)
    refused = await outside.contract(await outside.order(entity, who), who)
    await outside.hold_budget(refused)

    async def is_refused() -> bool:
        return "ContractRefused" in await outside.announced(refused.key)

    await outside.execute_effects(is_refused)

    contract = await outside.active_contract(entity, who)
    other_key = replace(outside, service=replace(outside.service, sealer=Sealer(bytes(32))))
    await other_key.open_day(entity, date(2026, 7, 31))
    await retry(outside, contract.key)
    payslip = await outside.payslip_of(contract)
    await http.post(
        f"{parties['bank']}/simulate/behavior",
        json={"match": {"operation": "transfer", "iban": IBAN}, "outcome": "rejected", "times": 1},
    )
    await outside.fund(payslip, entity, date(2026, 8, 8))
    broken = outside.with_effects({BANK_PAY: breaking(outside.effects[BANK_PAY])})

    async def is_returned() -> bool:
        return "WageReturned" in await outside.announced(payslip)

    await broken.execute_effects(is_returned)
    assert planted_in(await everything_stored(outside.pools)) == []
    assert "SealBroken" in logs.getvalue()
    assert planted_in(logs.getvalue()) == []


async def retry(office: Office, contract: str) -> None:
    """Have the failed deadlines of a contract met now, with the right key."""
    await office.pools.write.execute(
        "update deadline set next_at = clock_timestamp() where key like '%' || $1", contract
    )
    await office.meet_deadlines()


def breaking(handler: EffectHandler) -> EffectHandler:
    """A handler whose first question breaks."""
    broke = False

    async def ask(effect: Effect) -> Result | None:
        nonlocal broke
        if not broke:
            broke = True
            raise RuntimeError("the line was cut")
        return await handler.ask(effect)

    return replace(handler, ask=ask)

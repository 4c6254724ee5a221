from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

CONTROLLER = Claims(subject="controller", roles=frozenset({"credit_controller"}))
DECLARE = """
mutation ($id: ID!, $reason: DefaultReason!, $day: Date!) {
  declareDefault(partyId: $id, reason: $reason, defaultedOn: $day) {
    __typename
    ... on Party { id defaultReason defaultedOn }
    ... on Refusal { code path facts }
  }
}
"""


async def declared(api: AskedApi, desk: Any, party: UUID, day: str = "2026-06-04") -> Any:
    given = {"id": desk.id("Party", party), "reason": "BANKRUPTCY", "day": day}
    return (await api.ask(DECLARE, who=CONTROLLER, **given)).data["declareDefault"]


async def test_a_default_is_declared_once_and_told_with_its_reason(api: AskedApi, desk: Any) -> None:
    party = await declared(api, desk, desk.buyer)
    assert (party["defaultReason"], party["defaultedOn"]) == ("BANKRUPTCY", "2026-06-04")
    assert await desk.told(desk.buyer) == ["ClientDefaulted"]
    body = await desk.body(desk.buyer, "ClientDefaulted")
    assert (body["reason"], body["defaulted_on"]) == ("bankruptcy", "2026-06-04")
    assert (await declared(api, desk, desk.buyer))["code"] == "ClientAlreadyDefaulted"
    assert await desk.told(desk.buyer) == ["ClientDefaulted"]


async def test_every_registration_of_the_client_defaults_those_that_come_later_too(
    api: AskedApi, desk: Any
) -> None:
    twin = UUID((await desk.register_buyer(name="Client S.A.")).key)
    stranger = UUID((await desk.register_buyer(vat_number="BE0403019261")).key)
    await declared(api, desk, desk.buyer)
    assert await desk.told(twin) == ["ClientDefaulted"]
    later = await desk.register_buyer(name="Client bis")
    assert (later.default_reason, await desk.told(later.key)) == ("bankruptcy", ["ClientDefaulted"])
    assert await desk.told(stranger) == []


async def test_two_clients_without_a_vat_number_are_two_clients(api: AskedApi, desk: Any) -> None:
    first = UUID((await desk.register_buyer(vat_number="")).key)
    second = UUID((await desk.register_buyer(vat_number="")).key)
    await declared(api, desk, first)
    assert await desk.told(second) == []
    assert (await desk.register_buyer(vat_number="")).default_reason is None


async def test_a_default_is_a_fact_of_a_client_that_exists(api: AskedApi, desk: Any) -> None:
    future = await declared(api, desk, desk.buyer, "2026-06-06")
    assert (future["code"], future["path"]) == ("DefaultInTheFuture", ["defaultedOn"])
    assert (await declared(api, desk, uuid7()))["code"] == "UnknownParty"


@pytest.mark.parametrize("role", ["member", "adviser", "accountant", "board", "auditor"])
async def test_only_a_credit_controller_declares_it(api: AskedApi, desk: Any, role: str) -> None:
    who = Claims(subject="x", roles=frozenset({role}), member_id=desk.member)
    given = {"id": desk.id("Party", desk.buyer), "reason": "BANKRUPTCY", "day": "2026-06-04"}
    assert (await api.ask(DECLARE, who=who, **given)).codes == ["FORBIDDEN"]

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.an_assembly import BOARD, Assembly, Handle

from commons import global_id
from commons.claims import Claims
from commons.database import Pools
from commons.money import Money
from commons.uuid7 import uuid7
from governance.consumers.write_off_proposed import write_off_proposed
from governance.events.consumed import WriteOffProposed

APPROVE = """
mutation ($id: ID!, $grounds: String!) {
  approveWriteOff(writeOffId: $id, grounds: $grounds) {
    __typename
    ... on WriteOff { id amount { amount } approvedOn grounds }
    ... on Refusal { code path facts }
  }
}
"""
GROUNDS = "The bankruptcy was closed without a dividend."


@pytest.fixture
async def proposal(nobody_yet: Assembly, handle: Handle) -> UUID:
    event = WriteOffProposed(
        write_off_id=uuid7(),
        order_id=uuid7(),
        entity_id=nobody_yet.entity,
        amount=Money.of("935.00", "EUR"),
        proposed_on=date(2026, 8, 3),
    )
    await handle(lambda ctx: write_off_proposed(ctx, event))
    return event.write_off_id


async def approved(assembly: Assembly, key: UUID, grounds: str = GROUNDS) -> Any:
    given = {"id": global_id.encode("BE", "WriteOff", key), "grounds": grounds}
    return (await assembly.api.ask(APPROVE, who=BOARD, **given)).data["approveWriteOff"]


async def test_the_board_gives_a_claim_up_once_on_grounds_that_stay(
    nobody_yet: Assembly, proposal: UUID, pools: Pools
) -> None:
    decision = await approved(nobody_yet, proposal)
    assert (decision["approvedOn"], decision["grounds"]) == ("2026-08-03", GROUNDS)
    told = await pools.read.fetch("select type, data from outbox where agg_id = $1", proposal)
    [event] = told
    assert event["type"] == "governance.WriteOffApproved.v1"
    assert event["data"]["amount"] == {"minor": "93500", "currency": "EUR"}
    assert GROUNDS not in str(event["data"])
    assert (await approved(nobody_yet, proposal))["code"] == "WriteOffAlreadyApproved"
    with pytest.raises(Exception, match="stays as it was decided"):
        await pools.write.execute("update write_off set grounds = 'x' where id = $1", proposal)


async def test_a_decision_needs_its_grounds_and_a_proposal(nobody_yet: Assembly, proposal: UUID) -> None:
    blank = await approved(nobody_yet, proposal, "  ")
    assert (blank["code"], blank["path"]) == ("TextTooShort", ["grounds"])
    assert (await approved(nobody_yet, uuid7()))["code"] == "UnknownWriteOff"


@pytest.mark.parametrize(
    "role", ["member", "accountant", "credit_controller", "returning_officer", "auditor"]
)
async def test_only_the_board_gives_up_a_claim(nobody_yet: Assembly, proposal: UUID, role: str) -> None:
    given = {"id": global_id.encode("BE", "WriteOff", proposal), "grounds": GROUNDS}
    answer = await nobody_yet.api.ask(APPROVE, who=Claims("x", frozenset({role})), **given)
    assert answer.codes == ["FORBIDDEN"]

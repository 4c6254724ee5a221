from __future__ import annotations

from datetime import date
from typing import Any

from tests.an_assembly import BOARD, Assembly, Handle

from commons.claims import Claims
from commons.money import Money
from commons.uuid7 import uuid7
from governance.consumers.write_off_proposed import write_off_proposed
from governance.events.consumed import WriteOffProposed

FIND = """
query ($entity: ID!, $isApproved: Boolean) {
  writeOffs(entityId: $entity, isApproved: $isApproved) { nodes { amount { amount } proposedOn approvedOn } }
}
"""


async def test_a_proposal_waits_for_the_board_and_is_seen_by_those_who_watch_over_credit(
    nobody_yet: Assembly, handle: Handle
) -> None:
    event = WriteOffProposed(
        write_off_id=uuid7(),
        order_id=uuid7(),
        entity_id=nobody_yet.entity,
        amount=Money.of("935.00", "EUR"),
        proposed_on=date(2026, 8, 3),
    )
    for _ in range(2):
        await handle(lambda ctx: write_off_proposed(ctx, event))

    async def found(who: Claims, **given: Any) -> Any:
        answer = await nobody_yet.api.ask(FIND, who=who, entity=nobody_yet.entity_id, **given)
        return answer.data["writeOffs"]["nodes"]

    waiting = [{"amount": {"amount": "935.00"}, "proposedOn": "2026-08-03", "approvedOn": None}]
    assert await found(BOARD, isApproved=False) == waiting
    assert await found(BOARD, isApproved=True) == []
    for role in ("credit_controller", "accountant", "auditor"):
        assert await found(Claims("x", frozenset({role}))) == waiting
    answer = await nobody_yet.api.ask(FIND, who=Claims("m"), entity=nobody_yet.entity_id)
    assert answer.codes == ["FORBIDDEN"]

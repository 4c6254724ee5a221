from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons import global_id
from commons.claims import Claims
from commons.clock import BusinessDayOpened
from commons.context import Ctx
from commons.database import Pools
from commons.money import Money
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from members.consumers.business_day_opened import business_day_opened
from members.consumers.payment_received import payment_received
from members.events.consumed import PaymentReceived

Handle = Callable[[Callable[[Ctx], Awaitable[Any]]], Awaitable[None]]
BOARD = Claims(subject="board", roles=frozenset({"board"}))

APPLY = """
mutation ($entity: ID!) {
  applyForMembership(entityId: $entity, givenName: "Ana", familyName: "Lambert", email: "ana@example.org",
                     birthDate: "1990-04-01", language: "fr") {
    ... on Member { id memberships { resignedOn admittedOn } }
    ... on Refusal { code }
  }
}
"""
SUBSCRIBE = """
mutation ($member: ID!, $entity: ID!, $quantity: Int!) {
  subscribeShares(memberId: $member, entityId: $entity, quantity: $quantity) {
    ... on ShareSubscription { reference }
    ... on Refusal { code message }
  }
}
"""
RESIGN = """
mutation ($member: ID!, $entity: ID!, $letter: Date! = "2026-06-05") {
  resignMembership(memberId: $member, entityId: $entity, letterDate: $letter) {
    ... on Member {
      memberships {
        admittedOn resignedOn shares value { amount } entitledUntil mayBringNewMoney maySpend mayVote
        redemptions { number quantity amount { amount } repaid { amount } open { amount } repayBy isOverdue }
      }
    }
    ... on Refusal { code message path facts }
  }
}
"""


class Joined:
    """Somebody who applied, and what can be done for them."""

    def __init__(self, api: AskedApi, handle: Handle, entity: UUID, subject: str) -> None:
        self.api, self.handle, self.entity, self.subject = api, handle, entity, subject
        self.entity_id = global_id.encode("BE", "Entity", entity)
        self.id = ""
        self.who = Claims(subject=subject)

    async def apply(self) -> dict[str, Any]:
        """Apply, and be the member behind the token from then on."""
        answer = await self.api.ask(APPLY, who=Claims(subject=self.subject), entity=self.entity_id)
        found: dict[str, Any] = answer.data["applyForMembership"]
        if "id" in found:
            self.id = found["id"]
            self.who = Claims(
                subject=self.subject, roles=frozenset({"member"}), member_id=global_id.decode(self.id).key
            )
        return found

    async def subscribe(self, quantity: int = 1) -> dict[str, Any]:
        """Promise to pay for shares."""
        answer = await self.api.ask(
            SUBSCRIBE, who=self.who, member=self.id, entity=self.entity_id, quantity=quantity
        )
        found: dict[str, Any] = answer.data["subscribeShares"]
        return found

    async def pay(self, reference: str, amount: str, day: date = date(2026, 6, 5)) -> None:
        """The bank says that the money arrived."""
        event = PaymentReceived(
            payment_id=uuid7(),
            entity_id=self.entity,
            reference=reference,
            amount=Money.of(amount, "EUR"),
            received_on=day,
        )
        await self.handle(lambda ctx: payment_received(ctx, event))

    async def admit(self, quantity: int = 1) -> None:
        """The whole way in."""
        await self.apply()
        subscription = await self.subscribe(quantity)
        await self.pay(subscription["reference"], f"{30 * quantity}.00")

    async def resign(self, who: Claims | None = None, **changes: Any) -> Any:
        """Send the letter; the answer as it came."""
        return await self.api.ask(
            RESIGN, who=who or self.who, member=self.id, entity=self.entity_id, **changes
        )


@pytest.fixture
async def ana(api: AskedApi, handle: Handle, entity: UUID) -> Joined:
    """A member with two paid shares."""
    joined = Joined(api, handle, entity, f"ana {entity}")
    await joined.admit(2)
    return joined


async def told(pools: Pools, member: str) -> list[str]:
    rows = await pools.read.fetch(
        "select type from outbox where agg_id = $1 order by agg_version", global_id.decode(member).key
    )
    return [row["type"].split(".")[1] for row in rows]


async def test_who_leaves_has_no_vote_and_no_new_money_and_may_spend_and_is_owed_what_the_shares_cost(
    pools: Pools, ana: Joined
) -> None:
    [membership] = (await ana.resign()).data["resignMembership"]["memberships"]
    assert membership == {
        "admittedOn": "2026-06-05",
        "resignedOn": "2026-06-05",
        "shares": 0,
        "value": {"amount": "0.00"},
        "entitledUntil": "2025-12-31",
        "mayBringNewMoney": False,
        "maySpend": True,
        "mayVote": False,
        "redemptions": [
            {
                "number": 2,
                "quantity": 2,
                "amount": {"amount": "60.00"},
                "repaid": {"amount": "0.00"},
                "open": {"amount": "60.00"},
                "repayBy": "2029-06-05",
                "isOverdue": False,
            }
        ],
    }
    assert (await told(pools, ana.id))[-2:] == ["ShareRedemptionRequested", "MemberResigned"]


async def test_the_letter_and_who_recorded_it_are_kept(pools: Pools, ana: Joined) -> None:
    await ana.resign(who=BOARD)
    row = await pools.read.fetchrow(
        "select letter_date, resigned_on, recorded_by, register_number from resignation where entity_id = $1",
        ana.entity,
    )
    assert row is not None
    assert tuple(row) == (date(2026, 6, 5), date(2026, 6, 5), "board", 2)


async def test_a_second_resignation_is_refused_and_writes_nothing(pools: Pools, ana: Joined) -> None:
    await ana.resign()
    entries = await pools.read.fetchval(
        "select count(*) from register_entry where entity_id = $1", ana.entity
    )
    refusal = (await ana.resign()).data["resignMembership"]
    assert (refusal["code"], refusal["facts"]) == ("AlreadyResigned", {"resigned_on": "2026-06-05"})
    assert (
        await pools.read.fetchval("select count(*) from register_entry where entity_id = $1", ana.entity)
        == entries
    )


@pytest.mark.parametrize(
    ("letter", "code"), [("2026-06-06", "LetterInTheFuture"), ("2026-06-04", "LetterBeforeAdmission")]
)
async def test_the_date_of_the_letter_lies_between_the_admission_and_today(
    ana: Joined, letter: str, code: str
) -> None:
    refusal = (await ana.resign(letter=letter)).data["resignMembership"]
    assert (refusal["code"], refusal["path"]) == (code, ["letterDate"])


async def test_who_never_paid_a_share_has_nothing_to_resign(
    api: AskedApi, handle: Handle, entity: UUID
) -> None:
    applicant = Joined(api, handle, entity, f"applicant {entity}")
    await applicant.apply()
    assert (await applicant.resign()).data["resignMembership"]["code"] == "NeverAdmitted"


@pytest.mark.parametrize("role", ["member", "adviser", "accountant", "operator", "auditor"])
async def test_nobody_but_the_board_enters_the_letter_of_somebody_else(ana: Joined, role: str) -> None:
    other = Claims(subject=role, roles=frozenset({role}), member_id=uuid7())
    assert (await ana.resign(who=other)).codes == ["FORBIDDEN"]


async def test_a_share_that_is_paid_after_the_letter_is_kept_for_a_person_to_give_back(
    pools: Pools, ana: Joined
) -> None:
    late = await ana.subscribe()
    await ana.resign()
    await ana.pay(late["reference"], "30.00")
    reason = await pools.read.fetchval(
        "select reason from unmatched_payment where entity_id = $1", ana.entity
    )
    assert reason == "cancelled"
    assert (await ana.subscribe())["code"] == "MembershipEnded"


async def test_who_left_may_come_back_and_begins_again(
    pools: Pools, handle: Handle, entity: UUID, ana: Joined
) -> None:
    await ana.resign()
    opened = BusinessDayOpened(entity_id=entity, day=date(2027, 1, 4))
    await handle(lambda ctx: business_day_opened(ctx, opened))
    [membership] = (await ana.apply())["memberships"]
    assert membership == {"resignedOn": None, "admittedOn": None}
    again = await ana.subscribe()
    await ana.pay(again["reference"], "30.00", date(2027, 1, 4))
    [membership] = (await ana.resign(letter="2027-01-04")).data["resignMembership"]["memberships"]
    assert [one["amount"]["amount"] for one in membership["redemptions"]] == ["60.00", "30.00"]
    assert (await told(pools, ana.id)).count("MemberAdmitted") == 2
    kinds = await pools.read.fetch(
        "select kind from register_entry where entity_id = $1 order by number", entity
    )
    assert [row["kind"] for row in kinds] == [
        "paid",
        "redemption_requested",
        "paid",
        "redemption_requested",
    ]


async def test_who_did_not_leave_cannot_apply_again(ana: Joined) -> None:
    assert await ana.apply() == {"code": "AlreadyApplied"}

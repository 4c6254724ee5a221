"""Two members work on one budget: neither can overspend it, and neither sees the other's payslip."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Failed, Refused
from tests.e2e.databases import Databases
from tests.e2e.house import House, Person, amount, answer_or_refusal, euros
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

OPENING, FIRST_DAY, LAST_DAY, DUE_DAY = (
    date(2026, 6, 8),
    date(2026, 7, 1),
    date(2026, 7, 31),
    date(2026, 8, 8),
)
BUDGET = Decimal("7480.00")  # 20 days at 400.00, less 6.5 %


async def test_two_members_are_paid_from_one_budget_that_neither_can_overspend_and_see_only_their_own_payslip(
    stack: Addresses, door: Door, databases: Databases
) -> None:
    gateway, http = door
    house = await House.founded(gateway, http, stack, name="Coopérative à Plusieurs SC", day=OPENING)
    await house.endow_the_fund()
    anna = await house.stranger("Anna", "Lemaire", date(1988, 2, 3))
    bruno = await house.stranger("Bruno", "Maes", date(1979, 5, 6))
    chloe = await house.stranger("Chloé", "Dubois", date(1992, 7, 8))
    await house.admit([anna, bruno])
    await house.apply(chloe)  # a person with an application and no share
    await asyncio.gather(*(_complete_profile(house, one) for one in (anna, bruno)))
    activity_id = await house.open_activity(anna, "A play for two")

    # ── Invited, accepted ────────────────────────────────────────────────────────────────────────────────────
    assert await _is_denied(bruno, "shared_activity", id=activity_id)
    with pytest.raises(Refused) as refused:
        await bruno.persona.ask("accept_invitation", activity_id=activity_id)
    assert refused.value.code == "InvitationUnknown"
    with pytest.raises(Refused) as refused:
        await bruno.persona.ask(
            "invite_participant", activity_id=activity_id, member_id=bruno.id, role="ADMINISTRATOR"
        )
    assert refused.value.code == "NotInActivity"
    for person, role in ((bruno, "PARTICIPANT"), (chloe, "OCCASIONAL_PARTICIPANT")):
        await anna.persona.ask("invite_participant", activity_id=activity_id, member_id=person.id, role=role)
        [invitation] = (await person.persona.ask("activity_invitations", member_id=person.id))["nodes"]
        assert (invitation["activityName"], invitation["role"], invitation["invitedBy"]["id"]) == (
            "A play for two",
            role,
            anna.id,
        )
    assert await _is_denied(bruno, "shared_activity", id=activity_id)
    for person in (bruno, chloe):
        await person.persona.ask("accept_invitation", activity_id=activity_id)
        with pytest.raises(Refused) as refused:
            await person.persona.ask("accept_invitation", activity_id=activity_id)
        assert refused.value.code == "InvitationUnknown"
    with pytest.raises(Refused) as refused:
        await anna.persona.ask(
            "invite_participant", activity_id=activity_id, member_id=bruno.id, role="ADMINISTRATOR"
        )
    assert refused.value.code == "AlreadyInActivity"

    # ── One order, one budget ────────────────────────────────────────────────────────────────────────────────
    client = await house.client(anna, name="Théâtre du Canal ASBL", contact="Sofie Janssens")
    with pytest.raises(Refused) as refused:
        await house.draft(bruno, activity_id, client, **_PLAY)
    assert refused.value.code == "NotAdministratorOfActivity"
    order = await house.draft(anna, activity_id, client, **_PLAY)
    link = await house.send(anna, order["id"], client)
    await gateway.nobody(client.contact).ask(
        "confirm_order", link=link.link, name=client.contact, consent=True
    )
    await house.is_covered(anna, order["id"])

    # ── Who sees what ────────────────────────────────────────────────────────────────────────────────────────
    for person in (anna, bruno):
        seen = await person.persona.ask("shared_activity", id=activity_id)
        assert amount(seen["balance"]["available"]) == BUDGET
        assert {(one["member"]["id"], one["role"]) for one in seen["participations"]} == {
            (anna.id, "ADMINISTRATOR"),
            (bruno.id, "PARTICIPANT"),
            (chloe.id, "OCCASIONAL_PARTICIPANT"),
        }
    assert (await chloe.persona.ask("activity_name", id=activity_id))["name"] == "A play for two"
    assert await _is_denied(chloe, "shared_activity", id=activity_id)
    assert await _is_denied(bruno, "activity", id=activity_id), "each line of the budget"
    assert await _is_denied(bruno, "order_buyer", id=order["id"])
    [seen] = (await bruno.persona.ask("shared_orders", activity_id=activity_id))["nodes"]
    assert (seen["id"], amount(seen["budget"])) == (order["id"], BUDGET)

    # ── Two ask at once for more than there is ───────────────────────────────────────────────────────────────
    await until(
        "payroll knows that Bruno works here",
        lambda: answer_or_refusal(bruno.persona, "request_contract", **_terms(order["id"], "1.00")),
        lambda answer: answer.code != "NotYours",
    )
    asked = await asyncio.gather(
        *(one.persona.ask("request_contract", **_terms(order["id"], "3000.00")) for one in (anna, bruno))
    )
    contracts = await asyncio.gather(
        *(_settled(one, contract["id"]) for one, contract in zip((anna, bruno), asked, strict=True))
    )
    assert sorted(one["refusalCode"] or "declared" for one in contracts) == ["BudgetTooSmall", "declared"]
    loser = bruno if contracts[0]["refusalCode"] is None else anna
    own = dict(zip((anna.id, bruno.id), (one["id"] for one in contracts), strict=True))
    balance = (await anna.persona.ask("shared_activity", id=activity_id))["balance"]
    assert (amount(balance["posted"]), amount(balance["held"])) == (BUDGET, Decimal("4080.00"))
    # What is left is enough for a smaller one: both have a contract from the one budget.
    smaller = await loser.persona.ask("request_contract", **_terms(order["id"], "2500.00"))
    assert (await _settled(loser, smaller["id"]))["refusalCode"] is None
    own[loser.id] = smaller["id"]
    balance = (await bruno.persona.ask("shared_activity", id=activity_id))["balance"]
    assert amount(balance["available"]) == 0

    # ── Each sees the own contract and payslip, and not the other's ──────────────────────────────────────────
    for me, other in ((anna, bruno), (bruno, anna)):
        assert await _is_denied(me, "contract", id=own[other.id])
        [seen] = (await me.persona.ask("shared_orders", activity_id=activity_id))["nodes"]
        assert {one["member"]["id"] for one in seen["contracts"]} == {me.id}
    await house.turn_to(LAST_DAY)
    await anna.persona.ask("issue_invoice", order_id=order["id"])
    await house.turn_to(DUE_DAY)
    payslips, paid = {}, []
    for one in (anna, bruno):
        payslips[one.id] = await _payslip_of(one, own[one.id])
        paid.append(await _paid(one, payslips[one.id]))
    assert sum(amount(one["laborCost"]) for one in paid) <= BUDGET
    for me, other in ((anna, bruno), (bruno, anna)):
        assert await _is_denied(me, "payslip", id=payslips[other.id])
    await databases.when_quiet()
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}


async def test_one_activity_gives_another_money_without_invoice_contribution_or_vat(
    stack: Addresses, door: Door, databases: Databases
) -> None:
    gateway, http = door
    house = await House.founded(gateway, http, stack, name="Coopérative des Vases SC", day=OPENING)
    await house.endow_the_fund()
    anna = await house.stranger("Anna", "Lemaire", date(1988, 2, 3))
    bruno = await house.stranger("Bruno", "Maes", date(1979, 5, 6))
    await house.admit([anna, bruno])
    giver = await house.open_activity(anna, "Stage")
    receiver = await house.open_activity(bruno, "Light")
    client = await house.client(anna, name="Théâtre du Canal ASBL", contact="Sofie Janssens")
    order = await house.draft(anna, giver, client, **_PLAY)
    link = await house.send(anna, order["id"], client)
    await gateway.nobody(client.contact).ask(
        "confirm_order", link=link.link, name=client.contact, consent=True
    )
    await house.is_covered(anna, order["id"])
    both = {"from_activity_id": giver, "to_activity_id": receiver}
    with pytest.raises(Refused) as refused:
        await bruno.persona.ask("transfer_budget", **both, amount=euros("935.00"))
    assert refused.value.code == "NotInActivity"
    with pytest.raises(Refused) as refused:
        await anna.persona.ask("transfer_budget", **both, amount=euros("7480.01"))
    assert (refused.value.code, refused.value.path) == ("BudgetTooSmall", ["amount"])
    await anna.persona.ask("transfer_budget", **both, amount=euros("935.00"))
    left = (await anna.persona.ask("activity", id=giver))["balance"]
    got = await bruno.persona.ask("activity", id=receiver)
    assert (amount(left["available"]), amount(got["balance"]["available"])) == (
        BUDGET - Decimal("935.00"),
        Decimal("935.00"),
    )
    assert [(one["code"], amount(one["amount"])) for one in got["ledgerEntries"]] == [
        ("budget_transfer", Decimal("935.00"))
    ]
    # Four who give at once cannot give more than there is.
    answers = await asyncio.gather(
        *(
            answer_or_refusal(anna.persona, "transfer_budget", **both, amount=euros("3000.00"))
            for _ in range(4)
        )
    )
    assert sorted("given" if isinstance(one, dict) else one.code for one in answers) == [
        "BudgetTooSmall",
        "BudgetTooSmall",
        "given",
        "given",
    ]
    balance = (await anna.persona.ask("activity", id=giver))["balance"]
    assert amount(balance["available"]) == BUDGET - Decimal("6935.00")
    await databases.when_quiet()
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}


_PLAY: dict[str, Any] = {
    "title": "A play",
    "quantity": 20,
    "unit_price": Decimal("400.00"),
    "start": FIRST_DAY,
    "end": LAST_DAY,
}


def _terms(order_id: str, gross: str) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "regime": "white_collar",
        "kind": "MONTH",
        "gross_wage": euros(gross),
        "start_date": FIRST_DAY,
        "end_date": LAST_DAY,
        "function_title": "Actor",
    }


async def _complete_profile(house: House, person: Person) -> None:
    await person.persona.ask(
        "complete_payroll_profile",
        member_id=person.id,
        entity_id=house.entity_id,
        national_number=person.national_number,
        iban=person.iban,
        holder_name=person.name,
        language="fr",
        family_situation={"spouse": "NONE", "children": 0, "isSingleParent": False},
    )
    await house.bank.open_account(person.iban)


async def _settled(person: Person, contract_id: str) -> dict[str, Any]:
    """The contract once it is declared or refused."""
    found: dict[str, Any] = await until(
        "the contract is declared or refused",
        lambda: person.persona.ask("contract", id=contract_id),
        lambda one: one["declaredOn"] is not None or one["refusalCode"] is not None,
    )
    return found


async def _payslip_of(person: Person, contract_id: str) -> str:
    """The id of the payslip of a contract, once there is one."""
    contract = await until(
        f"the payslip of {person.name}",
        lambda: person.persona.ask("contract", id=contract_id),
        lambda one: one["payslip"] is not None,
    )
    return str(contract["payslip"]["id"])


async def _paid(person: Person, payslip_id: str) -> dict[str, Any]:
    """The payslip, once its wage is paid."""
    found: dict[str, Any] = await until(
        f"the wage of {person.name} is paid",
        lambda: person.persona.ask("payslip", id=payslip_id),
        lambda one: one["state"] == "PAID",
    )
    return found


async def _is_denied(person: Person, name: str, **variables: Any) -> bool:
    try:
        await person.persona.ask(name, **variables)
    except Failed as failure:
        return set(failure.codes) == {"FORBIDDEN"}
    return False

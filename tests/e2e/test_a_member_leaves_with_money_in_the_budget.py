"""A member leaves with money in the budget: it stays theirs to spend, the shares come back, the vote is gone."""

from __future__ import annotations

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

OPENING, LETTER, LEAVING = date(2026, 6, 8), date(2026, 6, 12), date(2026, 6, 15)
FIRST_DAY, LAST_DAY, DUE_DAY = date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 8)
REPAYMENT, LAST_REPAYMENT = date(2027, 6, 14), date(2029, 6, 15)
FIRST_ASSEMBLY, SECOND_ASSEMBLY = date(2026, 7, 10), date(2026, 7, 15)
JULY: dict[str, Any] = {
    "title": "Drawings for a book",
    "quantity": 18,
    "unit_price": Decimal("320.00"),
    "start": FIRST_DAY,
    "end": LAST_DAY,
}
_AGENDA = [
    {
        "title": "Comptes",
        "kind": "ordinary",
        "texts": [{"language": "fr", "text": "Les comptes."}, {"language": "nl", "text": "De rekeningen."}],
    }
]


async def test_a_member_leaves_with_money_in_the_budget_spends_it_and_is_repaid_what_the_shares_cost(
    stack: Addresses, door: Door, databases: Databases
) -> None:
    gateway, http = door
    house = await House.founded(gateway, http, stack, name="Coopérative des Départs SC", day=OPENING)
    await house.endow_the_fund()
    anna = await house.stranger("Anna", "Lemaire", date(1988, 2, 3))
    bruno = await house.stranger("Bruno", "Maes", date(1979, 5, 6))
    await house.admit([anna, bruno])
    await house.subscribe(anna)  # a second share, for the year after
    await house.pay_share(anna)
    await house.import_statement()
    await until(
        "Anna holds two shares",
        lambda: house.membership(anna),
        lambda found: found is not None and found["shares"] == 2,
    )

    # Money in the budget, an offer that nobody has decided on, and an assembly called with Anna on its roll.
    activity_id = await house.open_activity(anna, "Illustration")
    client = await house.client(anna, name="Éditions du Canal SA", contact="Sofie Janssens")
    order_id = await _covered_order(house, anna, activity_id, client)
    other = await house.client(anna, name="Revue du Parc ASBL", contact="Tom Claes")
    offer = await house.draft(anna, activity_id, other, **JULY | {"title": "A second book"})
    undecided = await house.send(anna, offer["id"], other)
    await _complete_profile(house, anna)
    first_assembly = await _assembly(house, FIRST_ASSEMBLY, {anna.id, bruno.id})

    # ── Leaving ──────────────────────────────────────────────────────────────────────────────────────────────
    await house.turn_to(LEAVING)
    letter = {"member_id": anna.id, "entity_id": house.entity_id, "letter_date": LETTER}
    with pytest.raises(Failed) as denied:
        await bruno.persona.ask("resign_membership", **letter)
    assert denied.value.codes == ["FORBIDDEN"]
    before = await _register(house)
    await anna.persona.ask("resign_membership", **letter)
    left = await _own(house, anna)
    assert (left["shares"], left["resignedOn"]) == (0, LEAVING.isoformat())
    assert (left["mayBringNewMoney"], left["mayVote"], left["maySpend"]) == (False, False, True)
    [redemption] = left["redemptions"]
    assert (redemption["quantity"], amount(redemption["amount"])) == (2, Decimal("60.00"))
    assert (amount(redemption["open"]), redemption["repayBy"]) == (
        Decimal("60.00"),
        LAST_REPAYMENT.isoformat(),
    )
    with pytest.raises(Refused, match="resigned before") as again:
        await anna.persona.ask("resign_membership", **letter)
    assert again.value.code == "AlreadyResigned"

    # The register is added to and never edited; whoever is not accountant or board does not read it.
    after = await _register(house)
    assert after[: len(before)] == before
    assert [(one["kind"], one["quantity"]) for one in after[len(before) :]] == [("redemption_requested", 2)]
    with pytest.raises(Failed) as denied:
        await anna.persona.ask("share_redemptions", entity_id=house.entity_id)
    assert denied.value.codes == ["FORBIDDEN"]

    # ── No new money ─────────────────────────────────────────────────────────────────────────────────────────
    refusal = await until(
        "invoicing has heard that Anna left",
        lambda: answer_or_refusal(anna.persona, "open_activity", entity_id=house.entity_id, name="One more"),
        lambda answer: not isinstance(answer, dict),
    )
    assert (refusal.code, refusal.message) == (
        "MembershipEnded",
        "The membership was resigned: no new money comes in; what is in the budget may still be spent.",
    )
    with pytest.raises(Refused) as refused:
        await house.draft(anna, activity_id, client, **JULY)
    assert refused.value.code == "MembershipEnded"
    with pytest.raises(Refused) as refused:
        await anna.persona.ask("subscribe_shares", member_id=anna.id, entity_id=house.entity_id, quantity=1)
    assert refused.value.code == "MembershipEnded"
    buyer = gateway.nobody(other.contact)
    withdrawn = await buyer.ask("order_by_link", link=undecided.link)
    assert withdrawn["state"] == "WITHDRAWN"
    with pytest.raises(Refused) as refused:
        await buyer.ask("confirm_order", link=undecided.link, name=other.contact, consent=True)
    assert refused.value.code == "OrderAlreadyDecided"

    # ── The roll ─────────────────────────────────────────────────────────────────────────────────────────────
    second_assembly = await _assembly(house, SECOND_ASSEMBLY, {bruno.id})
    assert await _roll(house, first_assembly) == {anna.id, bruno.id}
    assert await _roll(house, second_assembly) == {bruno.id}

    # ── The budget is still hers: a contract, the invoice of what was agreed, the wage on its day ────────────
    contract_id = await _contract(anna, order_id, "3600.00")
    declared = await _settled(anna, contract_id)
    assert (declared["refusalCode"], declared["declaredOn"] is not None) == (None, True)
    await house.turn_to(LAST_DAY)
    invoice = await anna.persona.ask("issue_invoice", order_id=order_id)
    await house.turn_to(DUE_DAY)
    ended = await until(
        "the payslip is there",
        lambda: anna.persona.ask("contract", id=contract_id),
        lambda one: one["payslip"] is not None,
    )
    payslip = await until(
        "the wage is paid",
        lambda: anna.persona.ask("payslip", id=ended["payslip"]["id"]),
        lambda one: one["state"] == "PAID",
    )
    assert payslip["dueDate"] == DUE_DAY.isoformat()
    budget = (await anna.persona.ask("activity", id=activity_id))["balance"]
    assert amount(budget["posted"]) == Decimal("5385.60") - amount(payslip["laborCost"])
    assert amount(budget["held"]) == 0
    issued = await anna.persona.ask("invoice", id=invoice["id"])
    assert amount(issued["totalWithVat"]) == Decimal("6969.60")

    # ── The shares come back, at what was paid for them ──────────────────────────────────────────────────────
    await house.turn_to(REPAYMENT)
    accountant = house.staff.accountant
    number = redemption["number"]
    repay = {"entity_id": house.entity_id, "number": number}
    first = await accountant.ask("redeem_shares", **repay, amount=euros("25.00"))
    assert (amount(first["repaid"]), amount(first["open"])) == (Decimal("25.00"), Decimal("35.00"))
    with pytest.raises(Refused) as refused:
        await accountant.ask("redeem_shares", **repay, amount=euros("35.01"))
    assert refused.value.code == "InstalmentExceedsRedemption"
    await house.turn_to(LAST_REPAYMENT)
    await accountant.ask("redeem_shares", **repay, amount=euros("35.00"))
    with pytest.raises(Refused) as refused:
        await accountant.ask("redeem_shares", **repay, amount=euros("0.01"))
    assert refused.value.code == "InstalmentExceedsRedemption"
    [repaid] = (await _own(house, anna))["redemptions"]
    assert (amount(repaid["repaid"]), amount(repaid["open"])) == (Decimal("60.00"), Decimal("0.00"))
    owed = await house.staff.board.ask("share_redemptions", entity_id=house.entity_id)
    assert [(one["memberId"], amount(one["open"]), one["isOverdue"]) for one in owed["nodes"]] == [
        (anna.id, Decimal("0.00"), False)
    ]
    register = await _register(house)
    assert register[: len(after)] == after
    assert [one["number"] for one in register] == list(range(1, len(register) + 1))
    assert [(one["kind"], amount(one["amount"])) for one in register[len(after) :]] == [
        ("redemption_paid", Decimal("25.00")),
        ("redemption_paid", Decimal("35.00")),
    ]
    await databases.when_quiet()
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}


async def test_a_leaver_with_nothing_left_can_spend_nothing_and_is_owed_the_share_alone(
    stack: Addresses, door: Door, databases: Databases
) -> None:
    gateway, http = door
    house = await House.founded(gateway, http, stack, name="Coopérative des Riens SC", day=OPENING)
    await house.endow_the_fund()
    chloe = await house.stranger("Chloé", "Dubois", date(1992, 7, 8))
    dirk = await house.stranger("Dirk", "Peeters", date(1985, 1, 2))
    await house.admit([chloe])
    await house.apply(dirk)
    activity_id = await house.open_activity(chloe, "Nothing yet")
    with pytest.raises(Refused) as refused:
        await dirk.persona.ask(
            "resign_membership", member_id=dirk.id, entity_id=house.entity_id, letter_date=OPENING
        )
    assert refused.value.code == "NeverAdmitted"
    # A letter on paper: the board enters it.
    await house.staff.board.ask(
        "resign_membership", member_id=chloe.id, entity_id=house.entity_id, letter_date=OPENING
    )
    [redemption] = (await _own(house, chloe))["redemptions"]
    assert amount(redemption["open"]) == Decimal("30.00")
    balance = (await chloe.persona.ask("activity", id=activity_id))["balance"]
    assert {name: amount(value) for name, value in balance.items()} == {
        "posted": 0,
        "held": 0,
        "available": 0,
    }
    # Nobody is left who may vote.
    assert (await _own(house, chloe))["mayVote"] is False
    # The door stays open: whoever left may come back, as anybody else.
    chloe.persona = await gateway.persona("applicant", chloe.login, title=chloe.name)
    await house.admit([chloe])
    back = await until(
        "the new share is entered", lambda: _own(house, chloe), lambda own: bool(own["shares"] == 1)
    )
    assert (back["resignedOn"], back["mayBringNewMoney"]) == (None, True)
    await databases.when_quiet()
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}


async def _own(house: House, person: Person) -> dict[str, Any]:
    """A person's membership of the house, as the person sees it."""
    me = await person.persona.ask("my_memberships")
    [membership] = [one for one in me["memberships"] if one["entity"]["id"] == house.entity_id]
    found: dict[str, Any] = membership
    return found


async def _register(house: House) -> list[dict[str, Any]]:
    found = await house.staff.board.ask("share_register", entity_id=house.entity_id)
    nodes: list[dict[str, Any]] = found["nodes"]
    return nodes


async def _covered_order(house: House, person: Person, activity_id: str, client: Any) -> str:
    order = await house.draft(person, activity_id, client, **JULY)
    link = await house.send(person, order["id"], client)
    await house.gateway.nobody(client.contact).ask(
        "confirm_order", link=link.link, name=client.contact, consent=True
    )
    covered = await house.is_covered(person, order["id"])
    assert covered["cover"]["covered"]
    return str(order["id"])


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


async def _contract(person: Person, order_id: str, gross: str) -> str:
    contract = await person.persona.ask(
        "request_contract",
        order_id=order_id,
        regime="white_collar",
        kind="MONTH",
        gross_wage=euros(gross),
        start_date=FIRST_DAY,
        end_date=LAST_DAY,
        function_title="Illustrator",
    )
    return str(contract["id"])


async def _settled(person: Person, contract_id: str) -> dict[str, Any]:
    """The contract once it is declared or refused."""
    found: dict[str, Any] = await until(
        "the contract is declared or refused",
        lambda: person.persona.ask("contract", id=contract_id),
        lambda one: one["declaredOn"] is not None or one["refusalCode"] is not None,
    )
    return found


async def _assembly(house: House, day: date, voters: set[str]) -> str:
    """An assembly called today, with these on its roll."""

    async def called() -> str:
        meeting = await house.staff.board.ask(
            "convene_meeting",
            entity_id=house.entity_id,
            title="Assemblée générale",
            meeting_date=day,
            place="Rue du Travail 1",
            agenda=_AGENDA,
        )
        return str(meeting["id"])

    async def called_and_frozen() -> tuple[str, set[str]]:
        meeting_id = await called()
        await until(
            "the roll is frozen",
            lambda: house.staff.board.ask("meeting", id=meeting_id),
            lambda meeting: meeting["roll"] is not None,
        )
        return meeting_id, await _roll(house, meeting_id)

    # Governance hears of it a moment after the members service wrote it: called too early, it is called again.
    meeting_id, _ = await until(
        "the roll of the day",
        called_and_frozen,
        lambda found: found[1] == voters,
    )
    return meeting_id


async def _roll(house: House, meeting_id: str) -> set[str]:
    roll = await house.staff.returning_officer.ask("electoral_roll", meeting_id=meeting_id)
    return {line["member"]["id"] for line in roll["nodes"]}

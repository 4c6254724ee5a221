from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from commons import global_id
from commons.claims import ANONYMOUS, Claims
from commons.money import Money
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

DUE = date(2026, 8, 8)
OF_ORDER = """
query ($of: [_Any!]!) {
  _entities(representations: $of) {
    ... on Order { cover { covered amount { amount currency } decidedOn
                           reasons { rule passed required sentence facts source invented } } }
  }
}
"""
OF_PAYSLIP = """
query ($of: [_Any!]!) {
  _entities(representations: $of) {
    ... on Payslip { funding { state dueDate source fundedOn amount { amount } order { id } payslip { id } } }
  }
}
"""
FUND = """
query ($entity: ID!) {
  fund(entityId: $entity) { name posted { amount } held { amount } available { amount } }
}
"""
MOVEMENTS = """
query ($entity: ID!, $first: Int! = 20) {
  fund(entityId: $entity) {
    movements(first: $first) { kind day amount { amount } balanceAfter { amount } orderId }
  }
}
"""
ADVANCES = """
query ($entity: ID!, $first: Int! = 20, $after: String) {
  advances(entityId: $entity, first: $first, after: $after) {
    nodes { id orderId order { id } payslip { id } amount { amount } recovered { amount } outstanding { amount }
            grantedOn state }
    pageInfo { endCursor hasNextPage }
  }
}
"""
WAGES_DUE = """
query ($entity: ID!, $first: Int! = 20, $after: String) {
  wagesDue(entityId: $entity, first: $first, after: $after) {
    nodes { payslip { id } order { id } state dueDate amount { amount } source fundedOn }
    pageInfo { endCursor hasNextPage }
  }
}
"""
STRANGER = Claims(subject="stranger", roles=frozenset({"member"}), member_id=uuid7())


def staff(role: str) -> Claims:
    return Claims(subject=role, roles=frozenset({role}))


def member(cell: Any) -> Claims:
    return Claims(subject="member", roles=frozenset({"member"}), member_id=cell.member)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def node(type_name: str, key: UUID) -> str:
    return global_id.encode("BE", type_name, key)


async def cover(api: AskedApi, who: Claims, order: UUID) -> Any:
    answer = await api.ask(OF_ORDER, who=who, of=[{"__typename": "Order", "id": node("Order", order)}])
    return answer.data["_entities"][0]["cover"]


async def funding(api: AskedApi, who: Claims, payslip: UUID) -> Any:
    answer = await api.ask(
        OF_PAYSLIP, who=who, of=[{"__typename": "Payslip", "id": node("Payslip", payslip)}]
    )
    return answer.data["_entities"][0]["funding"]


async def test_a_member_reads_every_reason_of_the_verdict_on_an_own_order(api: AskedApi, funded: Any) -> None:
    order = await funded.confirm_order(buyer_country="CH")
    verdict = await cover(api, member(funded), order)
    assert (verdict["covered"], verdict["decidedOn"]) == (False, "2026-06-15")
    assert verdict["amount"] == {"amount": "0.00", "currency": "EUR"}
    [failed] = [reason for reason in verdict["reasons"] if not reason["passed"]]
    assert failed["sentence"] == "The client has its seat outside the European Union."
    assert failed["facts"] == {"buyer_country": "CH"}
    assert failed["required"]
    assert not failed["invented"]
    assert "smartde" in failed["source"]


async def test_a_verdict_is_nobody_elses_business(api: AskedApi, funded: Any) -> None:
    order = await funded.confirm_order()
    assert await cover(api, STRANGER, order) is None
    assert await cover(api, staff("returning_officer"), order) is None
    for role in ("adviser", "accountant", "credit_controller", "board", "auditor"):
        assert (await cover(api, staff(role), order))["covered"]
    assert await cover(api, staff("board"), uuid7()) is None
    nobody = await api.ask(OF_ORDER, who=ANONYMOUS, of=[{"__typename": "Order", "id": node("Order", order)}])
    assert nobody.codes == ["UNAUTHENTICATED"]


async def test_verdicts_of_several_members_asked_at_once_are_shown_row_by_row(
    api: AskedApi, funded: Any
) -> None:
    own, unknown = await funded.confirm_order(), uuid7()
    funded.member = uuid7()
    await funded.register()
    foreign = await funded.confirm_order()
    asked = [{"__typename": "Order", "id": node("Order", key)} for key in (foreign, own, unknown)]
    who = Claims(subject="m", roles=frozenset({"member"}), member_id=funded.member)
    answer = await api.ask(OF_ORDER, who=who, of=asked)
    assert [row["cover"] is not None for row in answer.data["_entities"]] == [True, False, False]


async def test_a_member_follows_the_funding_of_an_own_wage(api: AskedApi, funded: Any) -> None:
    order = await funded.confirm_order()
    payslip = await funded.compute_payslip(order)
    who = member(funded)
    assert await funding(api, who, payslip) == {
        "state": "HELD",
        "dueDate": "2026-08-08",
        "source": None,
        "fundedOn": None,
        "amount": {"amount": "935.00"},
        "order": {"id": node("Order", order)},
        "payslip": {"id": node("Payslip", payslip)},
    }
    await funded.open_day(DUE)
    funded_wage = await funding(api, who, payslip)
    assert (funded_wage["state"], funded_wage["source"]) == ("FUNDED", "advance")
    assert funded_wage["fundedOn"] == "2026-08-08"
    await funded.pay_wage(payslip)
    assert (await funding(api, who, payslip))["state"] == "PAID"
    assert await funding(api, STRANGER, payslip) is None
    assert (await funding(api, staff("payroll_officer"), payslip))["state"] == "PAID"


async def test_the_wage_is_shown_to_whom_it_is_paid_and_not_to_whose_order_it_is(
    api: AskedApi, funded: Any
) -> None:
    order = await funded.confirm_order()
    payslip = await funded.compute_payslip(order, member_id=STRANGER.member_id)
    assert await funding(api, member(funded), payslip) is None
    assert (await funding(api, STRANGER, payslip))["state"] == "HELD"


async def test_the_business_day_is_shown_so_that_a_client_can_wait_for_it(api: AskedApi, cell: Any) -> None:
    text = (
        "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Entity { guaranteeBusinessDay } } }"
    )
    asked = [{"__typename": "Entity", "id": node("Entity", key)} for key in (cell.entity, uuid7())]
    answer = await api.ask(text, who=STRANGER, of=asked)
    assert [row["guaranteeBusinessDay"] for row in answer.data["_entities"]] == ["2026-06-05", None]


async def test_every_member_sees_how_much_is_in_the_fund_and_only_staff_sees_its_book(
    api: AskedApi, funded: Any
) -> None:
    order = await funded.confirm_order()
    await funded.compute_payslip(order)
    entity = node("Entity", funded.entity)
    fund = (await api.ask(FUND, who=STRANGER, entity=entity)).data["fund"]
    assert [fund[part]["amount"] for part in ("posted", "held", "available")] == [
        "10000.00",
        "935.00",
        "9065.00",
    ]
    denied = await api.ask(MOVEMENTS, who=STRANGER, entity=entity)
    assert denied.codes == ["FORBIDDEN"]
    assert (await api.ask(FUND, entity=entity)).codes == ["UNAUTHENTICATED"]


async def test_the_book_of_the_fund_names_the_order_behind_each_movement(api: AskedApi, funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    await funded.compute_payslip(order)
    await funded.open_day(DUE)
    await funded.pay_invoice(order, invoice)
    entity, order_id = node("Entity", funded.entity), node("Order", order)
    answer = await api.ask(MOVEMENTS, who=staff("auditor"), entity=entity)
    lines = answer.data["fund"]["movements"]
    assert [(line["kind"], line["amount"]["amount"], line["orderId"]) for line in lines] == [
        ("RECOVERY", "935.00", order_id),
        ("ADVANCE", "-935.00", order_id),
        ("ENDOWMENT", "10000.00", None),
    ]
    assert [line["balanceAfter"]["amount"] for line in lines] == ["10000.00", "9065.00", "10000.00"]
    newest = await api.ask(MOVEMENTS, who=staff("board"), entity=entity, first=1)
    assert newest.data["fund"]["movements"] == lines[:1]


async def test_an_entity_without_a_fund_has_none(api: AskedApi, cell: Any) -> None:
    assert (await api.ask(FUND, who=STRANGER, entity=node("Entity", cell.entity))).data["fund"] is None


async def test_advances_come_in_pages_with_what_is_outstanding(api: AskedApi, funded: Any) -> None:
    order = await funded.confirm_order()
    invoice = await funded.issue_invoice(order)
    for cost in ("500.00", "300.00", "135.00"):
        await funded.compute_payslip(order, labor_cost=eur(cost))
    await funded.open_day(DUE)
    await funded.pay_invoice(order, invoice, "600.00")
    entity = node("Entity", funded.entity)
    page = (await api.ask(ADVANCES, who=staff("credit_controller"), entity=entity, first=2)).data["advances"]
    assert page["pageInfo"]["hasNextPage"]
    rest = await api.ask(ADVANCES, who=staff("board"), entity=entity, after=page["pageInfo"]["endCursor"])
    nodes = [*page["nodes"], *rest.data["advances"]["nodes"]]
    assert {each["orderId"] for each in nodes} == {node("Order", order)}
    shown = {
        each["amount"]["amount"]: (each["recovered"]["amount"], each["outstanding"]["amount"], each["state"])
        for each in nodes
    }
    assert sum(eur(recovered).minor for recovered, _, _ in shown.values()) == 60_000
    for amount, (recovered, outstanding, state) in shown.items():
        assert eur(amount) == eur(recovered) + eur(outstanding)
        assert state == ("RECOVERED" if outstanding == "0.00" else "OPEN")
    again = await api.ask(
        "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Advance { id } } }",
        who=staff("accountant"),
        of=[{"__typename": "Advance", "id": nodes[0]["id"]}],
    )
    assert again.data["_entities"] == [{"id": nodes[0]["id"]}]


async def test_wages_due_show_what_is_held_what_is_collected_and_what_has_no_money_yet(
    api: AskedApi, cell: Any
) -> None:
    unheld = await cell.compute_payslip(await cell.confirm_order(), due_date=date(2026, 8, 6))
    await cell.open_fund()
    order = await cell.confirm_order()
    invoice = await cell.issue_invoice(order)
    collected = await cell.compute_payslip(order, due_date=date(2026, 8, 7))
    await cell.pay_invoice(order, invoice, day=date(2026, 8, 1))
    held = await cell.compute_payslip(await cell.confirm_order())
    entity = node("Entity", cell.entity)
    found = []
    after = None
    for _ in range(3):
        page = (await api.ask(WAGES_DUE, who=staff("board"), entity=entity, first=1, after=after)).data
        found += page["wagesDue"]["nodes"]
        after = page["wagesDue"]["pageInfo"]["endCursor"]
    assert not page["wagesDue"]["pageInfo"]["hasNextPage"]
    assert [(each["payslip"]["id"], each["state"]) for each in found] == [
        (node("Payslip", unheld), "NOT_HELD"),
        (node("Payslip", collected), "COLLECTED"),
        (node("Payslip", held), "HELD"),
    ]
    await cell.open_day(DUE)
    page = (await api.ask(WAGES_DUE, who=staff("payroll_officer"), entity=entity)).data
    assert page["wagesDue"]["nodes"] == []
    await cell.check_books()


@pytest.mark.parametrize("query", [ADVANCES, WAGES_DUE])
async def test_advances_and_wages_due_are_for_staff(api: AskedApi, funded: Any, query: str) -> None:
    entity = node("Entity", funded.entity)
    assert (await api.ask(query, who=member(funded), entity=entity)).codes == ["FORBIDDEN"]
    assert (await api.ask(query, entity=entity)).codes == ["UNAUTHENTICATED"]
    assert "errors" not in (await api.ask(query, who=staff("auditor"), entity=entity)).body


@pytest.mark.parametrize("after", ["x", "eyJhIjoxfQ", "WyIyMDI2LTA4LTA4Il0"])
async def test_a_cursor_of_another_list_is_refused(api: AskedApi, funded: Any, after: str) -> None:
    entity = node("Entity", funded.entity)
    answer = await api.ask(WAGES_DUE, who=staff("board"), entity=entity, after=after)
    assert answer.codes == ["BAD_USER_INPUT"]

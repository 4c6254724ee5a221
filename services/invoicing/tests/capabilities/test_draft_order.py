from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from commons.claims import Claims
from commons.database import Pools
from commons.money import Money
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.domain.errors import MembershipNotPaid, NotInActivity, UnknownParty

DRAFT = """
mutation ($activity: ID!, $buyer: ID!, $title: String! = "Site web", $lines: [OrderLineInput!]!, $term: Int,
          $until: Date, $key: ID) {
  draftOrder(activityId: $activity, buyerId: $buyer, title: $title, lines: $lines, paymentTermDays: $term,
             validUntil: $until, idempotencyKey: $key) {
    __typename
    ... on Order {
      id number title state validUntil paymentTermDays startDate endDate
      totalWithoutVat { amount currency } totalVat { amount } totalWithVat { amount }
      contribution { amount } budget { amount }
      vatBreakdown { categoryCode rate taxableAmount { amount } taxAmount { amount } exemptionReason }
      buyer { name email } activity { name } member { id }
      lines { position description quantity unitPrice netAmount { amount } }
    }
    ... on Refusal { code message path facts }
  }
}
"""
LINE = {
    "description": "Création d'un site",
    "nature": "service",
    "quantity": "10",
    "unit": "DAY",
    "unitPrice": {"amount": "100.00", "currency": "EUR"},
    "firstDay": "2026-07-01",
    "lastDay": "2026-07-31",
}


async def ask(
    api: AskedApi, desk: Any, *lines: dict[str, Any], who: Claims | None = None, **more: Any
) -> Any:
    answer = await api.ask(
        DRAFT,
        who=who or desk.who,
        activity=desk.id("Activity", desk.activity),
        buyer=desk.id("Party", desk.buyer),
        lines=list(lines) or [LINE],
        **more,
    )
    return answer.data["draftOrder"]


async def test_an_order_shows_its_price_its_vat_the_contribution_and_the_budget(
    api: AskedApi, desk: Any
) -> None:
    order = await ask(api, desk)
    assert order["state"] == "DRAFT"
    assert order["number"] == "O2026-000001"
    assert order["totalWithoutVat"] == {"amount": "1000.00", "currency": "EUR"}
    assert order["totalVat"] == {"amount": "210.00"}
    assert order["totalWithVat"] == {"amount": "1210.00"}
    assert order["contribution"] == {"amount": "65.00"}
    assert order["budget"] == {"amount": "935.00"}
    assert [row["rate"] for row in order["vatBreakdown"]] == ["0.21"]
    assert (order["startDate"], order["endDate"]) == ("2026-07-01", "2026-07-31")
    assert (order["paymentTermDays"], order["validUntil"]) == (10, "2026-07-05")
    assert order["buyer"] == {"name": "Client SA", "email": "client@example.org"}
    assert order["activity"] == {"name": "Atelier Web"}
    assert order["member"] == {"id": desk.id("Member", desk.member)}


async def test_a_german_company_accounts_for_the_vat_itself(api: AskedApi, desk: Any) -> None:
    desk.buyer = (
        await desk.register_buyer(name="Kunde GmbH", country="DE", vat_number="DE136695976", language="de")
    ).key
    order = await ask(api, desk)
    assert order["totalVat"] == {"amount": "0.00"}
    assert order["vatBreakdown"][0]["categoryCode"] == "AE"
    assert order["vatBreakdown"][0]["exemptionReason"] == "Steuerschuldnerschaft des Leistungsempfängers"


async def test_the_numbers_of_orders_have_no_gap_although_drafts_are_refused(
    api: AskedApi, desk: Any
) -> None:
    assert (await ask(api, desk))["number"] == "O2026-000001"
    assert (await ask(api, desk, {**LINE, "nature": "magic"}))["code"] == "NatureUnknown"
    assert (await ask(api, desk))["number"] == "O2026-000002"


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"unitPrice": {"amount": "-1.00", "currency": "EUR"}}, "NegativeUnitPrice", ["unitPrice", "amount"]),
        ({"unitPrice": {"amount": "0.00", "currency": "EUR"}}, "OrderPriceZero", None),
        ({"unitPrice": {"amount": "1.005", "currency": "EUR"}}, "AmountTooPrecise", ["unitPrice"]),
        ({"unitPrice": {"amount": "9" * 15, "currency": "EUR"}}, "AmountOutOfRange", ["unitPrice"]),
        ({"unitPrice": {"amount": "9" * 12, "currency": "EUR"}}, "AmountOutOfRange", None),
        ({"unitPrice": {"amount": "9" * 13, "currency": "EUR"}}, "AmountOutOfRange", []),
        ({"firstDay": "1999-01-01", "lastDay": "1999-02-01"}, "ValueNotInForce", None),
        ({"unitPrice": {"amount": "1.00", "currency": "SEK"}}, "CurrencyMismatch", ["unitPrice", "currency"]),
        ({"unitPrice": {"amount": "1.00", "currency": "USD"}}, "UnknownCurrency", ["unitPrice"]),
        ({"quantity": "0"}, "QuantityOutOfRange", ["quantity"]),
        ({"quantity": "-3"}, "QuantityOutOfRange", ["quantity"]),
        ({"quantity": "100001"}, "QuantityOutOfRange", ["quantity"]),
        ({"quantity": "0.00001"}, "QuantityOutOfRange", ["quantity"]),
        ({"unit": "LIGHTYEAR"}, "UnitUnknown", ["unit"]),
        ({"nature": "magic"}, "NatureUnknown", ["nature"]),
        ({"lastDay": "2026-06-30"}, "DatesReversed", ["lastDay"]),
        ({"description": "Site \u202eofni"}, "TextNotPlain", ["description"]),
        ({"description": " "}, "TextTooShort", ["description"]),
    ],
)
async def test_what_cannot_be_charged_is_refused_at_its_place(
    api: AskedApi, desk: Any, wrong: dict[str, Any], code: str, path: list[str] | None
) -> None:
    refusal = await ask(api, desk, {**LINE, **wrong})
    assert refusal["code"] == code
    assert refusal["path"] == (["lines"] if path is None else ["lines", "0", *path])


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "12,50", ""])
async def test_what_is_no_number_does_not_enter(api: AskedApi, desk: Any, amount: str) -> None:
    answer = await api.ask(
        DRAFT,
        who=desk.who,
        activity=desk.id("Activity", desk.activity),
        buyer=desk.id("Party", desk.buyer),
        lines=[{**LINE, "quantity": amount}],
    )
    assert answer.codes or answer.data["draftOrder"]["code"] == "QuantityOutOfRange"


async def test_an_order_has_lines_a_lawful_term_and_a_day_to_come(api: AskedApi, desk: Any) -> None:
    none = await api.ask(
        DRAFT,
        who=desk.who,
        activity=desk.id("Activity", desk.activity),
        buyer=desk.id("Party", desk.buyer),
        lines=[],
    )
    assert none.data["draftOrder"]["code"] == "OrderHasNoLines"
    assert (await ask(api, desk, *([LINE] * 101)))["code"] == "TooManyItems"
    assert (await ask(api, desk, term=61))["code"] == "PaymentTermTooLong"
    assert (await ask(api, desk, term=-1))["path"] == ["paymentTermDays"]
    assert (await ask(api, desk, until="2026-06-04"))["code"] == "OrderExpired"
    assert (await ask(api, desk, until="2030-01-01"))["code"] == "ValidityTooLong"


async def test_new_money_needs_a_share_paid_for_the_year(api: AskedApi, desk: Any) -> None:
    await desk.open_day(date(2026, 12, 31))
    assert (await ask(api, desk))["__typename"] == "Order"
    await desk.open_day(date(2027, 1, 1))
    refusal = await ask(api, desk)
    assert refusal["code"] == "MembershipNotPaid"
    assert refusal["message"] == (
        "A share for this year is not paid; the existing budget may still be spent."
    )


async def test_nobody_drafts_on_the_activity_of_somebody_else(api: AskedApi, desk: Any) -> None:
    other = uuid7()
    await desk.join(other)
    who = Claims(subject="other", roles=frozenset({"member"}), member_id=other)
    assert (await ask(api, desk, who=who))["code"] == NotInActivity.__name__


async def test_a_client_of_another_member_or_entity_is_unknown(api: AskedApi, desk: Any) -> None:
    mine, desk.buyer = desk.buyer, uuid7()
    assert (await ask(api, desk))["code"] == UnknownParty.__name__
    other = uuid7()
    await desk.join(other)
    member, desk.member = desk.member, other
    desk.buyer = UUID((await desk.register_buyer()).key)
    desk.member = member
    assert (await ask(api, desk))["path"] == ["buyerId"]
    desk.buyer = mine
    assert (await ask(api, desk))["__typename"] == "Order"


async def test_the_same_draft_sent_twice_with_its_key_is_one_order(api: AskedApi, desk: Any) -> None:
    first = await ask(api, desk, key="draft-1")
    assert (await ask(api, desk, key="draft-1"))["id"] == first["id"]


async def test_sql_in_a_title_is_only_a_title(api: AskedApi, pools: Pools, desk: Any) -> None:
    title = "x'); drop table sales_order; --"
    assert (await ask(api, desk, title=title))["title"] == title
    assert await pools.read.fetchval("select count(*) from sales_order") > 0


async def test_cents_are_rounded_once_a_line(desk: Any, line: Any) -> None:
    row = await desk.draft(
        *[line(quantity=Decimal("0.5"), unit_price=Money.of("0.01", "EUR"))] * 3,
    )
    assert row.total_without_vat == Money.of("0.03", "EUR")
    assert row.contribution + row.budget() == row.total_without_vat


async def test_a_member_without_any_share_brings_no_money(desk: Any) -> None:
    other = uuid7()
    await desk.join(other, entitled_until=None)
    await desk.pools.write.execute(
        "insert into activity_participation (activity_id, member_id, role) values ($1, $2, 'administrator')",
        desk.activity,
        other,
    )
    desk.member = other
    with pytest.raises(MembershipNotPaid):
        await desk.draft()

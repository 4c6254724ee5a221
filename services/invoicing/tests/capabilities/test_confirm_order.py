from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from commons.claims import ANONYMOUS, Claims
from commons.country import Country
from commons.database import Pools, transaction
from commons.dated import Dated, Span
from commons.refusal import Refusal
from commons.testing import SetClock, a_ctx
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.capabilities.confirm_order import confirm_order
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.domain.contribution import Percentage
from invoicing.domain.link import sign_link
from invoicing.service import Invoicing

CONFIRM = """
mutation ($link: String!, $name: String! = "Jeanne Dupont", $consent: Boolean! = true, $language: String) {
  confirmOrder(link: $link, name: $name, consent: $consent, language: $language) {
    ... on OrderOffer { state number confirmedOn totalWithVat { amount } }
    ... on Refusal { code message path }
  }
}
"""
REFUSE = """
mutation ($link: String!, $reason: String! = "") {
  refuseOrder(link: $link, reason: $reason) {
    ... on OrderOffer { state cancelledOn }
    ... on Refusal { code path }
  }
}
"""
READ = """
query ($link: String!, $language: String) {
  orderByLink(link: $link, language: $language) {
    state number title sellerName buyerName activityName consentSentence terms validUntil
    lines { description } totalWithVat { amount }
  }
}
"""


def rate_since(service: Invoicing, day: date, rate: str) -> Invoicing:
    """The service in a house whose contribution has another rate from a day on."""
    known = service.rules.contributions["mutualized"]
    [before] = known.spans
    after = Span(day, replace(before.value, shape=Percentage(Decimal(rate))))
    rules = replace(service.rules, contributions={"mutualized": Dated.of(known.name, [before, after])})
    return replace(service, rules=rules)


async def confirm(api: AskedApi, link: str, **more: Any) -> Any:
    return (await api.ask(CONFIRM, link=link, **more)).data["confirmOrder"]


async def test_the_contribution_is_that_of_the_day_of_confirmation(
    desk: Any, service: Invoicing, judge_of_invoices: Any
) -> None:
    desk.service = rate_since(service, date(2026, 6, 10), "0.08")
    drafted, before = await desk.send(), await desk.confirm()
    await desk.open_day(date(2026, 6, 10))
    token = await desk.token(drafted)
    await desk.do(lambda ctx: confirm_order(ctx, link=token, name="J", consent=True), ANONYMOUS)
    await desk.cover(before)
    await desk.cover(drafted)
    assert await desk.balance() == ("1855.00", "0.00")
    await desk.open_day(date(2026, 7, 31))
    for order, contribution in ((before, "6500"), (drafted, "8000")):
        assert (await desk.body(order, "OrderConfirmed"))["contribution"]["minor"] == contribution
        invoice = await desk.do(partial(issue_invoice, order_id=order), desk.who)
        assert (await desk.body(invoice.key, "InvoiceIssued"))["contribution"]["minor"] == contribution
        assert (await desk.body(invoice.key, "ContributionLevied"))["amount"]["minor"] == contribution
    assert await desk.balance() == ("1855.00", "0.00")


async def test_the_buyer_reads_again_and_again_and_confirms_without_an_account(
    api: AskedApi, desk: Any
) -> None:
    order = await desk.send()
    link = await desk.token(order)
    for _ in range(2):
        offer = (await api.ask(READ, link=link)).data["orderByLink"]
        assert (offer["state"], offer["buyerName"], offer["activityName"]) == (
            "OPEN",
            "Client SA",
            "Atelier Web",
        )
    confirmed = await confirm(api, link)
    assert (confirmed["state"], confirmed["confirmedOn"]) == ("CONFIRMED", "2026-06-05")
    assert (await api.ask(READ, link=link)).data["orderByLink"]["state"] == "CONFIRMED"
    body = await desk.body(order, "OrderConfirmed")
    assert body["confirmed_by"] == "buyer"
    assert body["price"] == {"minor": "100000", "currency": "EUR"}
    assert body["contribution"] == {"minor": "6500", "currency": "EUR"}
    assert (body["start_date"], body["end_date"]) == ("2026-07-01", "2026-07-31")
    assert (body["buyer_country"], body["buyer_is_taxable"]) == ("BE", True)


async def test_the_sentence_that_was_read_is_the_sentence_that_is_kept(
    api: AskedApi, pools: Pools, desk: Any
) -> None:
    order = await desk.send()
    link = await desk.token(order)
    read = (await api.ask(READ, link=link, language="nl")).data["orderByLink"]["consentSentence"]
    await confirm(api, link, language="nl")
    row = await pools.read.fetchrow("select consent, confirmed_name from sales_order where id = $1", order)
    assert row is not None
    assert (row["consent"], row["confirmed_name"]) == (read, "Jeanne Dupont")
    assert "bevestig" in read


async def test_one_decision_stands(api: AskedApi, desk: Any) -> None:
    order = await desk.send()
    link = await desk.token(order)
    await confirm(api, link)
    assert (await confirm(api, link))["code"] == "OrderAlreadyDecided"
    refusal = (await api.ask(REFUSE, link=link)).data["refuseOrder"]
    assert refusal["code"] == "OrderAlreadyDecided"
    assert await desk.told(order) == ["OrderConfirmed"]


async def test_two_decisions_at_the_same_moment_leave_one(api: AskedApi, desk: Any) -> None:
    order = await desk.send()
    link = await desk.token(order)
    answers = await asyncio.gather(
        api.ask(CONFIRM, link=link), api.ask(REFUSE, link=link), api.ask(CONFIRM, link=link)
    )
    codes = [next(iter(answer.data.values())).get("code") for answer in answers]
    assert sorted(code or "" for code in codes) == ["", "OrderAlreadyDecided", "OrderAlreadyDecided"]
    assert len(await desk.told(order)) == 1


async def test_without_consent_or_name_nothing_is_confirmed(api: AskedApi, desk: Any) -> None:
    link = await desk.token(await desk.send())
    assert (await confirm(api, link, consent=False))["path"] == ["consent"]
    assert (await confirm(api, link, name="  "))["path"] == ["name"]
    assert (await confirm(api, link, name="J" * 121))["code"] == "TextTooLong"
    assert (await confirm(api, link, name="Jeanne \u202etnopuD"))["code"] == "TextNotPlain"
    assert (await confirm(api, link, name="'); drop table party; --"))["state"] == "CONFIRMED"


async def test_a_link_that_was_tampered_with_or_signed_by_somebody_else_opens_nothing(
    api: AskedApi, desk: Any
) -> None:
    order, other = await desk.send(), await desk.send()
    link = await desk.token(order)
    raw = bytearray(base64.urlsafe_b64decode(link + "=" * (-len(link) % 4)))
    raw[1:17] = other.bytes
    swapped = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    later = datetime.now(UTC) + timedelta(days=1)
    forged = sign_link(b"x" * 32, order_id=order, purpose="order", expires_at=later)
    elsewhere = sign_link(desk.service.links.key, order_id=order, purpose="payslip", expires_at=later)
    unsent = desk.service.links.sign(UUID((await desk.draft()).key), later)
    for wrong in (swapped, forged, elsewhere, unsent, link[:-1], link + "A", "", "é", "../../x", "A" * 200):
        assert (await confirm(api, wrong))["code"] == "LinkNotValid", wrong
        answer = await api.ask(READ, link=wrong)
        assert answer.body["errors"][0]["extensions"]["refusal"]["code"] == "LinkNotValid"
    assert await desk.told(order) == await desk.told(other) == []


async def test_an_order_is_not_confirmed_after_its_last_valid_day(api: AskedApi, desk: Any) -> None:
    link = await desk.token(await desk.send(valid_until=date(2026, 6, 10)))
    await desk.open_day(date(2026, 6, 11))
    assert (await confirm(api, link))["code"] == "OrderExpired"
    assert (await api.ask(READ, link=link)).data["orderByLink"]["state"] == "EXPIRED"


async def test_a_link_ends_thirty_real_days_after_sending_where_days_are_simulated(
    pools: Pools, belgium: Country, service: Invoicing, desk: Any
) -> None:
    link = await desk.token(await desk.send())

    async def code(days: float) -> str:
        clock = SetClock(datetime.now(UTC) + timedelta(days=days))
        try:
            async with transaction(pools.write) as db:
                ctx = a_ctx(db, service=service, country=belgium, who=ANONYMOUS, clock=clock)
                await confirm_order(ctx, link=link, name="J", consent=False)
        except Refusal as refusal:
            return refusal.code
        return ""

    assert await code(29.9) == "ConsentMissing"
    assert await code(30.1) == "LinkExpired"


async def test_neither_the_member_nor_anybody_with_a_role_confirms_as_the_buyer(
    api: AskedApi, desk: Any
) -> None:
    order = await desk.send()
    link = await desk.token(order)
    own = Claims(subject="own", member_id=desk.member)
    adviser = Claims(subject="adviser", roles=frozenset({"adviser"}))
    colleague = Claims(subject="colleague", roles=frozenset({"member"}), member_id=uuid7())
    for who in (desk.who, own, adviser, colleague):
        refusal = await confirm(api, link, who=who)
        assert (refusal["code"], refusal["message"]) == (
            "BuyerMustDecide",
            "Only the buyer decides, through the link in the letter.",
        )
    assert await desk.told(order) == []


async def test_a_buyer_who_is_signed_in_without_a_role_confirms(api: AskedApi, desk: Any) -> None:
    link = await desk.token(await desk.send())
    assert (await confirm(api, link, who=Claims(subject="applicant")))["state"] == "CONFIRMED"

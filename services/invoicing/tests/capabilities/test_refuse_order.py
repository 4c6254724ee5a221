from __future__ import annotations

from typing import Any

from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi

REFUSE = """
mutation ($link: String!, $reason: String! = "") {
  refuseOrder(link: $link, reason: $reason) {
    ... on OrderOffer { state cancelledOn }
    ... on Refusal { code path }
  }
}
"""


async def test_the_buyer_refuses_with_a_reason_that_is_not_told_to_others(
    api: AskedApi, pools: Pools, desk: Any
) -> None:
    order = await desk.send()
    refused = (await api.ask(REFUSE, link=await desk.token(order), reason="Trop\ncher")).data["refuseOrder"]
    assert (refused["state"], refused["cancelledOn"]) == ("REFUSED", "2026-06-05")
    assert (
        await pools.read.fetchval("select cancel_reason from sales_order where id = $1", order)
        == "Trop\ncher"
    )
    assert (await desk.body(order, "OrderCancelled"))["reason"] == "refused_by_buyer"


async def test_a_refused_order_is_not_refused_again_and_an_empty_reason_is_one(
    api: AskedApi, desk: Any
) -> None:
    order = await desk.send()
    link = await desk.token(order)
    assert (await api.ask(REFUSE, link=link)).data["refuseOrder"]["state"] == "REFUSED"
    assert (await api.ask(REFUSE, link=link)).data["refuseOrder"]["code"] == "OrderAlreadyDecided"
    assert await desk.told(order) == ["OrderCancelled"]


async def test_a_reason_is_plain_text_of_a_bounded_length(api: AskedApi, desk: Any) -> None:
    link = await desk.token(await desk.send())
    for reason, code in (("x" * 1001, "TextTooLong"), ("a\x00b", "TextNotPlain"), ("\u202e", "TextNotPlain")):
        refusal = (await api.ask(REFUSE, link=link, reason=reason)).data["refuseOrder"]
        assert (refusal["code"], refusal["path"]) == (code, ["reason"])


async def test_neither_the_member_nor_anybody_with_a_role_refuses_as_the_buyer(
    api: AskedApi, desk: Any
) -> None:
    order = await desk.send()
    link = await desk.token(order)
    for who in (desk.who, Claims(subject="adviser", roles=frozenset({"adviser"}))):
        refusal = (await api.ask(REFUSE, who=who, link=link)).data["refuseOrder"]
        assert refusal["code"] == "BuyerMustDecide"
    assert await desk.told(order) == []

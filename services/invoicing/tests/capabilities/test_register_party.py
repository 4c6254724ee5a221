from __future__ import annotations

from typing import Any

import pytest

from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

REGISTER = """
mutation ($entity: ID!, $name: String! = "Client SA", $country: String! = "BE", $vat: String! = "BE 0202.239.951",
          $email: String! = "client@example.org", $language: String! = "fr") {
  registerParty(entityId: $entity, name: $name, street: "Rue 1", postCode: "1000", city: "Bruxelles",
                country: $country, email: $email, language: $language, vatNumber: $vat) {
    ... on Party { id name vatNumber country email }
    ... on Refusal { code path }
  }
}
"""
READ = "query ($party: ID!) { party(id: $party) { name email } }"
ADVISER = Claims(subject="adviser", roles=frozenset({"adviser"}))


async def register(api: AskedApi, desk: Any, who: Claims | None = None, **given: Any) -> Any:
    answer = await api.ask(REGISTER, who=who or desk.who, entity=desk.id("Entity", desk.entity), **given)
    return answer.data["registerParty"]


async def test_a_member_registers_a_client_by_its_vat_number(api: AskedApi, desk: Any) -> None:
    party = await register(api, desk)
    assert party["vatNumber"] == "BE0202239951"
    assert party["email"] == "client@example.org"
    private = await register(api, desk, name="Robert'); drop table party; --", vat="")
    assert (private["name"], private["vatNumber"]) == ("Robert'); drop table party; --", "")


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"vat": "BE0202239952"}, "MalformedVatNumber", ["vatNumber"]),
        ({"vat": "DE136695976"}, "VatNumberOfOtherCountry", ["vatNumber"]),
        ({"country": "US", "vat": ""}, "BuyerCountryNotServed", ["country"]),
        ({"email": "client at example"}, "MalformedEmail", ["email"]),
        ({"email": "a@b.org\nBcc: c@d.org"}, "TextNotPlain", ["email"]),
        ({"email": "a@b.org,c@d.org"}, "MalformedEmail", ["email"]),
        ({"language": "xx"}, "LanguageNotServed", ["language"]),
        ({"name": "Client\u202eAS"}, "TextNotPlain", ["name"]),
        ({"name": "x" * 201}, "TextTooLong", ["name"]),
    ],
)
async def test_a_client_that_cannot_be_invoiced_is_refused_at_its_place(
    api: AskedApi, desk: Any, wrong: dict[str, Any], code: str, path: list[str]
) -> None:
    refusal = await register(api, desk, **wrong)
    assert (refusal["code"], refusal["path"]) == (code, path)


async def test_a_member_sees_her_own_clients_and_staff_all_of_them(api: AskedApi, desk: Any) -> None:
    party = (await register(api, desk))["id"]
    other = uuid7()
    await desk.join(other)
    stranger = Claims(subject="other", roles=frozenset({"member"}), member_id=other)
    assert (await api.ask(READ, who=desk.who, party=party)).data["party"]["email"] == "client@example.org"
    assert (await api.ask(READ, who=ADVISER, party=party)).data["party"]["email"] == "client@example.org"
    assert (await api.ask(READ, who=stranger, party=party)).codes == ["FORBIDDEN"]


async def test_whoever_was_not_admitted_registers_none(api: AskedApi, desk: Any) -> None:
    who = Claims(subject="applicant", roles=frozenset({"member"}), member_id=uuid7())
    assert (await register(api, desk, who=who))["code"] == "NotAdmitted"
    assert "id" in await register(api, desk, who=ADVISER)

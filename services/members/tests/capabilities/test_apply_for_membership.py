from __future__ import annotations

from uuid import UUID

import pytest

from commons import global_id
from commons.claims import Claims
from commons.database import Pools
from commons.testing.api import AskedApi

APPLY = """
mutation ($entity: ID!, $given: String! = "Ana", $birth: Date! = "1990-04-01", $email: String! = "ana@example.org",
          $language: String! = "fr", $key: ID) {
  applyForMembership(entityId: $entity, givenName: $given, familyName: "Lambert", email: $email,
                     birthDate: $birth, language: $language, idempotencyKey: $key) {
    __typename
    ... on Member { id givenName memberships { admittedOn shares mayBringNewMoney maySpend mayVote } }
    ... on Refusal { code message path }
  }
}
"""
ANA = Claims(subject="ana", countries=frozenset({"BE"}))


@pytest.fixture
def entity_id(entity: UUID) -> str:
    return global_id.encode("BE", "Entity", entity)


async def test_anybody_with_a_token_may_apply_and_nobody_approves_it(api: AskedApi, entity_id: str) -> None:
    answer = await api.ask(APPLY, who=Claims(subject="a1"), entity=entity_id)
    member = answer.data["applyForMembership"]
    assert member["givenName"] == "Ana"
    assert member["memberships"] == [
        {"admittedOn": None, "shares": 0, "mayBringNewMoney": False, "maySpend": False, "mayVote": False}
    ]


async def test_without_a_token_nobody_applies(api: AskedApi, entity_id: str) -> None:
    answer = await api.ask(APPLY, entity=entity_id)
    assert answer.codes == ["UNAUTHENTICATED"]


async def test_a_second_application_of_the_same_person_is_refused(api: AskedApi, entity_id: str) -> None:
    await api.ask(APPLY, who=ANA, entity=entity_id)
    again = await api.ask(APPLY, who=ANA, entity=entity_id)
    assert again.data["applyForMembership"]["code"] == "AlreadyApplied"


async def test_the_same_application_sent_twice_with_its_key_happens_once(
    api: AskedApi, pools: Pools, entity_id: str
) -> None:
    who = Claims(subject="retrying")
    first = await api.ask(APPLY, who=who, entity=entity_id, key="k-1")
    second = await api.ask(APPLY, who=who, entity=entity_id, key="k-1")
    assert first.data == second.data


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"given": "Ana\u202egnirtsa"}, "TextNotPlain", ["givenName"]),
        ({"given": "1234"}, "NameMissing", ["givenName"]),
        ({"birth": "2015-01-01"}, "NotOfAge", ["birthDate"]),
        ({"birth": "2030-01-01"}, "BirthDateImplausible", ["birthDate"]),
        ({"email": "ana at example"}, "MalformedEmail", ["email"]),
        ({"language": "xx"}, "LanguageNotServed", ["language"]),
    ],
)
async def test_details_that_cannot_be_accepted_are_refused_at_their_place(
    api: AskedApi, pools: Pools, entity_id: str, wrong: dict[str, str], code: str, path: list[str]
) -> None:
    before = await pools.read.fetchval("select count(*) from member")
    answer = await api.ask(APPLY, who=Claims(subject="wrong"), entity=entity_id, **wrong)
    refusal = answer.data["applyForMembership"]
    assert (refusal["code"], refusal["path"]) == (code, path)
    assert await pools.read.fetchval("select count(*) from member") == before


async def test_an_entity_of_another_country_is_refused(api: AskedApi) -> None:
    foreign = global_id.encode("FR", "Entity", UUID(int=7))
    answer = await api.ask(APPLY, who=ANA, entity=foreign)
    assert answer.data["applyForMembership"]["code"] == "WrongCountry"


async def test_a_name_with_sql_in_it_is_only_a_name(api: AskedApi, pools: Pools, entity_id: str) -> None:
    name = "Robert'); drop table member;--"
    answer = await api.ask(APPLY, who=Claims(subject="bobby"), entity=entity_id, given=name)
    assert answer.data["applyForMembership"]["givenName"] == name
    assert await pools.read.fetchval("select count(*) from member") > 0

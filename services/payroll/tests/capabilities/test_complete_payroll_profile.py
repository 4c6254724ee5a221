"""Who one is, where the wage goes, who lives at home: told once, kept encrypted, shown masked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tests.an_office import HOLDER_NAME, IBAN, NATIONAL_NUMBER, OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from payroll.sealed import SealBroken
from payroll.store import open_person

COMPLETE = """
mutation ($member: ID!, $entity: ID!, $number: String!, $iban: String!, $name: String!, $language: String! = "fr",
          $children: Int! = 2, $key: ID) {
  completePayrollProfile(memberId: $member, entityId: $entity, nationalNumber: $number, iban: $iban,
                         holderName: $name, language: $language, idempotencyKey: $key,
                         familySituation: {spouse: OWN_INCOME, children: $children}) {
    __typename
    ... on Member {
      payrollProfile { completedOn language holderName nationalNumberMasked ibanMasked spouse children isSingleParent }
    }
    ... on Refusal { code path message facts }
  }
}
"""
READ = """
query ($members: [_Any!]!) {
  _entities(representations: $members) { ... on Member { payrollProfile { holderName ibanMasked } } }
}
"""


def a_person(**changes: Any) -> Claims:
    member_id = uuid7()
    return replace(
        Claims(subject=str(member_id), roles=frozenset({"member"}), member_id=member_id), **changes
    )


def told(who: Claims, entity: UUID, **changes: Any) -> dict[str, Any]:
    return {
        "member": global_id.encode("BE", "Member", who.member_id or uuid7()),
        "entity": global_id.encode("BE", "Entity", entity),
        "number": "85.07.30-033.28",
        "iban": "BE71 0961 2345 6769",
        "name": HOLDER_NAME,
    } | changes


def represented(*members: Claims) -> list[dict[str, str]]:
    return [
        {"__typename": "Member", "id": global_id.encode("BE", "Member", who.member_id or uuid7())}
        for who in members
    ]


async def readings(office: Office, who: Claims) -> list[tuple[str, str]]:
    rows = await office.pools.read.fetch(
        "select reader, file from access_log where member_id = $1 order by id", who.member_id
    )
    return [(row["reader"], row["file"]) for row in rows]


async def test_a_profile_is_shown_masked_to_its_member(api: AskedApi, office: Office, entity: UUID) -> None:
    who = a_person()
    answer = await api.ask(COMPLETE, who=who, **told(who, entity))
    assert answer.data["completePayrollProfile"] == {
        "__typename": "Member",
        "payrollProfile": {
            "completedOn": "2026-06-05",
            "language": "fr",
            "holderName": HOLDER_NAME,
            "nationalNumberMasked": "•••••••••28",
            "ibanMasked": "BE71••••••••6769",
            "spouse": "OWN_INCOME",
            "children": 2,
            "isSingleParent": False,
        },
    }
    assert await office.announced(who.member_id or uuid7()) == ["PayrollProfileCompleted"]


async def test_what_is_kept_can_be_read_with_the_key_and_for_its_member_alone(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = a_person()
    await api.ask(COMPLETE, who=who, **told(who, entity))
    kept = await office.pools.read.fetchval(
        "select person from payroll_profile where member_id = $1", who.member_id
    )
    for secret in (NATIONAL_NUMBER, IBAN, HOLDER_NAME):
        assert secret.encode() not in kept
    person = open_person(office.service.sealer, who.member_id or uuid7(), kept)
    assert (person.national_number, person.iban, person.holder_name) == (NATIONAL_NUMBER, IBAN, HOLDER_NAME)
    with pytest.raises(SealBroken):
        open_person(office.service.sealer, uuid7(), kept)


async def test_a_profile_from_before_facts_had_names_counts_as_it_was_told(office: Office) -> None:
    who = a_person()
    of_before = b"""{"national_number": "85073003328", "iban": "BE71096123456769", "holder_name": "A",
                     "family": {"spouse": "own_income", "children": 2, "is_single_parent": false}}"""
    sealed = office.service.sealer.seal(of_before, of=f"member {who.member_id}")
    answers = open_person(office.service.sealer, who.member_id or uuid7(), sealed).answers
    assert answers == {"spouse": "own_income", "children": "2", "is_single_parent": "false"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"number": "85073003329"}, "MalformedNationalNumber"),
        ({"iban": "BE71096123456760"}, "MalformedIban"),
        ({"name": "王小明"}, "HolderNameMissing"),
        ({"language": "hu"}, "LanguageUnknown"),
        ({"children": -1}, "NumberOutOfRange"),
    ],
)
async def test_what_cannot_be_right_is_refused_without_being_repeated(
    api: AskedApi, entity: UUID, wrong: dict[str, Any], code: str
) -> None:
    who = a_person()
    given = told(who, entity, **wrong)
    refusal = (await api.ask(COMPLETE, who=who, **given)).data["completePayrollProfile"]
    assert refusal["code"] == code
    for secret in (given["number"], given["iban"], given["name"]):
        assert secret not in str(refusal)


async def test_nobody_tells_for_somebody_else(api: AskedApi, entity: UUID) -> None:
    who = a_person()
    for other in (a_person(), OFFICER):
        assert (await api.ask(COMPLETE, who=other, **told(who, entity))).codes == ["FORBIDDEN"]


async def test_each_reading_of_a_profile_is_noted(api: AskedApi, office: Office, entity: UUID) -> None:
    who = a_person()
    await api.ask(COMPLETE, who=who, **told(who, entity))
    answer = await api.ask(READ, who=OFFICER, members=represented(who))
    assert answer.data["_entities"][0]["payrollProfile"]["holderName"] == HOLDER_NAME
    assert await readings(office, who) == [
        (who.subject, "payroll_profile"),
        (OFFICER.subject, "payroll_profile"),
    ]


async def test_other_members_and_accountants_do_not_read_a_profile(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    accountant = Claims(subject="accountant", roles=frozenset({"accountant"}))
    for other in (a_person(), accountant):
        answer = await api.ask(READ, who=other, members=represented(who))
        assert answer.codes == ["FORBIDDEN"]
    assert await readings(office, who) == []


async def test_the_access_log_cannot_be_changed(office: Office) -> None:
    with pytest.raises(Exception, match="never changed"):
        await office.pools.write.execute("delete from access_log")


async def test_a_profile_told_again_with_its_key_is_told_once(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = a_person()
    for _ in range(2):
        await api.ask(COMPLETE, who=who, **told(who, entity), key="once")
    assert await office.announced(who.member_id or uuid7()) == ["PayrollProfileCompleted"]

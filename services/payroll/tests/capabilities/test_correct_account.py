"""A member corrects the account of the wages, and what is said of it is never the whole number."""

from __future__ import annotations

from typing import Any

import pytest
from tests.an_office import IBAN, OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7

CORRECT = """
mutation ($member: ID!, $entity: ID!, $iban: String!, $holder: String) {
  correctAccount(memberId: $member, entityId: $entity, iban: $iban, holderName: $holder, idempotencyKey: null) {
    __typename
    ... on Member { payrollProfile { ibanMasked } }
    ... on Refusal { code path }
  }
}
"""
OTHER = "BE68539007547034"


async def corrected(api: AskedApi, office: Office, who: Claims, by: Claims | None = None, **more: Any) -> Any:
    assert who.member_id is not None
    return await api.ask(
        CORRECT,
        who=by or who,
        member=global_id.encode("BE", "Member", who.member_id),
        entity=global_id.encode("BE", "Entity", await office.entity()),
        **({"iban": OTHER, "holder": None} | more),
    )


@pytest.fixture
async def member(office: Office) -> Claims:
    """A member with a complete payroll profile."""
    return await office.member(await office.entity())


async def test_the_new_account_is_shown_by_its_ends_alone(
    api: AskedApi, office: Office, member: Claims
) -> None:
    masked = (await corrected(api, office, member)).data["correctAccount"]["payrollProfile"]["ibanMasked"]
    assert masked.endswith(OTHER[-4:])
    assert OTHER not in masked


async def test_an_account_number_that_is_none_is_refused_and_the_old_one_stays(
    api: AskedApi, office: Office, member: Claims
) -> None:
    refusal = (await corrected(api, office, member, iban="BE00000000000000")).data["correctAccount"]
    assert refusal["__typename"] == "Refusal"
    sealed = await office.pools.read.fetchval(
        "select person from payroll_profile where member_id = $1", member.member_id
    )
    assert IBAN.encode() not in sealed, "sealed as before"


async def test_who_has_no_payroll_profile_has_no_account_to_correct(api: AskedApi, office: Office) -> None:
    stranger = Claims(subject="new", roles=frozenset({"member"}), member_id=uuid7())
    assert (await corrected(api, office, stranger)).data["correctAccount"]["code"] == "PayrollProfileMissing"


async def test_nobody_corrects_the_account_of_somebody_else(
    api: AskedApi, office: Office, member: Claims
) -> None:
    assert (await corrected(api, office, member, by=OFFICER)).codes == ["FORBIDDEN"]

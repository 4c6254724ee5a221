"""A cell serves its country and no other: header, path, host, token and ids must all name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from commons.global_id import encode
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, read_document

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

ME = {"query": "query Me { me { id } }"}


async def refused(door: Door, headers: Mapping[str, str], **claims: Any) -> list[str]:
    gateway, _ = door
    somebody = await gateway.persona("board", **claims)
    answer = await gateway.post(ME, somebody.token, headers)
    assert answer.status == 403
    assert not answer.body.get("data")
    return answer.codes


async def test_a_token_for_another_country_is_refused(door: Door) -> None:
    assert await refused(door, {}, country="FR") == ["COUNTRY_MISMATCH"]


async def test_a_token_for_no_country_is_refused(door: Door) -> None:
    assert await refused(door, {}, countries=[]) == ["COUNTRY_MISMATCH"]


async def test_a_header_that_names_another_country_is_refused(door: Door) -> None:
    assert await refused(door, {"X-Country": "FR"}) == ["COUNTRY_MISMATCH"]
    assert await refused(door, {"X-Country": "FR"}, countries=["BE", "FR"]) == ["COUNTRY_MISMATCH"]
    assert await refused(door, {"X-Country": "BELGIUM"}) == ["COUNTRY_MISMATCH"]


async def test_a_host_that_names_another_country_is_refused(door: Door) -> None:
    assert await refused(door, {"Host": "fr.partage.example"}, countries=["BE", "FR"]) == ["COUNTRY_MISMATCH"]


async def test_a_path_that_names_another_country_is_refused(door: Door, stack: Addresses) -> None:
    gateway, http = door
    somebody = await gateway.persona("board", countries=["BE", "FR"])
    answer = await http.post(
        f"{stack.gateway}/c/fr/graphql", json=ME, headers={"Authorization": f"Bearer {somebody.token}"}
    )
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "COUNTRY_MISMATCH"


async def test_a_token_for_two_countries_is_served_by_the_one_that_is_asked(door: Door) -> None:
    gateway, _ = door
    somebody = await gateway.persona("board", countries=["BE", "FR"])
    answer = await gateway.post(ME, somebody.token)
    assert (answer.status, answer.codes) == (200, [])


@pytest.mark.parametrize(
    ("document", "type_name"),
    [
        ("order", "Order"),
        ("invoice", "Invoice"),
        ("payslip", "Payslip"),
        ("meeting", "Meeting"),
        ("member", "Member"),
    ],
)
async def test_an_id_of_another_country_is_refused_and_says_so(
    document: str, type_name: str, door: Door
) -> None:
    gateway, _ = door
    auditor = await gateway.persona("auditor")
    foreign = encode("FR", type_name, uuid4())
    answer = await gateway.post(
        {"query": read_document(document).text, "variables": {"id": foreign}}, auditor.token
    )
    [error] = answer.body["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["refusal"]["code"] == "WrongCountry"


@pytest.mark.parametrize("service", ["members", "invoicing", "payroll", "guarantee", "governance"])
async def test_a_service_asked_without_the_gateway_refuses_just_as_well(
    service: str, door: Door, stack: Addresses
) -> None:
    gateway, http = door
    foreigner, local = await gateway.persona("board", country="FR"), await gateway.persona("board")
    query = {"query": "{ __typename }"}
    for token, country, code in (
        (foreigner.token, "BE", "COUNTRY_MISMATCH"),
        (local.token, "FR", "COUNTRY_MISMATCH"),
        ("nothing", "BE", "UNAUTHENTICATED"),
    ):
        answer = await http.post(
            f"{stack.services[service]}/graphql",
            json=query,
            headers={"Authorization": f"Bearer {token}", "X-Country": country},
        )
        assert answer.status_code in (401, 403)
        assert answer.json()["errors"][0]["extensions"]["code"] == code

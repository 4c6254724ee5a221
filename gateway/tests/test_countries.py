"""A request is for one country, and everything it says must agree."""

from __future__ import annotations

import pytest

from gateway.auth import Claims
from gateway.countries import Asked, check_country
from gateway.errors import Code, RequestRefused
from gateway.testing.issuer import Issuer
from gateway.testing.stack import Stack

BELGIAN = Claims("somebody", frozenset({"BE"}), 0)


@pytest.mark.parametrize(
    "asked",
    [
        Asked("127.0.0.1:8080", None, None),
        Asked("be.api.example.coop", None, None),
        Asked("be.api.example.coop:443", "be", "BE"),
        Asked("api.example.coop", "BE", None),
    ],
)
def test_a_request_whose_words_agree_is_served(asked: Asked) -> None:
    check_country("BE", asked, BELGIAN)


@pytest.mark.parametrize(
    "asked",
    [
        Asked("fr.api.example.coop", None, None),
        Asked("be.api.example.coop", "fr", None),
        Asked("api.example.coop", None, "SE"),
        Asked("api.example.coop", "be", "SE"),
        Asked("api.example.coop", "xx", None),
        Asked("api.example.coop", "", None),
    ],
)
def test_a_request_that_names_another_country_is_refused(asked: Asked) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_country("BE", asked, BELGIAN)
    assert refused.value.code is Code.COUNTRY_MISMATCH


def test_a_token_of_another_country_is_refused() -> None:
    french = Claims("somebody", frozenset({"FR"}), 0)
    with pytest.raises(RequestRefused) as refused:
        check_country("BE", Asked("api.example.coop", "be", None), french)
    assert refused.value.code is Code.COUNTRY_MISMATCH


async def test_the_path_names_the_country(stack: Stack, issuer: Issuer) -> None:
    question = {"query": "{members{id}}"}
    assert (await stack.client.post("/c/be/graphql", json=question)).status_code == 200
    refused = await stack.client.post("/c/fr/graphql", json=question)
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["extensions"]["code"] == "COUNTRY_MISMATCH"
    foreign = await stack.client.post(
        "/graphql", json=question, headers=issuer.authorization(countries=["FR"])
    )
    assert foreign.status_code == 403

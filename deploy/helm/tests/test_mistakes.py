"""Every planted mistake is caught by the layer that the table names."""

from __future__ import annotations

import pytest

from deploy.helm.tests import custom_resources
from deploy.helm.tests.mistakes import (
    AGREEMENTS,
    OBJECTS,
    VALUES,
    InAgreement,
    InObjects,
    InValues,
    caught,
    contradictions,
    refusal,
    table,
)
from deploy.helm.tests.rendering import HELM

pytestmark = pytest.mark.xdist_group("charts")


@pytest.mark.parametrize(
    "mistake", [pytest.param(each, id=each.what, marks=pytest.mark.layer(each.layer)) for each in VALUES]
)
def test_a_wrong_value_is_refused_in_a_sentence(mistake: InValues) -> None:
    layer, words = refusal(mistake)
    assert layer == mistake.layer
    assert mistake.says in words


# What a cluster alone catches is planted by `make test-cluster`.
HERE = [each for each in OBJECTS if min(each.layers) <= 5]


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(each, id=each.what, marks=pytest.mark.layer(*(one for one in each.layers if one <= 5)))
        for each in HERE
    ],
)
def test_a_wrong_object_is_caught_by_its_layer(mistake: InObjects) -> None:
    if mistake.layers == (5,) and not custom_resources.DEFINITIONS.is_dir():
        pytest.skip("layer 5: not run, the definitions are not here")
    assert {layer for layer in mistake.layers if layer <= 5} <= set(caught(mistake))


@pytest.mark.layer(3)
@pytest.mark.parametrize("mistake", AGREEMENTS, ids=lambda each: each.what)
def test_what_contradicts_the_code_or_the_law_is_said_in_a_sentence(mistake: InAgreement) -> None:
    assert contradictions(mistake) == [mistake.says]


def test_the_readme_has_the_table() -> None:
    assert table() in (HELM / "README.md").read_text()

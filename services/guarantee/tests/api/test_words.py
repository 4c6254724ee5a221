from __future__ import annotations

import pytest

from guarantee.api.words import SENTENCES, sentence
from guarantee.domain.cover import STRATEGIES


def test_every_rule_of_cover_has_a_sentence_for_each_outcome() -> None:
    assert set(SENTENCES) == set(STRATEGIES)


@pytest.mark.parametrize("rule", STRATEGIES)
def test_passing_and_failing_are_told_apart(rule: str) -> None:
    assert sentence(rule, True) != sentence(rule, False)

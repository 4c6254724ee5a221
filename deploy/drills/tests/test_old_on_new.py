"""Which migrations an earlier release does not know, and when trying it would mean nothing."""

from __future__ import annotations

import pytest

from deploy.drills.old_on_new import NothingToTry, unknown_to

FIRST, SECOND = (
    "services/payroll/migrations/0001_expand_a.sql",
    "services/payroll/migrations/0002_expand_b.sql",
)


def test_what_was_added_since_is_unknown_to_the_earlier_release() -> None:
    assert unknown_to({FIRST: b"a"}, {FIRST: b"a", SECOND: b"b"}) == [SECOND]


def test_a_release_that_knows_every_migration_tries_nothing() -> None:
    with pytest.raises(NothingToTry, match="nothing to try"):
        unknown_to({FIRST: b"a"}, {FIRST: b"a"})


@pytest.mark.parametrize("now", [{FIRST: b"changed", SECOND: b"b"}, {SECOND: b"b"}])
def test_a_migration_that_was_changed_or_removed_is_named(now: dict[str, bytes]) -> None:
    with pytest.raises(NothingToTry, match=FIRST):
        unknown_to({FIRST: b"a"}, now)

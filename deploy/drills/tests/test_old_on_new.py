"""Which migrations an earlier release does not know, what they broke of it, and when trying it would mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.drills.old_on_new import NothingToTry, NotJudged, try_service, unknown_to

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


# A test that passes, one that the new migration breaks, and one that always failed; the second needs the first.
OLD_TESTS = """
from pathlib import Path

SEEN = []


def test_that_passes():
    SEEN.append(1)


def test_that_the_schema_breaks():
    assert SEEN
    assert not (Path(__file__).parents[1] / "migrations" / "0002_expand_b.sql").exists()


def test_that_always_failed():
    raise AssertionError
"""


@pytest.fixture
def old_tree(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    tests = tmp_path / "services" / "payroll" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_old.py").write_text(OLD_TESTS)
    return tmp_path


def test_what_fails_on_the_old_schema_too_is_no_fault_of_the_new_one(old_tree: Path) -> None:
    judged = try_service(old_tree, "payroll", {SECOND: b"b"}, workers=0)

    assert judged.count == 3
    assert [test.name for test in judged.broken] == ["test_that_the_schema_breaks"]
    assert [str(test) for test in judged.of_its_own] == [
        "services/payroll/tests/test_old.py::test_that_always_failed"
    ]
    assert not (old_tree / SECOND).exists(), "the next service begins with the old tree"


def test_tests_that_cannot_be_collected_are_not_called_passed(old_tree: Path) -> None:
    (old_tree / "services" / "payroll" / "tests" / "test_old.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(NotJudged, match="status 2"):
        try_service(old_tree, "payroll", {SECOND: b"b"}, workers=0)


def test_a_service_without_a_test_is_not_called_passed(old_tree: Path) -> None:
    (old_tree / "services" / "payroll" / "tests" / "test_old.py").unlink()
    with pytest.raises(NotJudged, match="status 5"):
        try_service(old_tree, "payroll", {SECOND: b"b"}, workers=0)

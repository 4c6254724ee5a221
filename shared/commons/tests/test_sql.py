"""Named statements: found by name, refused where a file is ambiguous, all known to the database."""

from __future__ import annotations

from pathlib import Path

import pytest

import commons
from commons.sql import SqlFileError, load
from commons.testing import prepare_every_statement

FOLDER = Path(commons.__file__).parent / "sql"


def a_file(folder: Path, text: str, name: str = "invoice.sql") -> Path:
    (folder / name).write_text(text)
    return folder


def test_a_statement_has_its_name_its_kind_and_its_file(tmp_path: Path) -> None:
    statements = load(
        a_file(tmp_path, "-- name: first :one\n-- It locks.\nselect 1;\n\n-- name: second :exec\nselect 2;\n")
    )
    assert statements["first"] == "-- It locks.\nselect 1"
    second = statements.details["second"]
    assert (second.name, second.kind, second.file.name) == ("second", "exec", "invoice.sql")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-- name: a :one\nselect 1;\n-- name: a :one\nselect 2;", "a is also in invoice.sql"),
        ("-- name: a :some\nselect 1;", "a is :some"),
        ("-- name: a :one\n-- nothing\n", "a is empty"),
        ("select 1;", "a statement without"),
        ("", "no statement found"),
    ],
)
def test_an_ambiguous_file_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(SqlFileError, match=reason):
        load(a_file(tmp_path, text))


def test_a_name_is_unique_across_the_files_of_a_folder(tmp_path: Path) -> None:
    a_file(tmp_path, "-- name: a :one\nselect 1;", "one.sql")
    with pytest.raises(SqlFileError, match=r"two.sql: a is also in one.sql"):
        load(a_file(tmp_path, "-- name: a :one\nselect 1;", "two.sql"))


async def test_every_statement_of_the_library_is_known_to_the_database(database_url: str) -> None:
    assert await prepare_every_statement(database_url, FOLDER) > 30


async def test_a_wrong_column_is_found_without_running_the_statement(
    tmp_path: Path, database_url: str
) -> None:
    a_file(tmp_path, "-- name: wrong :one\nselect nothing from outbox;")
    with pytest.raises(AssertionError, match='wrong: column "nothing" does not exist'):
        await prepare_every_statement(database_url, tmp_path)

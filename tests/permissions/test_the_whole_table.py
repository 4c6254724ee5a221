"""The committed table is what the code says, and what must hold of any such table holds of it."""

from __future__ import annotations

import os
import re

from commons.testing.api import REWRITE
from tests.permissions.whole_table import (
    APPLICANT,
    AUDITOR,
    CELLS,
    COLUMNS,
    FILE,
    NOBODY,
    committed_table,
    markdown,
    schemas,
    whole_table,
)

# What a client does under a signed link, what a form asks, and what somebody asks who thinks of joining.
OPEN_TO_ALL = {"orderByLink", "confirmOrder", "refuseOrder", "payrollQuestions", "simulateWage"}


def test_the_committed_table_is_what_the_code_says() -> None:
    text = markdown(whole_table(schemas()))
    if os.environ.get(REWRITE):
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text, (
        "permissions.md is not what the code says; run: make schema"
    )


def test_the_table_reads_as_it_was_written() -> None:
    table = committed_table()
    assert markdown(table) == FILE.read_text(encoding="utf-8")
    assert {value for line in table for value in line.cells.values()} == set(CELLS)


def test_the_auditor_reads_everything() -> None:
    reads = [line for line in committed_table() if line.kind != "mutation"]
    assert reads
    assert [line for line in reads if line.cells[AUDITOR] != "yes"] == []


def test_the_auditor_changes_nothing_not_even_what_everybody_may() -> None:
    mutations = [line for line in committed_table() if line.kind == "mutation"]
    assert mutations
    assert [line for line in mutations if line.cells[AUDITOR] != "no"] == []


def test_without_a_token_nothing_is_open_but_a_signed_link_a_form_and_a_simulation() -> None:
    assert {line.field for line in committed_table() if line.cells[NOBODY] != "no"} == OPEN_TO_ALL


def test_every_field_of_every_root_and_every_entity_is_in_the_table() -> None:
    """Read off the committed schemas, so that a field that nobody gave a rule would be missed here."""
    known = {(line.service, line.kind, line.field) for line in committed_table()}
    absent = []
    for service in schemas():
        sdl = (FILE.parent / "services" / service / "schema.graphql").read_text(encoding="utf-8")
        for kind in ("Query", "Mutation"):
            [body] = re.findall(rf"^type {kind} \{{\n(.*?)^\}}", sdl, re.M | re.S)
            without_descriptions = re.sub(r'"""(?:.*?)"""', "", body, flags=re.S)
            names = re.findall(r"^  (\w+)[(:]", without_descriptions, re.M)
            fields = {name for name in names if not name.startswith("_")}
            absent += [name for name in fields if (service, kind.lower(), name) not in known]
        keyed = re.findall(r'^type (\w+) [^{]*@key\(fields: "id"\)', sdl, re.M)
        absent += [name for name in keyed if (service, "entity", name) not in known]
    assert absent == []


def test_whoever_has_no_role_sees_only_what_is_everybodys_or_the_own() -> None:
    """What an applicant may, everybody with a token may: a role only ever adds."""
    for line in committed_table():
        if line.cells[APPLICANT] == "yes" and line.kind != "mutation":
            assert {line.cells[column] for column in COLUMNS if column != NOBODY} == {"yes"}, line

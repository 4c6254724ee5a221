"""The one table of all services: every field that has a rule, and what each role may do with it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from commons.claims import ANONYMOUS, Claims
from commons.graphql import Permission, Schema, permission_table
from commons.graphql.permissions import cell, owned_types

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = ROOT / "permissions.md"
SERVICES: Final = ("members", "invoicing", "payroll", "guarantee", "governance")
NOBODY, APPLICANT, MEMBER, AUDITOR = "nobody", "applicant", "member", "auditor"
# architecture.md 5. An applicant has a token and no role.
ROLES: Final = (
    MEMBER,
    "adviser",
    "payroll_officer",
    "accountant",
    "credit_controller",
    "board",
    "returning_officer",
    AUDITOR,
    "partner",
    "group_analyst",
    "operator",
)
COLUMNS: Final = (NOBODY, APPLICANT, *ROLES)
KINDS: Final = ("query", "mutation", "entity", "nested")
CELLS: Final = ("yes", "own", "no")

_HEAD: Final = """# Who may see and do what

Generated from the declarations of the five schemas by `make schema`; which rule and which function stand behind a
line is in `services/*/permissions.md`. Every line is tried as every role, at each service and through the gateway
(`make matrix`).

- `yes`: whatever it is about. `own`: what is one's own; of a list, the own rows. `·`: refused, or nothing shown.
- `nobody` has no token, an `applicant` has one without a role. Nested fields are seen where their parent is.
- `auditor` reads everything and changes nothing.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One field of one service, and what each column may."""

    service: str
    kind: str
    field: str
    cells: Mapping[str, str]


def schemas() -> dict[str, Schema]:
    """The schemas of the services."""
    return {service: importlib.import_module(f"{service}.api.schema").schema for service in SERVICES}


def claims_of(column: str) -> Claims:
    """Somebody of a column, for a table that knows nobody by name."""
    if column == NOBODY:
        return ANONYMOUS
    return Claims(
        subject=column,
        roles=frozenset() if column == APPLICANT else frozenset({column}),
        member_id=UUID(int=1) if column == MEMBER else None,
        partner_id=column if column == "partner" else None,
    )


def declared(of: Mapping[str, Schema]) -> list[tuple[str, Permission]]:
    """The declarations of all services in the order of the table."""
    return [(service, line) for service, schema in of.items() for line in permission_table(schema)]


def whole_table(of: Mapping[str, Schema]) -> list[Line]:
    """The table as the code says it."""
    owned = owned_types((permission_table(schema) for schema in of.values()), claims_of(MEMBER))
    return [
        Line(
            service,
            line.kind,
            line.field,
            {column: cell(line, claims_of(column), owned) for column in COLUMNS},
        )
        for service, line in declared(of)
    ]


def markdown(table: Sequence[Line]) -> str:
    """The table as it is committed."""
    rows = [
        "| " + " | ".join(("service", "kind", "field", *COLUMNS)) + " |",
        "|---|---|---|" + ":-:|" * len(COLUMNS),
    ]
    for line in table:
        cells = [line.cells[column].replace("no", "·") for column in COLUMNS]
        rows.append("| " + " | ".join((line.service, line.kind, f"`{line.field}`", *cells)) + " |")
    return _HEAD + "\n" + "\n".join(rows) + "\n"


def committed_table() -> list[Line]:
    """The table as it is committed: what is tried is what people can read, not what the code says of itself."""
    rows = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    head, _, *body = [[part.strip() for part in row.strip("|").split("|")] for row in rows]
    assert tuple(head) == ("service", "kind", "field", *COLUMNS)
    return [
        Line(
            service,
            kind,
            field.strip("`"),
            {column: value.replace("·", "no") for column, value in zip(COLUMNS, cells, strict=True)},
        )
        for service, kind, field, *cells in body
    ]

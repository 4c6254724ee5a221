"""A periodic return to an authority."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID

from commons.graphql import Money, Role, batched, node_id, record, ref
from payroll.api.loaders import open_differences, return_files
from payroll.api.types.entity import Entity
from payroll.domain.regularization import Bearer
from payroll.domain.return_filing import ReturnKind, ReturnState
from payroll.rows import (
    EntityRef,
    MemberRef,
    OpenDifferencesRow,
    PeriodicReturnRow,
    ReturnFieldRow,
    ReturnFileRow,
)

if TYPE_CHECKING:
    from payroll.api.types.member import Member


@record(ReturnFieldRow)
class ReturnField:
    """A field that the authority names: its code and words, its place, whom it is about where that shows.

    `path` is an XPath of the file, or a line of it.
    """

    code: str
    file: str
    path: str
    label: str
    member: Annotated[Member, strawberry.lazy("payroll.api.types.member")] | None = ref(
        MemberRef, "member_id"
    )


@record(ReturnFileRow)
class ReturnFile:
    """One file of a return: the exact bytes that were sent; `content` is base64."""

    name: str
    sha256: str
    size_bytes: int
    content: str


@record(OpenDifferencesRow)
class OpenDifferences:
    """What the end of a period changes for workers and no payslip has settled yet.

    What workers are owed comes with their next wage, or alone where none comes. What they owe is withheld
    from their next wages alone: `notWithheldBorneBy` has paid it to the authority where none comes.
    """

    owed_to_workers: Money
    owed_by_workers: Money
    not_withheld_borne_by: Bearer


@record(PeriodicReturnRow)
class PeriodicReturn:
    """What an employer declares to an authority for a period; its state follows from what happened to it.

    It files itself on `filingDate`, and the law takes it until `dueDate`. A return that is filed again has
    the next `sequence`; the one before stays, with the day on which it was replaced. `latePayslipOn` tells
    that a payslip of its period, or a correction of one, came after it was filed. `region` is where
    the employer was taken to be established, where the law of regions differs: while nobody said it
    (`completeDeclarant`), it is assumed from the address. Reading `files` is noted
    for every member in them.
    """

    id: ID = node_id("PeriodicReturn")
    entity: Entity = ref(EntityRef, "entity_id")
    kind: ReturnKind
    format: str
    period_start: date
    period_end: date
    sequence: int
    state: ReturnState
    filing_date: date
    due_date: date
    refusal_code: str | None
    filed_on: date | None
    reference: str | None
    unanswered_on: date | None
    decided_on: date | None
    result: str | None
    fields: list[ReturnField]
    overdue_on: date | None
    late_payslip_on: date | None
    replaced_on: date | None
    region: str | None
    is_region_assumed: bool
    open_differences: OpenDifferences | None = batched(
        open_differences, key="key", rule=Role("payroll_officer", "accountant")
    )
    files: list[ReturnFile] | None = batched(
        return_files, key="key", rule=Role("payroll_officer", "accountant")
    )

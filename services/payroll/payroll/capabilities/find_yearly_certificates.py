"""What employers certify of the wages of a calendar year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Annotated, Final
from uuid import UUID

from commons.arguments import Between, Node
from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.money import total
from commons.page import Page, decode_cursor, page
from payroll.archive import payslip_from
from payroll.domain.errors import ParametersNotConfirmed
from payroll.domain.yearly_certificate import (
    PAYSLIPS_MAX,
    YEAR_MAX,
    YEAR_MIN,
    CertificateForm,
    CertifiedWork,
    certificate_form,
    certify,
)
from payroll.rows import CertificateBoxRow, YearlyCertificateRow
from payroll.service import Payroll
from payroll.sql import SQL

STAFF: Final = ("payroll_officer", "accountant", "auditor")


@capability
async def find_yearly_certificates(
    ctx: Ctx[Payroll],
    *,
    year: Annotated[int, Between(YEAR_MIN, YEAR_MAX)],
    member_id: Annotated[UUID, Node("Member")] | None = None,
    entity_id: Annotated[UUID, Node("Entity")] | None = None,
    first: int = 20,
    after: str | None = None,
) -> Page[YearlyCertificateRow]:
    """One certificate for each worker and employer with wages in the year, summed from the payslips.

    A member finds the own ones alone. A correction counts with the payslip that takes it up. Raises
    CertificateUnknown, ParametersNotConfirmed, CertificateLineWithoutBox, CertificateTooLarge.
    """
    if not ctx.who.has_role(*STAFF):
        member_id = ctx.who.member_id  # a page of somebody else's would come back empty
    form = certificate_form(ctx.service.law, year)
    if ctx.service.is_production and form.rule.source.needs_confirmation:
        raise ParametersNotConfirmed(parameters=[form.rule.source.parameter])
    span = form.span(year)
    start = decode_cursor(after, tuple[UUID, UUID]) or (None, None)
    rows = await ctx.read.fetch(
        SQL["certified_payslips"],
        member_id,
        entity_id,
        span.period_first,
        span.period_last,
        span.due_first,
        span.due_last,
        span.due_before,
        *start,
        first + 1,
        PAYSLIPS_MAX + 1,
    )
    certificates = [
        _certificate(ctx, form, year, await ctx.today(key[1]), list(of_worker))
        for key, of_worker in groupby(rows, key=lambda row: (row["member_id"], row["entity_id"]))
    ]
    return page(certificates, first, key=lambda row: (row.member_id, row.entity_id))


def _certificate(
    ctx: Ctx[Payroll], form: CertificateForm, year: int, today: date, rows: Sequence[Record]
) -> YearlyCertificateRow:
    works = [CertifiedWork(row["regime"], payslip_from(row)) for row in rows]
    currency = ctx.country.currency
    return YearlyCertificateRow(
        member_id=str(rows[0]["member_id"]),
        entity_id=str(rows[0]["entity_id"]),
        year=year,
        format=form.format,
        is_shape_verified=form.is_shape_verified,
        is_year_over=today.year > year,
        payslips=len(works),
        first_day=min(row["period_start"] for row in rows),
        last_day=max(row["period_end"] for row in rows),
        gross_wage=total([work.payslip.gross_wage for work in works], currency),
        net_payable=total([work.payslip.net_payable for work in works], currency),
        boxes=[CertificateBoxRow(box.code, box.amount) for box in certify(works, form, currency)],
        source=form.rule.source,
    )

"""File the periodic return of an employer with the authority."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Final
from uuid import UUID

from commons.arguments import Node
from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.identifiers import birth_date
from commons.refusal import Refusal
from commons.set_back import told_day
from payroll.archive import deltas_from, payslip_from
from payroll.capabilities.expect_returns import expect_return
from payroll.capabilities.keep_differences import keep_differences
from payroll.documents.return_package import pack
from payroll.documents.returns import write_return
from payroll.domain import return_filing as filings
from payroll.domain.correction import corrected_payslip
from payroll.domain.errors import DeclarantMissing, ReturnIncomplete
from payroll.domain.establishment import establishment
from payroll.domain.facts import Facts
from payroll.domain.periodic_return import (
    WORKS_MAX,
    Declarant,
    PaidWork,
    WorkerIdentity,
    names_of,
    periodic_return,
)
from payroll.domain.person import Person
from payroll.domain.regularization import regularize_period, settling
from payroll.domain.return_filing import (
    Filing,
    ReturnKind,
    check_confirmed,
    return_form,
    return_period,
    worked_time,
)
from payroll.effects.kinds import RETURN_FILE
from payroll.events.published import ReturnFiled
from payroll.rows import PeriodicReturnRow, periodic_return_row
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import filing_from, open_facts, open_person, return_owner, terms_from

NOON: Final = time(12)

log = logging.getLogger(__name__)


@capability
async def file_return(
    ctx: Ctx[Payroll],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    period_day: date,
    kind: ReturnKind = ReturnKind.GENERAL,
) -> PeriodicReturnRow:
    """File the return of the period that a day falls in, from the payslips that are stored, as corrected.

    It files itself on the day that the country's data names; this is for an officer who does not wait for it,
    or after what was missing is there. Raises ReturnUnknown, ReturnPeriodNotOver, ReturnAlreadyFiled,
    ReturnIncomplete, DeclarantMissing, ParametersNotConfirmed, and what the document raises.
    """
    today = await ctx.today(entity_id)
    period = return_period(ctx.service.law, kind, period_day)
    filings.check_over(period, today)
    await expect_return(ctx, entity_id, kind, period_day)
    row = await ctx.db.fetchrow(SQL["current_return_for_update"], entity_id, kind.value, period.start)
    assert row is not None, "it is expected now"
    filing = filing_from(row)
    await send_return(ctx, filings.file_return(filing, await filing_day(ctx, filing)))
    return await the_row(ctx, filing.id)


async def filing_day(ctx: Ctx[Payroll], filing: Filing) -> date:
    """Today, or the day on which it was filed before a restoration: the same bytes are sent again then."""
    told_on = await told_day(ctx.db, ReturnFiled, filing.id, "filed_on")
    return told_on or await ctx.today(filing.entity_id)


async def send_return(ctx: Ctx[Payroll], filing: Filing) -> None:
    """Write the document, keep its bytes, and ask for it to be sent; the return's row is locked."""
    form = return_form(ctx.service.law, filing.kind, filing.period.last)
    if ctx.service.is_production:
        check_confirmed(form)
    span = (filing.entity_id, filing.period.start, filing.period.last)
    if missing := await ctx.db.fetchval(SQL["count_payslips_missing"], *span):
        raise ReturnIncomplete(contracts=missing)
    declarant = await ctx.db.fetchrow(SQL["declarant"], filing.entity_id)
    if declarant is None:
        raise DeclarantMissing(entity=filing.entity_id)
    where = establishment(
        declarant["region"],
        declarant["post_code"],
        ctx.service.law,
        filing.period.last,
        must_be_confirmed=ctx.service.is_production,
    )
    rows = await ctx.db.fetch(SQL["works_of_period"], *span, WORKS_MAX + 1)
    corrections = await ctx.db.fetch(SQL["corrections_of_payslips"], [row["id"] for row in rows])
    of_payslip: dict[UUID, list[Record]] = defaultdict(list)
    for correction in corrections:
        of_payslip[correction["payslip_id"]].append(correction)
    closed = regularize_period(
        [_work(ctx, row, of_payslip[row["id"]]) for row in rows],
        filing.period,
        form,
        ctx.service.engine,
        must_be_confirmed=ctx.service.is_production,
        region=where.region,
    )
    works = closed.works
    reference = f"R{filing.id.hex[-12:].upper()}"
    replaces = await ctx.db.fetchval(
        SQL["accepted_reference"], filing.entity_id, filing.kind.value, filing.period.start
    )
    wages = periodic_return(
        _declarant(declarant),
        filing.period,
        works,
        currency=ctx.country.currency,
        reference=reference,
        created_at=_instant(filing),
        replaces=replaces,
    )
    package = pack(form.format, reference, write_return(wages, form), replaces=replaces)
    assert filing.filed_on is not None, "the domain filed it"
    sealed = ctx.service.sealer.seal(package, of=return_owner(filing.id))
    await ctx.db.execute(
        SQL["keep_filed_return"],
        filing.id,
        filing.filed_on,
        sealed,
        form.format,
        where.region,
        where.is_region_assumed,
    )
    payslips = [work.payslip_id for work in works]
    await ctx.db.execute(SQL["keep_returned_payslips"], payslips, filing.kind.value, filing.id)
    corrected = [correction["id"] for correction in corrections]
    await ctx.db.execute(SQL["keep_returned_corrections"], corrected, filing.kind.value, filing.id)
    if form.regularization is not None:
        costs = [work.closing_cost.minor for work in works]
        await ctx.db.execute(SQL["keep_returned_closings"], filing.id, payslips, costs)
    if closed.differences:
        await keep_differences(ctx, filing=filing, found=closed.differences, settling=settling(form))
    # No number and no name: the adapter reads the bytes when it sends.
    await ctx.effect(RETURN_FILE, str(filing.id), {"return_id": str(filing.id), "format": form.format})
    await ctx.announce(
        ReturnFiled(
            periodic_return_id=filing.id,
            entity_id=filing.entity_id,
            kind=filing.kind.value,
            period_start=filing.period.start,
            period_end=filing.period.last,
            sequence=filing.sequence,
            payslips=len(works),
            filed_on=filing.filed_on,
        )
    )


async def try_return(ctx: Ctx[Payroll], entity_id: UUID, kind: ReturnKind, period_start: date) -> None:
    """File a return that is due to file itself, once; what keeps it back is kept for the officer."""
    row = await ctx.db.fetchrow(SQL["current_return_for_update"], entity_id, kind.value, period_start)
    assert row is not None, "a return is expected before its day comes"
    if row["filed_on"] is not None:
        return
    filing = filing_from(row)
    try:
        async with ctx.db.transaction():
            await send_return(ctx, filings.file_return(filing, await filing_day(ctx, filing)))
    except Refusal as refusal:
        log.error("a return cannot be filed", extra={"return": str(row["id"]), "code": refusal.code})
        await ctx.db.execute(SQL["keep_return_refusal"], row["id"], refusal.code)


async def the_row(ctx: Ctx[Payroll], return_id: UUID) -> PeriodicReturnRow:
    """A return as its officer is answered."""
    [row] = await ctx.db.fetch(SQL["returns_by_key"], [return_id])
    return periodic_return_row(row, ctx.service.sealer)


def _declarant(row: Record) -> Declarant:
    return Declarant(
        name=row["name"],
        enterprise_number=row["enterprise_number"],
        authority_number=row["authority_number"],
        contact_name=row["contact_name"],
        contact_phone=row["contact_phone"],
        contact_email=row["contact_email"],
    )


def _work(ctx: Ctx[Payroll], row: Record, corrections: Sequence[Record]) -> PaidWork:
    person = open_person(ctx.service.sealer, row["member_id"], row["person"])
    family_name, given_name = names_of(person.holder_name)
    now = corrections[-1] if corrections else row  # what it counts, and from which facts
    time = worked_time(terms_from(row), ctx.service.law)
    return PaidWork(
        payslip_id=row["id"],
        contract_id=row["contract_id"],
        worker=WorkerIdentity(
            worker_id=row["member_id"],
            national_number=person.national_number,
            family_name=family_name,
            given_name=given_name,
            birth_date=birth_date(person.national_number, ctx.country.national_number),
        ),
        regime=row["regime"],
        committee=row["joint_committee"] or "",
        first_day=row["period_start"],
        last_day=row["period_end"],
        days_hundredths=time.days_hundredths,
        hours_hundredths=time.hours_hundredths,
        counts=now["counted"],
        facts=_facts(ctx, row["member_id"], now["facts"], person),
        payslip=corrected_payslip(payslip_from(row), [deltas_from(each) for each in corrections]),
    )


def _facts(ctx: Ctx[Payroll], member_id: UUID, sealed: bytes | None, person: Person) -> Facts:
    """What the payslip was computed from; one of before that was kept has what is told of the worker now."""
    return person.answers if sealed is None else open_facts(ctx.service.sealer, member_id, sealed)


def _instant(filing: Filing) -> datetime:
    """The day of filing at noon, so that the same payslips give the same bytes."""
    assert filing.filed_on is not None, "the domain filed it"
    return datetime.combine(filing.filed_on, NOON, UTC)

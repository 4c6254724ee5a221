"""Compute payslips again and keep beside each what differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.money import Money
from payroll.archive import deltas_from, keep_delta, lines_from
from payroll.capabilities.announce_labor_cost import announce_labor_cost
from payroll.capabilities.compute_payslips import ROW_ERRORS, counted_by_principal, principals_of
from payroll.capabilities.expect_returns import flag_returns
from payroll.capabilities.pay_correction import wait_for_wages
from payroll.capabilities.record_exceptional_pay import year_end_premiums
from payroll.domain.correction import (
    LABOR_COST,
    NET_PAYABLE,
    NET_WAGE,
    Delta,
    corrected_lines,
    difference,
    differences,
    own_lines,
)
from payroll.domain.earlier import Counted
from payroll.domain.errors import PayrollProfileMissing
from payroll.domain.facts import Facts
from payroll.domain.keys import correction_key
from payroll.domain.pay_run import Computed, WorkDone, compute_all, counts_with
from payroll.domain.sheet import Line
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import Outcome, contract_from, counted_from, open_facts, open_person, seal_facts


@dataclass(frozen=True, slots=True)
class _Version:
    """A payslip as it stands now: the original's lines with every correction so far."""

    row: Record
    lines: tuple[Line, ...]
    corrections: int
    labor_cost: Money
    work: WorkDone


@capability
async def correct_payslips(
    ctx: Ctx[Payroll], *, entity_id: UUID, recomputation_id: UUID, payslips: Sequence[UUID]
) -> Mapping[UUID, Outcome]:
    """Compute payslips of an entity again, each by the law of its last day as it stands now.

    The facts of a worker are those the payslip was computed from, unless others were told since as having
    held on its last day; what payslips before it counted is taken as they stand now. What differs is kept,
    the labor cost of the contract is announced, a return that has been filed lacks it from now on, and what
    is to be paid waits for the next wage, or is paid alone. One that fails stops no other; a row that the
    database refuses is that payslip's alone.
    """
    rows = await ctx.db.fetch(SQL["payslips_to_recompute"], payslips)
    members = sorted({row["member_id"] for row in rows})
    profiles = {
        row["member_id"]: row for row in await ctx.db.fetch(SQL["payroll_profiles_for_update"], members)
    }
    # Read again: what was told or corrected while we waited for the locks counts.
    rows = await ctx.db.fetch(SQL["payslips_to_recompute"], payslips)
    versions, outcomes = await _versions(ctx, rows, profiles)
    waiting = [row["id"] for row in rows if row["id"] in versions]
    while waiting:
        turn: list[UUID] = []
        later: list[UUID] = []
        seen: set[UUID] = set()
        for key in waiting:
            own = counts_with(versions[key].work)
            (later if own & seen else turn).append(key)
            seen |= own
        found = await _compute(ctx, entity_id, [versions[key] for key in turn])
        for key, outcome in zip(turn, found, strict=True):
            outcomes[key] = (
                await _store(ctx, recomputation_id, versions[key], outcome)
                if isinstance(outcome, Computed)
                else outcome
            )
        waiting = later
    return outcomes


async def _versions(
    ctx: Ctx[Payroll], rows: Sequence[Record], profiles: Mapping[UUID, Record]
) -> tuple[dict[UUID, _Version], dict[UUID, Outcome]]:
    contracts = {
        row["id"]: row
        for row in await ctx.db.fetch(
            SQL["contracts_of_payslips"], sorted({row["contract_id"] for row in rows})
        )
    }
    corrections: dict[UUID, list[Record]] = defaultdict(list)
    for row in await ctx.db.fetch(SQL["corrections_of_payslips"], [row["id"] for row in rows]):
        corrections[row["payslip_id"]].append(row)
    principals = await principals_of(ctx, list(contracts))
    premiums = await year_end_premiums(ctx.db, list(contracts))
    versions: dict[UUID, _Version] = {}
    outcomes: dict[UUID, Outcome] = {}
    for row in rows:
        try:
            facts = _facts(ctx, row, profiles)
        except Exception as error:  # a text that cannot be opened is one worker's
            outcomes[row["id"]] = error
            continue
        lines, cost = own_lines(lines_from(row)), row["estimated_minor"]
        for each in corrections[row["id"]]:
            lines = corrected_lines(lines, deltas_from(each))
            cost += each["labor_cost_minor"]
        versions[row["id"]] = _Version(
            row=row,
            lines=lines,
            corrections=len(corrections[row["id"]]),
            labor_cost=Money(cost, row["currency"]),
            work=WorkDone(
                contract_from(contracts[row["contract_id"]]),
                row["member_id"],
                facts,
                principals.get(row["contract_id"]),
                premiums.get(row["contract_id"], 0),
            ),
        )
    return versions, outcomes


def _facts(ctx: Ctx[Payroll], row: Record, profiles: Mapping[UUID, Record]) -> Facts:
    """Of the payslip; of the profile where it was computed before facts were kept."""
    member_id = row["member_id"]
    if row["facts"] is not None:
        return open_facts(ctx.service.sealer, member_id, row["facts"])
    if member_id not in profiles:
        raise PayrollProfileMissing()
    return open_person(ctx.service.sealer, member_id, profiles[member_id]["person"]).answers


async def _compute(
    ctx: Ctx[Payroll], entity_id: UUID, versions: Sequence[_Version]
) -> list[Computed | Exception]:
    years = [version.row["period_end"].year for version in versions]
    span = date(min(years), 1, 1), date(max(years), 12, 31)
    earlier: dict[UUID, list[Counted]] = defaultdict(list)
    for row in await ctx.db.fetch(
        SQL["counted_before"],
        [version.row["member_id"] for version in versions],
        [version.row["turn"] for version in versions],
        entity_id,
        *span,
    ):
        earlier[row["member_id"]].append(counted_from(row))
    of_principals = [version for version in versions if version.work.principal_id is not None]
    for_principals = await ctx.db.fetch(
        SQL["counted_for_principals_before"],
        [version.work.principal_id for version in of_principals],
        [version.row["turn"] for version in of_principals],
        *span,
    )
    return compute_all(
        [version.work for version in versions],
        engine=ctx.service.engine,
        country=ctx.country,
        earlier=earlier,
        for_principals=counted_by_principal(for_principals),
        must_be_confirmed=ctx.service.is_production,
    )


async def _store(ctx: Ctx[Payroll], recomputation_id: UUID, version: _Version, computed: Computed) -> Outcome:
    deltas = differences(version.lines, computed.payslip.lines)
    if not deltas:
        return None
    try:
        async with ctx.db.transaction():
            return await _correct(ctx, recomputation_id, version, computed, deltas)
    except ROW_ERRORS as error:
        return error


async def _correct(
    ctx: Ctx[Payroll],
    recomputation_id: UUID,
    version: _Version,
    computed: Computed,
    deltas: Sequence[Delta],
) -> UUID:
    row, number = version.row, version.corrections + 1
    key, currency = correction_key(row["id"], number), row["currency"]
    today = await ctx.today(row["entity_id"])
    # A return that has been filed lacks this. Locked here first, it is not accepted meanwhile either.
    await flag_returns(ctx, row["entity_id"], [row["period_end"]])
    net_payable = difference(deltas, NET_PAYABLE, currency)
    labor_cost = difference(deltas, LABOR_COST, currency)
    await ctx.db.execute(
        SQL["insert_correction"],
        key,
        row["id"],
        number,
        recomputation_id,
        currency,
        [keep_delta(delta) for delta in deltas],
        difference(deltas, NET_WAGE, currency).minor,
        net_payable.minor,
        labor_cost.minor,
        computed.counts,
        seal_facts(ctx.service.sealer, row["member_id"], computed.work.answers),
        computed.payslip.fingerprint,
        computed.payslip.engine_version,
        today,
    )
    # Reductions of a period come with its return: they stand beside what is computed again.
    closing = await ctx.db.fetchval(SQL["accepted_closing"], row["id"])
    cost = version.labor_cost + labor_cost + Money(closing or 0, currency)
    await ctx.db.execute(SQL["put_corrected_cost"], row["id"], cost.minor)
    await announce_labor_cost(ctx, contract_id=row["contract_id"], cost=cost, today=today)
    if net_payable.minor > 0:
        await wait_for_wages(ctx, row["entity_id"], {key: row["member_id"]})
    return key

"""Compute the payslips of many contracts whose work is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg

from commons.capability import capability
from commons.context import Ctx
from commons.database import Record
from commons.set_back import told_days
from payroll.archive import keep_line, keep_remark, keep_source
from payroll.capabilities.expect_returns import note_payslips
from payroll.capabilities.record_exceptional_pay import year_end_premiums
from payroll.capabilities.take_up_corrections import Payable, store_settlements, take_up_corrections
from payroll.domain.earlier import Counted
from payroll.domain.errors import PayrollProfileMissing
from payroll.domain.keys import payslip_key
from payroll.domain.pay_run import Computed, WorkDone, compute_all
from payroll.domain.sheet import Payslip
from payroll.events.published import PayslipComputed
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import Outcome, StoredContract, counted_from, open_person, seal_facts

# What a single row may do wrong; everything else is the database's own trouble and ends the transaction.
ROW_ERRORS: Final = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)


@capability
async def compute_payslips(
    ctx: Ctx[Payroll], *, entity_id: UUID, contracts: Sequence[StoredContract]
) -> Mapping[UUID, Outcome]:
    """Compute, store and announce a payslip for each contract of an entity, by the law of its last day.

    The contracts are locked and have none yet. What earlier payslips of the month, quarter and year counted
    is taken into account; the budget is charged the price that was held, whatever the engine finds. What is
    open of corrected payslips of a worker is paid or withheld here. Gives for each contract its payslip, or
    what the domain, the engine or a broken row refused: no other suffers by it.
    """
    if not contracts:
        return {}
    profiles = await ctx.db.fetch(
        SQL["payroll_profiles_for_update"], sorted({stored.member_id for stored in contracts})
    )
    principals = await principals_of(ctx, [stored.contract.id for stored in contracts])
    premiums = await year_end_premiums(ctx.db, [stored.contract.id for stored in contracts])
    works, outcomes = _works(
        ctx, contracts, {row["member_id"]: row for row in profiles}, principals, premiums
    )
    found = compute_all(
        works,
        engine=ctx.service.engine,
        country=ctx.country,
        earlier=await _earlier(ctx, entity_id, contracts),
        must_be_confirmed=ctx.service.is_production,
        for_principals=await _for_principals(ctx, contracts, principals),
    )
    of = {stored.contract.id: stored for stored in contracts}
    computed = [(of[each.work.contract.id], each) for each in found if isinstance(each, Computed)]
    payable = await take_up_corrections(ctx, entity_id=entity_id, computed=computed)
    outcomes |= {
        work.contract.id: each for work, each in zip(works, found, strict=True) if isinstance(each, Exception)
    }
    return outcomes | await _store_all(ctx, payable, await ctx.today(entity_id))


def _works(
    ctx: Ctx[Payroll],
    contracts: Sequence[StoredContract],
    profiles: Mapping[UUID, Record],
    principals: Mapping[UUID, UUID],
    premiums: Mapping[UUID, int],
) -> tuple[list[WorkDone], dict[UUID, Outcome]]:
    works: list[WorkDone] = []
    outcomes: dict[UUID, Outcome] = {}
    for stored in contracts:
        try:
            if stored.member_id not in profiles:
                raise PayrollProfileMissing()
            person = open_person(ctx.service.sealer, stored.member_id, profiles[stored.member_id]["person"])
            works.append(
                WorkDone(
                    stored.contract,
                    stored.member_id,
                    person.answers,
                    principals.get(stored.contract.id),
                    premiums.get(stored.contract.id, 0),
                )
            )
        except Exception as error:  # a text that cannot be opened is one worker's
            outcomes[stored.contract.id] = error
    return works, outcomes


async def principals_of(ctx: Ctx[Payroll], contracts: Sequence[UUID]) -> dict[UUID, UUID]:
    """For whom the work was, of contracts that pay an allowance; these principals are locked."""
    rows = await ctx.db.fetch(SQL["principals_of_contracts"], contracts)
    principals = {row["contract_id"]: row["principal_id"] for row in rows}
    if principals:
        await ctx.db.execute(SQL["lock_allowance_principals"], sorted(set(principals.values())))
    return principals


async def _for_principals(
    ctx: Ctx[Payroll], contracts: Sequence[StoredContract], principals: Mapping[UUID, UUID]
) -> dict[UUID, list[Counted]]:
    if not principals:
        return {}
    return counted_by_principal(
        await ctx.db.fetch(
            SQL["counted_for_principals"], sorted(set(principals.values())), *_years(contracts)
        )
    )


def counted_by_principal(rows: Sequence[Record]) -> dict[UUID, list[Counted]]:
    """What the payslips of all who worked for a principal counted, year by year."""
    counts: dict[tuple[UUID, int], dict[str, int]] = defaultdict(dict)
    for row in rows:
        counts[row["principal_id"], row["year"]][row["name"]] = row["total"]
    earlier: dict[UUID, list[Counted]] = defaultdict(list)
    for (principal_id, year), of_year in counts.items():
        earlier[principal_id].append(Counted(date(year, 12, 31), of_year))
    return earlier


def _years(contracts: Sequence[StoredContract]) -> tuple[date, date]:
    years = [stored.contract.terms.last_day.year for stored in contracts]
    return date(min(years), 1, 1), date(max(years), 12, 31)


async def _earlier(
    ctx: Ctx[Payroll], entity_id: UUID, contracts: Sequence[StoredContract]
) -> dict[UUID, list[Counted]]:
    earlier: dict[UUID, list[Counted]] = defaultdict(list)
    for row in await ctx.db.fetch(
        SQL["counted_payslips"],
        sorted({stored.member_id for stored in contracts}),
        entity_id,
        *_years(contracts),
    ):
        earlier[row["member_id"]].append(counted_from(row))
    return earlier


async def _store_all(ctx: Ctx[Payroll], payable: Sequence[Payable], today: date) -> dict[UUID, Outcome]:
    """Together; where the database refuses a row of them, each half by itself, until that row is alone."""
    if not payable:
        return {}
    try:
        async with ctx.db.transaction():
            return await _store(ctx, payable, today)
    except ROW_ERRORS as error:
        if len(payable) == 1:
            return {payable[0].stored.contract.id: error}
    half = len(payable) // 2
    return {
        **await _store_all(ctx, payable[:half], today),
        **await _store_all(ctx, payable[half:], today),
    }


async def _store(ctx: Ctx[Payroll], payable: Sequence[Payable], today: date) -> dict[UUID, Outcome]:
    keys = {
        each.stored.contract.id: payslip_key(each.stored.contract.id, each.computed.period.start)
        for each in payable
    }
    sources: dict[int, list[dict[str, Any]]] = {}  # payslips of one group share theirs
    told_on = await told_days(ctx.db, PayslipComputed, list(keys.values()), "computed_on")
    days = {key: told_on.get(key, today) for key in keys.values()}
    rows = [
        _columns(
            keys[each.stored.contract.id],
            each.stored,
            each.computed,
            _sources(each.computed.payslip, sources),
            days[keys[each.stored.contract.id]],
            seal_facts(ctx.service.sealer, each.stored.member_id, each.computed.work.answers),
        )
        for each in payable
    ]
    await ctx.db.executemany(SQL["insert_payslip"], rows)
    await store_settlements(ctx.db, [(keys[each.stored.contract.id], each.settled) for each in payable])
    await note_payslips(ctx, payable[0].stored.entity_id, (each.computed.period.last for each in payable))
    await ctx.announce_all(
        [
            _event(
                keys[each.stored.contract.id],
                each.stored,
                each.computed,
                days[keys[each.stored.contract.id]],
            )
            for each in payable
        ]
    )
    return dict(keys)


def _sources(payslip: Payslip, known: dict[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    place = id(payslip.sources)
    if place not in known:
        known[place] = [keep_source(source) for source in payslip.sources]
    return known[place]


def _columns(
    key: UUID,
    stored: StoredContract,
    each: Computed,
    sources: list[dict[str, Any]],
    today: date,
    facts: bytes,
) -> tuple[object, ...]:
    payslip = each.payslip
    return (
        key,
        stored.contract.id,
        stored.order_id,
        stored.activity_id,
        stored.entity_id,
        stored.member_id,
        each.period.start,
        each.period.last,
        payslip.gross_wage.currency,
        payslip.gross_wage.minor,
        payslip.net_wage.minor,
        payslip.net_payable.minor,
        payslip.labor_cost.minor,
        stored.contract.labor_cost.minor,
        each.counts,
        [keep_line(line) for line in payslip.lines],
        [keep_remark(remark) for remark in payslip.remarks],
        sources,
        payslip.fingerprint,
        payslip.engine_version,
        each.due_date,
        today,
        facts,
    )


def _event(key: UUID, stored: StoredContract, each: Computed, today: date) -> PayslipComputed:
    return PayslipComputed(
        payslip_id=key,
        contract_id=stored.contract.id,
        order_id=stored.order_id,
        activity_id=stored.activity_id,
        entity_id=stored.entity_id,
        member_id=stored.member_id,
        gross_wage=each.payslip.gross_wage,
        net_payable=each.payslip.net_payable,
        labor_cost=stored.contract.labor_cost,
        due_date=each.due_date,
        computed_on=today,
    )

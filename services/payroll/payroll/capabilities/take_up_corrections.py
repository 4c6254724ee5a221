"""Let the next payslips of workers take up what is open of corrected ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.database import Connection
from commons.money import Money
from payroll.archive import deltas_from
from payroll.domain.correction import OpenCorrection, Origin, Settled, recovery, settle
from payroll.domain.pay_run import Computed
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import StoredContract

_SETTLEMENTS: Final = {
    Origin.PAYSLIP: "insert_settlement",
    Origin.PERIOD: "insert_difference_settlement",
}


@dataclass(frozen=True, slots=True)
class Payable:
    """A computed payslip of a contract, with what it takes up of earlier ones."""

    stored: StoredContract
    computed: Computed
    settled: tuple[Settled, ...]


@capability
async def take_up_corrections(
    ctx: Ctx[Payroll], *, entity_id: UUID, computed: Sequence[tuple[StoredContract, Computed]]
) -> list[Payable]:
    """The same payslips with what they settle of corrections, and of the differences that returns declared.

    Of several of one worker the first takes up what it can.
    """
    members = sorted({stored.member_id for stored, _ in computed})
    waiting = await open_corrections(ctx.db, entity_id, members)
    payable: list[Payable] = []
    for stored, each in computed:
        limit = recovery(ctx.service.law, each.period.last, must_be_confirmed=ctx.service.is_production)
        payslip, settled = settle(each.payslip, waiting.get(stored.member_id, ()), limit)
        payable.append(Payable(stored, replace(each, payslip=payslip), settled))
        if settled:
            waiting[stored.member_id] = _still_open(waiting[stored.member_id], settled)
    return payable


async def open_corrections(
    db: Connection, entity_id: UUID, members: Sequence[UUID]
) -> dict[UUID, list[OpenCorrection]]:
    """What is open of each worker's corrections at an entity. Their profiles are locked."""
    found: dict[UUID, list[OpenCorrection]] = defaultdict(list)
    for row in await db.fetch(SQL["open_corrections"], members, entity_id):
        found[row["member_id"]].append(
            OpenCorrection(
                id=row["id"],
                contract_id=row["contract_id"],
                period_end=row["period_end"],
                deltas=deltas_from(row),
                open=Money(row["open_minor"], row["currency"]),
                origin=Origin(row["origin"]),
            )
        )
    return found


async def store_settlements(db: Connection, payslips: Iterable[tuple[UUID, Sequence[Settled]]]) -> None:
    """Keep which payslip took up how much."""
    rows: dict[Origin, list[tuple[UUID, UUID, int]]] = defaultdict(list)
    for payslip_id, settled in payslips:
        for each in settled:
            rows[each.origin].append((each.correction_id, payslip_id, each.amount.minor))
    for origin, of_origin in rows.items():
        await db.executemany(SQL[_SETTLEMENTS[origin]], of_origin)


def _still_open(corrections: Sequence[OpenCorrection], settled: Sequence[Settled]) -> list[OpenCorrection]:
    taken = {each.correction_id: each.amount for each in settled}
    rest = [
        replace(each, open=each.open - taken[each.id]) if each.id in taken else each for each in corrections
    ]
    return [each for each in rest if each.open.minor]

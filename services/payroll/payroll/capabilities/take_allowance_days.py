"""Count the days of an allowance against those that a year and a principal have."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from commons.capability import capability
from commons.context import Ctx
from commons.database import Connection
from payroll.domain.allowance import AllowanceDay, AllowanceLimits
from payroll.domain.contract import Contract
from payroll.service import Payroll
from payroll.sql import SQL

DAYS_READ_MAX: Final = 500  # a year has fewer, whatever the law allows


@capability
async def take_allowance_days(
    ctx: Ctx[Payroll], *, contract: Contract, member_id: UUID, principal_id: UUID
) -> None:
    """Take the days of a contract that pays an allowance; of any other contract there are none to take.

    Raises AllowanceDayTaken, AllowanceDaysInARow, AllowanceDaysOfYear.
    """
    terms = contract.terms
    limits = AllowanceLimits.find(terms.regime, ctx.service.law, terms.first_day)
    if limits is None:
        return
    margin = timedelta(days=limits.consecutive_days_max)
    year = terms.first_day.year
    rows = await ctx.db.fetch(
        SQL["allowance_days"],
        member_id,
        terms.regime,
        min(date(year, 1, 1), terms.first_day - margin),
        max(date(year, 12, 31), terms.last_day + margin),
        DAYS_READ_MAX,
    )
    limits.check_days(terms, principal_id, [AllowanceDay(row["day"], row["principal_id"]) for row in rows])
    await ctx.db.execute(SQL["insert_allowance_principal"], principal_id)
    await ctx.db.execute(
        SQL["insert_allowance_days"],
        member_id,
        terms.regime,
        principal_id,
        terms.first_day,
        terms.last_day,
        contract.id,
        terms.wage.minor,
        limits.day_max.minor,
        limits.days_per_year_max,
        limits.consecutive_days_max,
    )


async def give_allowance_days_back(db: Connection, contract_id: UUID, *, after: date | None = None) -> None:
    """Let go of the days of a contract, or of those after a day: nobody works on them."""
    await db.execute(SQL["delete_allowance_days"], contract_id, after)

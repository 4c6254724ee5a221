"""Batch loaders: results in the order of the keys."""

from __future__ import annotations

from collections.abc import Sequence

from commons.business_days import business_days_by_entity
from commons.context import Ctx
from commons.money import CEILING, Money
from guarantee.api.rules import COVER_READERS, FUNDING_READERS
from guarantee.api.words import sentence
from guarantee.domain.rules import guarantee_rules
from guarantee.rows import (
    AdvanceRow,
    CoverVerdictRow,
    FundRow,
    FundStandingRow,
    MovementRow,
    ReasonRow,
    WageRow,
)
from guarantee.sql import SQL


async def funds_by_key(ctx: Ctx, keys: list[str]) -> Sequence[FundRow | None]:
    """The funds of entities."""
    rows = {row["entity_id"]: FundRow(*row) for row in await ctx.read.fetch(SQL["funds_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def standings_by_fund(ctx: Ctx, keys: list[str]) -> list[FundStandingRow | None]:
    """Funds beside what they stand for, by the reserve that the country wants on the entity's day."""
    found: dict[str, FundStandingRow] = {}
    days = dict(zip(keys, await business_days_by_entity(ctx, keys), strict=True))
    for row in await ctx.read.fetch(SQL["standings_by_fund"], keys):
        today = days[row["entity_id"]]
        assert today is not None, "an entity with a fund has a business day"
        rules = guarantee_rules(ctx.country.section("guarantee"), today)
        exposure = Money(row["exposure_minor"], row["currency"])
        reserve = exposure.times(rules.reserve_ratio_minimum, CEILING)
        found[row["entity_id"]] = FundStandingRow(
            exposure, reserve, Money(row["posted"], row["currency"]) < reserve, row["warned_on"]
        )
    return [found.get(key) for key in keys]


async def pools_by_fund(ctx: Ctx, keys: list[str]) -> list[Money | None]:
    """What prices of contracts left over of their cost; nothing before any cost was corrected."""
    rows = await ctx.read.fetch(SQL["pools_by_fund"], keys)
    found = {row["entity_id"]: Money(row["posted"], row["currency"]) for row in rows}
    return [found.get(key) for key in keys]


async def movements_by_fund(ctx: Ctx, keys: list[str], *, first: int = 20) -> list[list[MovementRow]]:
    """What came into the fund and what left it, the newest first."""
    found: dict[str, list[MovementRow]] = {key: [] for key in keys}
    for fund, *line in await ctx.read.fetch(SQL["movements_by_fund"], keys, first):
        found[fund].append(MovementRow(*line))
    return [found[key] for key in keys]


async def advances_by_key(ctx: Ctx, keys: list[str]) -> Sequence[AdvanceRow | None]:
    """Advances."""
    rows = {row["id"]: AdvanceRow(*row) for row in await ctx.read.fetch(SQL["advances_by_key"], keys)}
    return [rows.get(key) for key in keys]


async def cover_by_order(ctx: Ctx, keys: list[str]) -> list[CoverVerdictRow | None]:
    """Whether the fund stands for orders, and why; nothing for an order that is not decided yet."""
    rows = [
        CoverVerdictRow(
            order_id=row["order_id"],
            member_id=row["member_id"],
            covered=row["covered"],
            cover_minor=row["cover_minor"],
            currency=row["currency"],
            decided_on=row["decided_on"],
            reasons=[
                ReasonRow(**reason, sentence=sentence(reason["rule"], reason["passed"]))
                for reason in row["reasons"]
            ],
        )
        for row in await ctx.read.fetch(SQL["verdicts_by_order"], keys)
    ]
    mask = COVER_READERS.mask(ctx, rows) or [True] * len(rows)
    found = {row.order_id: row for row, visible in zip(rows, mask, strict=True) if visible}
    return [found.get(key) for key in keys]


async def funding_by_payslip(ctx: Ctx, keys: list[str]) -> list[WageRow | None]:
    """Whose money pays wages, and when."""
    rows = [WageRow(*row) for row in await ctx.read.fetch(SQL["wages_by_payslip"], keys)]
    mask = FUNDING_READERS.mask(ctx, rows) or [True] * len(rows)
    found = {row.payslip_id: row for row, visible in zip(rows, mask, strict=True) if visible}
    return [found.get(key) for key in keys]

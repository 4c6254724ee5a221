"""What a person on duty watches: wages that were due and not funded, holds that nothing explains."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from commons.clock import BusinessDayOpened, business_day_opened
from commons.database import Pools
from guarantee.figures import FIGURES


async def counts(pools: Pools) -> dict[str, int]:
    found = {}
    async with pools.read.acquire() as db:
        for figure in FIGURES:
            [name] = [family.name for family in figure.gauge.collect()]
            found[name], _ = await figure.count(db, now=datetime.now(UTC))
    return found


async def test_a_wage_is_told_from_its_due_day_until_it_is_funded(cell: Any, pools: Pools) -> None:
    await cell.open_fund()
    order = await cell.confirm_order()
    await cell.compute_payslip(order)

    async def turn_the_page(day: date) -> None:
        event = BusinessDayOpened(entity_id=cell.entity, day=day)
        await cell.do(lambda ctx: business_day_opened(ctx, event))

    await turn_the_page(date(2026, 8, 7))
    assert (await counts(pools))["wages_due_unfunded"] == 0
    await turn_the_page(date(2026, 8, 8))
    assert (await counts(pools))["wages_due_unfunded"] == 1
    await cell.meet_deadlines()
    assert (await counts(pools))["wages_due_unfunded"] == 0


async def test_a_hold_that_no_wage_names_is_told(cell: Any, pools: Pools) -> None:
    await cell.open_fund()
    payslip = await cell.compute_payslip(await cell.confirm_order())
    before = (await counts(pools))["holds_without_process"]
    await pools.write.execute("update wage_process set hold_id = null where payslip_id = $1", payslip)
    assert (await counts(pools))["holds_without_process"] == before + 1


async def test_a_wage_that_the_fund_does_not_stand_for_is_told_long_before_its_day(
    cell: Any, pools: Pools
) -> None:
    await cell.open_fund()
    payslip = await cell.compute_payslip(await cell.confirm_order())
    before = await counts(pools)
    await pools.write.execute("update wage_process set hold_id = null where payslip_id = $1", payslip)
    after = await counts(pools)
    assert after["wages_unbacked"] == before["wages_unbacked"] + 1
    assert after["wages_due_unfunded"] == before["wages_due_unfunded"]

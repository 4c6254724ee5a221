"""Whatever is asked of the fund, it answers in order and keeps nothing of what it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

from commons.database import Pools
from commons.testing.api import AskedApi, attack_api
from guarantee.api.schema import schema


async def test_no_input_breaks_the_service_or_is_kept_when_it_is_refused(
    api: AskedApi, pools: Pools, funded: Any
) -> None:
    order = await funded.confirm_order()
    await funded.issue_invoice(order)
    await funded.compute_payslip(order)
    await funded.open_day(date(2026, 8, 8))
    await attack_api(api, schema, pools)

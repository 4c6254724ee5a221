"""Whatever is asked of invoicing, it answers in order and keeps nothing of what it refuses."""

from __future__ import annotations

from typing import Any

from commons.database import Pools
from commons.testing.api import AskedApi, attack_api
from invoicing.api.schema import schema


async def test_no_input_breaks_the_service_or_is_kept_when_it_is_refused(
    api: AskedApi, pools: Pools, desk: Any
) -> None:
    await desk.cover(await desk.confirm())
    await desk.draft()
    await attack_api(api, schema, pools)

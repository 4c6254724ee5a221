from __future__ import annotations

from typing import Any

import pytest

from commons.events import NotYet
from commons.uuid7 import uuid7


async def test_a_covered_order_brings_its_price_less_the_contribution_once(desk: Any) -> None:
    order = await desk.confirm()
    assert await desk.balance() == ("0.00", "0.00")
    for _ in range(2):
        await desk.cover(order)
    assert await desk.balance() == ("935.00", "0.00")


async def test_a_verdict_on_an_order_nobody_knows_waits(desk: Any) -> None:
    with pytest.raises(NotYet):
        await desk.cover(uuid7())

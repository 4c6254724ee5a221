from __future__ import annotations

from typing import Any

import pytest

from commons import ledger
from commons.uuid7 import uuid7


async def test_a_refused_contract_frees_its_money_once(desk: Any) -> None:
    order = await desk.confirm()
    await desk.cover(order)
    contract = await desk.request_contract(order, "900.00")
    for _ in range(2):
        await desk.refuse_contract(contract)
    assert await desk.balance() == ("935.00", "0.00")
    assert await desk.told(contract) == ["BudgetHeld", "BudgetReleased"]
    await desk.refuse_contract(uuid7())
    with pytest.raises(ledger.HoldEnded):
        await desk.compute_payslip(contract, "900.00")

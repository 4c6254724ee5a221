from __future__ import annotations

from datetime import date
from typing import Any

from tests.a_bank import Bank, imported

from commons.context import ctx_factory
from commons.deadlines import Deadlines, meet_one
from commons.testing.api import AskedApi
from invoicing.deadlines.invoice_overdue import invoice_overdue
from invoicing.deadlines.keys import INVOICE_OVERDUE

LEVEL = "query ($id: ID!) { invoice(id: $id) { dunningLevel } }"


async def come(desk: Any, day: date) -> None:
    """The day comes, and what falls due on it is met as the worker would."""
    await desk.open_day(day)
    meeting = Deadlines(
        desk.pools.write,
        {INVOICE_OVERDUE: invoice_overdue},
        ctx_factory(country=desk.country, service=desk.service),
    )
    while await meet_one(meeting):
        pass


async def level(api: AskedApi, desk: Any, invoice: Any) -> int:
    found: int = (await api.ask(LEVEL, who=desk.who, id=desk.id("Invoice", invoice.key))).data["invoice"][
        "dunningLevel"
    ]
    return found


async def test_an_unpaid_invoice_climbs_the_ladder_and_each_level_is_told_once(
    api: AskedApi, desk: Any, invoice: Any
) -> None:
    # Issued on 31 July for ten days: the first two levels are past on 25 August, the third is not.
    await come(desk, date(2026, 8, 25))
    assert await level(api, desk, invoice) == 2
    body = await desk.body(invoice.key, "InvoiceOverdue")
    assert (body["dunning_level"], body["amount_due"]["minor"]) == (2, "121000")
    assert body["payment_due_date"] == "2026-08-10"
    await come(desk, date(2026, 12, 1))
    assert await level(api, desk, invoice) == 3
    assert (await desk.told(invoice.key)).count("InvoiceOverdue") == 3


async def test_an_invoice_that_is_paid_reminds_nobody(
    api: AskedApi, desk: Any, invoice: Any, bank: Bank
) -> None:
    bank.credit("1210.00", invoice.reference, day="2026-08-10")
    await imported(api, desk, bank.statement())
    await come(desk, date(2026, 12, 1))
    assert await level(api, desk, invoice) == 0
    assert "InvoiceOverdue" not in await desk.told(invoice.key)

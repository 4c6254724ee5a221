"""What a statement says came back is owed again where it is a wage, and nobody's business where it is not."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tests.an_office import Office

from commons.uuid7 import uuid7
from payroll.capabilities.settle_wage_payment import settle_wage_payment
from payroll.consumers.transfer_returned import transfer_returned
from payroll.events.consumed import TransferReturned

LAST_DAY, DUE_DAY, LATER = date(2026, 7, 31), date(2026, 8, 8), date(2026, 8, 12)


async def comes_back(office: Office, entity: UUID, end_to_end_id: str) -> None:
    event = TransferReturned(entity_id=entity, end_to_end_id=end_to_end_id, reason="AC04", returned_on=LATER)
    await office.run(lambda ctx: transfer_returned(ctx, event))


async def test_a_paid_wage_that_comes_back_is_returned_once(office: Office, entity: UUID) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await office.open_day(entity, LAST_DAY)
    await office.open_day(entity, DUE_DAY)
    payslip = await office.payslip_of(contract)
    await office.fund(payslip, entity, DUE_DAY)
    number = payslip.hex
    await office.run(lambda ctx: settle_wage_payment(ctx, end_to_end_id=number, returned_because=None))
    await office.open_day(entity, LATER)
    for _ in range(2):
        await comes_back(office, entity, number)
    assert await office.announced(payslip) == ["PayslipComputed", "WagePaid", "WageReturned"]
    assert (await office.event(payslip, "WageReturned"))["returned_on"] == "2026-08-12"
    assert (
        await office.pools.read.fetchval("select paid_on from contract where id = $1", contract.key) is None
    )


async def test_a_transfer_that_is_no_wage_changes_nothing(office: Office, entity: UUID) -> None:
    for number in ("NOTPROVIDED", uuid7().hex, f"{uuid7().hex}-2"):
        await comes_back(office, entity, number)

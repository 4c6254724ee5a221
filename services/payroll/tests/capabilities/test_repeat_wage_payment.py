"""A wage that the bank returned is paid again once: to the corrected account, or when an officer says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.an_office import ENTITY_IBAN, IBAN, OFFICER, Office

from commons import global_id
from commons.claims import Claims
from commons.testing.api import AskedApi
from payroll.adapters.bank import Bank
from payroll.capabilities.settle_wage_payment import settle_wage_payment
from payroll.effects.kinds import BANK_PAY
from payroll.effects.payment import Payments

LAST_DAY, DUE_DAY, LATER = date(2026, 7, 31), date(2026, 8, 8), date(2026, 8, 12)
WRONG, RIGHT = "BE68539007547034", IBAN
CORRECT = """
mutation ($member: ID!, $entity: ID!, $iban: String!, $key: ID) {
  correctAccount(memberId: $member, entityId: $entity, iban: $iban, idempotencyKey: $key) {
    __typename
    ... on Member { payrollProfile { ibanMasked } }
    ... on Refusal { code }
  }
}
"""
REPEAT = """
mutation ($payslip: ID!) {
  repeatWagePayment(payslipId: $payslip, idempotencyKey: null) {
    __typename
    ... on Payslip { state }
    ... on Refusal { code }
  }
}
"""
READ = "query ($payslip: ID!) { payslip(id: $payslip) { state paidOn returnedOn returnReason } }"
RETURNED = "query ($entity: ID!) { wagesReturned(entityId: $entity) { nodes { id returnReason } } }"


@dataclass(frozen=True)
class Wage:
    """A funded wage of a member whose account is wrong, at an office with a bank."""

    office: Office
    api: AskedApi
    entity: UUID
    who: Claims
    payslip: UUID

    @property
    def global_id(self) -> str:
        return global_id.encode("BE", "Payslip", self.payslip)

    async def correct(self, iban: str = RIGHT, key: str | None = None) -> Any:
        assert self.who.member_id is not None
        member = global_id.encode("BE", "Member", self.who.member_id)
        entity = global_id.encode("BE", "Entity", self.entity)
        answer = await self.api.ask(CORRECT, who=self.who, member=member, entity=entity, iban=iban, key=key)
        return answer.data["correctAccount"]

    async def repeat(self, who: Claims = OFFICER) -> Any:
        return await self.api.ask(REPEAT, who=who, payslip=self.global_id)

    async def read(self) -> Any:
        return (await self.api.ask(READ, who=self.who, payslip=self.global_id)).data["payslip"]

    async def returned(self) -> list[str]:
        entity = global_id.encode("BE", "Entity", self.entity)
        answer = await self.api.ask(RETURNED, who=OFFICER, entity=entity)
        return [node["id"] for node in answer.data["wagesReturned"]["nodes"]]

    async def orders(self) -> list[tuple[int, bool, bool, bool]]:
        rows = await self.office.pools.read.fetch(
            "select attempt, paid_on, returned_on, replaced_on from payment_order where payslip_id = $1 "
            "order by attempt",
            self.payslip,
        )
        return [
            (
                row["attempt"],
                row["paid_on"] is not None,
                row["returned_on"] is not None,
                row["replaced_on"] is not None,
            )
            for row in rows
        ]

    async def bank_does_its_work(self, event: str, times: int = 1) -> None:
        async def is_told() -> bool:
            return (await self.office.announced(self.payslip)).count(event) == times

        await self.office.execute_effects(is_told)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        yield client


@pytest.fixture
async def wage(
    office: Office, api: AskedApi, entity: UUID, parties: Mapping[str, str], http: httpx.AsyncClient
) -> AsyncIterator[Wage]:
    """Funded on its due day; the bank of the account says that it is closed."""
    payments = Payments(Bank(http, parties["bank"]), office.pools.write, office.service)
    paying = office.with_effects({BANK_PAY: payments.handler()})
    who = await paying.member(entity, iban=WRONG)
    contract = await paying.active_contract(entity, who)
    await paying.open_day(entity, LAST_DAY)
    await paying.open_day(entity, DUE_DAY)
    payslip = await paying.payslip_of(contract)
    rule = {"match": {"operation": "transfer", "iban": WRONG}, "outcome": "rejected", "reason": "AC04"}
    (await http.post(f"{parties['bank']}/simulate/behavior", json=rule)).raise_for_status()
    await paying.fund(payslip, entity, DUE_DAY)
    yield Wage(paying, api, entity, who, payslip)
    await http.delete(f"{parties['bank']}/simulate/behavior")


async def test_a_corrected_account_is_paid_at_once_and_once(wage: Wage) -> None:
    await wage.bank_does_its_work("WageReturned")
    assert await wage.read() == {
        "state": "RETURNED",
        "paidOn": None,
        "returnedOn": "2026-08-08",
        "returnReason": "AC04",
    }
    assert await wage.returned() == [wage.global_id]
    await wage.office.open_day(wage.entity, LATER)
    corrected = await wage.correct()
    assert corrected["payrollProfile"]["ibanMasked"] == "BE71••••••••6769"
    assert (await wage.read())["state"] == "INSTRUCTED"
    await wage.bank_does_its_work("WagePaid")
    assert (await wage.read())["paidOn"] == "2026-08-12"
    assert await wage.orders() == [(1, False, True, True), (2, True, False, False)]
    assert await wage.office.announced(wage.payslip) == ["PayslipComputed", "WageReturned", "WagePaid"]
    assert await wage.returned() == []


async def test_correcting_it_twice_orders_one_payment(wage: Wage) -> None:
    await wage.bank_does_its_work("WageReturned")
    for key in ("one", "one", "another"):
        await wage.correct(key=key)
    assert [attempt for attempt, *_ in await wage.orders()] == [1, 2]


async def test_the_account_that_failed_is_not_tried_again_by_itself(wage: Wage) -> None:
    await wage.bank_does_its_work("WageReturned")
    await wage.correct(WRONG)
    assert (await wage.read())["state"] == "RETURNED"


async def test_an_account_corrected_while_the_bank_thinks_is_paid_when_the_wage_comes_back(
    wage: Wage,
) -> None:
    await wage.correct()
    assert [attempt for attempt, *_ in await wage.orders()] == [1]
    await wage.bank_does_its_work("WageReturned")
    await wage.bank_does_its_work("WagePaid")
    assert await wage.orders() == [(1, False, True, True), (2, True, False, False)]


async def test_an_officer_may_try_the_same_account_and_nobody_a_wage_that_is_not_returned(wage: Wage) -> None:
    assert (await wage.repeat()).data["repeatWagePayment"]["code"] == "WageNotReturned"
    await wage.bank_does_its_work("WageReturned")
    assert (await wage.repeat(wage.who)).codes == ["FORBIDDEN"]
    assert (await wage.repeat()).data["repeatWagePayment"] == {"__typename": "Payslip", "state": "INSTRUCTED"}
    assert (await wage.repeat()).data["repeatWagePayment"]["code"] == "WageNotReturned"
    await wage.bank_does_its_work("WageReturned", times=2)
    assert await wage.orders() == [(1, False, True, True), (2, False, True, False)]


async def test_a_funding_heard_again_orders_nothing_after_a_return(wage: Wage) -> None:
    await wage.bank_does_its_work("WageReturned")
    await wage.office.fund(wage.payslip, wage.entity, DUE_DAY)
    assert await wage.orders() == [(1, False, True, False)]


async def test_a_wage_that_comes_back_after_it_was_paid_is_owed_again(wage: Wage) -> None:
    await wage.correct()
    await wage.bank_does_its_work("WagePaid")
    contract = "select c.paid_on from contract c join payslip p on p.contract_id = c.id where p.id = $1"
    assert await wage.office.pools.read.fetchval(contract, wage.payslip) == DUE_DAY
    await wage.office.open_day(wage.entity, LATER)
    number = f"{wage.payslip.hex}-2"
    for _ in range(2):
        await wage.office.run(
            lambda ctx: settle_wage_payment(ctx, end_to_end_id=number, returned_because="AC04")
        )
    assert (await wage.read())["state"] == "RETURNED"
    assert (await wage.office.announced(wage.payslip))[-2:] == ["WagePaid", "WageReturned"]
    assert await wage.office.pools.read.fetchval(contract, wage.payslip) is None


async def test_the_database_lets_no_second_order_of_a_wage_count(wage: Wage) -> None:
    await wage.bank_does_its_work("WageReturned")
    with pytest.raises(Exception, match="one_current_payment_per_payslip"):
        await wage.office.pools.write.execute(
            "insert into payment_order (id, payslip_id, file_id, end_to_end_id, amount_minor, currency, source, "
            "funded_on, attempt) select gen_random_uuid(), payslip_id, file_id, 'another', amount_minor, currency, "
            "source, funded_on, 2 from payment_order where payslip_id = $1",
            wage.payslip,
        )
    assert ENTITY_IBAN == WRONG, "the wrong account is one with good check digits"

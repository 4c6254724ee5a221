"""A year-end premium that an officer records is paid, taxed, certified and computed again with its wage."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest
from tests.an_office import OFFICER, Office
from tests.capabilities.test_recompute_payslips import august, recompute, wage_of

from commons import global_id
from commons.claims import Claims
from commons.testing.api import AskedApi
from payroll.domain.belgium.situation import Status
from payroll.rows import ContractRow

JULY: Final = date(2026, 7, 31)
RECORD: Final = """
mutation ($contract: ID!, $amount: Decimal!, $currency: String! = "EUR") {
  recordExceptionalPay(contractId: $contract, kind: YEAR_END_PREMIUM, reason: "joint committee 200",
                       amount: {amount: $amount, currency: $currency}) {
    __typename
    ... on Contract { id }
    ... on Refusal { code path facts }
  }
}
"""
PAYSLIP: Final = """
query ($payslip: ID!) {
  payslip(id: $payslip) {
    netPayable { amount }
    lines { code label(language: "nl") amount { amount } }
    netExplanation { code source { parameter text } }
    costExplanation { code reason }
  }
}
"""
CERTIFICATE: Final = """
query ($member: ID!) {
  yearlyCertificates(year: 2026, memberId: $member) { nodes { boxes { code amount { amount } } } }
}
"""


async def recorded(
    api: AskedApi, contract: ContractRow, amount: str = "3000.00", who: Claims = OFFICER
) -> dict[str, Any]:
    key = global_id.encode("BE", "Contract", contract.key)
    answer = await api.ask(RECORD, who=who, contract=key, amount=amount)
    found: dict[str, Any] = answer.data["recordExceptionalPay"]
    return found


async def lines(api: AskedApi, office: Office, contract: ContractRow) -> dict[str, str]:
    key = global_id.encode("BE", "Payslip", await wage_of(office, contract))
    payslip = (await api.ask(PAYSLIP, who=OFFICER, payslip=key)).data["payslip"]
    return {line["code"]: line["amount"]["amount"] for line in payslip["lines"]}


async def test_the_payslip_pays_the_premium_with_a_contribution_and_a_tax_of_its_own(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    assert (await recorded(api, contract))["__typename"] == "Contract"
    event = await office.event(contract.key, "ExceptionalPayRecorded")
    assert event["amount"] == {"minor": "300000", "currency": "EUR"}
    await office.open_day(entity, JULY)
    found = await lines(api, office, contract)
    # Twelve times 3,000 is the normal year: 46.44 % of 3,000 less 13.07 % (a kept case gives the same net).
    assert found["year_end_premium"] == "3000.00"
    assert found["onss.year_end_premium"] == "-392.10"
    assert found["withholding.year_end_premium"] == "-1211.11"
    # The wage beside it is taxed as it is alone; contributions count all pay.
    assert (found["gross"], found["withholding"], found["work_bonus.a"]) == ("3000.00", "-473.29", "107.70")
    assert (found["employer.base"], found["special_contribution"]) == ("1500.00", "-60.51")
    computed = await office.event(await wage_of(office, contract), "PayslipComputed")
    assert computed["net_payable"] == {"minor": "361428", "currency": "EUR"}
    assert computed["labor_cost"] == {"minor": "408000", "currency": "EUR"}, "the price that the budget holds"


async def test_its_tax_is_explained_down_to_the_article(api: AskedApi, office: Office, entity: UUID) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await recorded(api, contract)
    await office.open_day(entity, JULY)
    key = global_id.encode("BE", "Payslip", await wage_of(office, contract))
    payslip = (await api.ask(PAYSLIP, who=OFFICER, payslip=key)).data["payslip"]
    of = {node["code"]: node["source"] for node in payslip["netExplanation"]}
    assert of["withholding.year_end_premium"]["parameter"] == "withholding.exceptional"
    assert "Annex III" in of["withholding.year_end_premium"]["text"]
    assert "year_end_premium.normal_year" in of
    assert "year_end_premium" in {node["code"] for node in payslip["costExplanation"]}


async def test_the_year_of_the_worker_adds_it_up(api: AskedApi, office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    await recorded(api, await office.active_contract(entity, who))
    await office.open_day(entity, JULY)
    member = global_id.encode("BE", "Member", str(who.member_id))
    [year] = (await api.ask(CERTIFICATE, who=OFFICER, member=member)).data["yearlyCertificates"]["nodes"]
    boxes = {box["code"]: box["amount"]["amount"] for box in year["boxes"]}
    # 2,715.60 of the wage and 2,607.90 of the premium; 473.29 - 35.69 and 1,211.11 withheld.
    assert (boxes["2060"], boxes["2074"], boxes["2075"]) == ("5323.50", "1648.71", "60.51")


async def test_the_quarter_counts_it_and_the_work_bonus_of_the_month_does_not(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await recorded(api, contract)
    await office.open_day(entity, JULY)
    counted = await office.pools.read.fetchval(
        "select counted from payslip where contract_id = $1", contract.key
    )
    assert (counted["gross"], counted["base"]) == (300_000, 600_000)


async def test_a_payslip_computed_again_has_it_still_and_the_next_one_not(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await office.active_contract(entity, who)
    await recorded(api, contract)
    await office.open_day(entity, JULY)
    done = await recompute(office, api, entity)
    assert (done["unchanged"], done["corrected"], done["failed"]) == (1, 0, 0)
    next_one = await august(office, entity, who)
    await office.open_day(entity, date(2026, 8, 31))
    assert "year_end_premium" not in await lines(api, office, next_one)


async def test_it_is_recorded_once_and_before_the_payslip(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    assert (await recorded(api, contract, "0.00"))["code"] == "GrossNotPositive"
    assert (await recorded(api, contract, "10000000.01"))["code"] == "WageTooLarge"
    key = global_id.encode("BE", "Contract", contract.key)
    answer = await api.ask(RECORD, who=OFFICER, contract=key, amount="1.00", currency="HUF")
    refused = answer.data["recordExceptionalPay"]
    assert (refused["code"], refused["facts"]) == ("CurrencyMismatch", {"expected": "EUR", "given": "HUF"})
    await recorded(api, contract)
    assert (await recorded(api, contract, "1.00"))["code"] == "ExceptionalPayAlreadyRecorded"
    late = await office.active_contract(entity, await office.member(entity))
    await office.open_day(entity, JULY)
    assert (await recorded(api, late))["code"] == "PayslipAlreadyComputed"


async def test_who_has_no_such_pay_is_refused_with_those_who_have(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    artist = await office.active_contract(entity, await office.member(entity), regime=Status.ARTIST)
    refused = await recorded(api, artist)
    assert (refused["code"], refused["path"]) == ("ExceptionalPayUnknown", ["kind"])
    unknown = await api.ask(
        RECORD,
        who=OFFICER,
        contract=global_id.encode("BE", "Contract", "01990000-0000-7000-8000-000000000001"),
        amount="1.00",
    )
    assert unknown.data["recordExceptionalPay"]["code"] == "UnknownContract"


async def test_a_member_records_nothing(api: AskedApi, office: Office, entity: UUID) -> None:
    who = await office.member(entity)
    contract = await office.active_contract(entity, who)
    key = global_id.encode("BE", "Contract", contract.key)
    assert (await api.ask(RECORD, who=who, contract=key, amount="1.00")).codes
    assert (
        await office.pools.read.fetchval(
            "select count(*) from exceptional_pay where contract_id = $1", contract.key
        )
        == 0
    )


async def test_the_database_keeps_it_and_takes_none_after_the_payslip(
    api: AskedApi, office: Office, entity: UUID
) -> None:
    contract = await office.active_contract(entity, await office.member(entity))
    await recorded(api, contract)
    late = await office.active_contract(entity, await office.member(entity))
    await office.open_day(entity, JULY)
    write = office.pools.write
    with pytest.raises(Exception, match="never changed"):
        await write.execute(
            "update exceptional_pay set amount_minor = 1 where contract_id = $1", contract.key
        )
    with pytest.raises(Exception, match="computed already"):
        await write.execute(
            "insert into exceptional_pay values ($1, 'year_end_premium', 1, 'EUR', 'late', 'x', '2026-08-01')",
            late.key,
        )

"""Payslips of past months are computed again: what differs is kept beside them and settled once."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from tests.an_office import HOLDER_NAME, IBAN, NATIONAL_NUMBER, OFFICER, Office
from tests.capabilities.test_take_allowance_days import active, an_order, days

from commons import global_id
from commons.claims import Claims
from commons.clock import BusinessDayOpened, business_day_opened
from commons.country import countries_folder, load_country
from commons.money import Money
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from payroll.api.schema import schema
from payroll.capabilities import continue_recomputation
from payroll.capabilities.complete_payroll_profile import complete_payroll_profile
from payroll.domain.belgium.situation import Spouse
from payroll.domain.contract import ContractKind
from payroll.domain.engines import engine_of
from payroll.domain.errors import FactsOfTheFuture
from payroll.inputs import FamilySituationInput
from payroll.rows import ContractRow

JULY: Final = date(2026, 7, 31)
AUGUST: Final = date(2026, 8, 31)
RECOMPUTE: Final = """
mutation ($entity: ID!, $period: Date!, $until: Date) {
  recomputePayslips(entityId: $entity, period: $period, until: $until, reason: "children told late",
                    idempotencyKey: null) {
    __typename
    ... on Recomputation { id state total }
    ... on Refusal { code }
  }
}
"""
READ: Final = """
query ($run: ID!) {
  recomputation(id: $run) {
    state total corrected unchanged failed startedBy finishedOn failures(first: 5) { code payslip { id } }
  }
}
"""
PAYSLIP: Final = """
query ($payslip: ID!) {
  payslip(id: $payslip) {
    kind netPayable { amount } amounts { estimated { amount } corrected { amount } }
    lines { code label(language: "nl") amount { amount } }
    netExplanation { code depth reason label(language: "nl") amount { amount } source { parameter } }
    remarks { code text(language: "fr") }
    corrections(first: 5) {
      number reason correctedOn netPayable { amount } laborCost { amount } settled { amount } open { amount }
      lines { before { amount } amount { amount } line { code amount { amount } source { parameter } } }
    }
    contract {
      laborCost {
        variance { amount } pooled { amount }
        amounts { estimated { amount } provisioned { amount } declared { amount } corrected { amount } }
      }
    }
  }
}
"""
TWO_CHILDREN: Final = FamilySituationInput(Spouse.NONE, children=2, is_single_parent=True)


async def recompute(
    office: Office, api: AskedApi, entity: UUID, period: date = JULY, until: date | None = None
) -> Mapping[str, Any]:
    """Start it, let the worker do it, and see what became of it."""
    answer = await api.ask(
        RECOMPUTE,
        who=OFFICER,
        entity=global_id.encode("BE", "Entity", entity),
        period=period.isoformat(),
        until=None if until is None else until.isoformat(),
    )
    started = answer.data["recomputePayslips"]
    assert started["__typename"] == "Recomputation", started
    await office.meet_deadlines()
    found: Mapping[str, Any] = (await api.ask(READ, who=OFFICER, run=started["id"])).data["recomputation"]
    assert found["state"] == "FINISHED"
    return found


async def payslip(api: AskedApi, office: Office, contract: ContractRow, who: Claims = OFFICER) -> Any:
    key = global_id.encode("BE", "Payslip", await wage_of(office, contract))
    return (await api.ask(PAYSLIP, who=who, payslip=key)).data["payslip"]


async def wage_of(office: Office, contract: ContractRow) -> UUID:
    key: UUID = await office.pools.read.fetchval(
        "select id from payslip where contract_id = $1 and kind = 'wage'", contract.key
    )
    return key


async def tell(office: Office, entity: UUID, who: Claims, **changes: Any) -> None:
    """Tell payroll about oneself again."""
    profile: dict[str, Any] = {
        "national_number": NATIONAL_NUMBER,
        "iban": IBAN,
        "holder_name": HOLDER_NAME,
        "language": "fr",
        "family_situation": FamilySituationInput(Spouse.NONE),
    } | changes
    assert who.member_id is not None
    member_id = who.member_id
    await office.run(
        lambda ctx: complete_payroll_profile(ctx, member_id=member_id, entity_id=entity, **profile), who
    )


async def paid_july(office: Office, entity: UUID, who: Claims) -> ContractRow:
    """A contract over July whose wage is computed and ordered."""
    contract = await office.active_contract(entity, who)
    await office.open_day(entity, JULY)
    await office.fund(await wage_of(office, contract), entity, date(2026, 8, 10))
    return contract


async def august(office: Office, entity: UUID, who: Claims) -> ContractRow:
    """A contract over August, asked for in July."""
    order = await office.order(entity, who, start_date="2026-08-01", end_date="2026-08-31")
    contract = await office.contract(order, who, start_date=date(2026, 8, 1), end_date=AUGUST)
    await office.hold_budget(contract)
    await office.accept(contract)
    return contract


async def rows(office: Office, entity: UUID) -> list[dict[str, Any]]:
    """Every original payslip of the entity, word for word; what was corrected later stands in a column."""
    found = await office.pools.read.fetch(
        "select * from payslip where entity_id = $1 and kind = 'wage' order by turn", entity
    )
    return [{key: value for key, value in row.items() if key != "corrected_minor"} for row in found]


def cents(money: Any) -> int:
    return int(Decimal(money["amount"]) * 100)


def sum_of(lines: Any, code: str) -> int:
    return sum(cents(line["amount"]) for line in lines if line["code"] == code)


async def test_a_fact_corrected_after_the_wage_was_paid_is_settled_by_the_next_payslip(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    who = await office.member(entity)
    coming = await august(office, entity, who)
    contract = await paid_july(office, entity, who)
    before = await payslip(api, office, contract)
    originals = await rows(office, entity)
    await tell(office, entity, who, family_situation=TWO_CHILDREN, facts_since=date(2026, 1, 1))
    assert await recompute(office, api, entity) == {
        "state": "FINISHED",
        "total": 1,
        "corrected": 1,
        "unchanged": 0,
        "failed": 0,
        "startedBy": "officer",
        "finishedOn": "2026-07-31",
        "failures": [],
    }
    assert await rows(office, entity) == originals, "the original is never edited"
    corrected = await payslip(api, office, contract)
    [correction] = corrected["corrections"]
    owed = cents(correction["netPayable"])
    assert owed > 0
    assert (correction["number"], correction["reason"]) == (1, "children told late")
    assert cents(correction["open"]) == owed
    assert {line["line"]["code"] for line in correction["lines"]} >= {"withholding"}
    assert cents(correction["laborCost"]) == 0, "tax is the worker's: it costs the same"
    assert corrected["amounts"]["corrected"] == before["amounts"]["estimated"]

    await office.open_day(entity, AUGUST)
    bearing = await payslip(api, office, coming)
    assert sum_of(bearing["lines"], "correction.2026-07-31") == owed
    assert sum_of(bearing["lines"], "correction.2026-07-31/withholding") == owed
    [line] = [line for line in bearing["lines"] if line["code"] == "correction.2026-07-31/withholding"]
    assert line["label"].startswith("Correctie van de periode tot 2026-07-31: ")
    why = {node["code"]: node for node in bearing["netExplanation"]}
    assert why["correction.2026-07-31"]["reason"] == "SUM"
    assert why["correction.2026-07-31/withholding"]["source"]["parameter"]
    own = await office.pools.read.fetchval(
        "select net_wage_minor from payslip where contract_id = $1", coming.key
    )
    assert cents(bearing["netPayable"]) == own + owed
    [correction] = (await payslip(api, office, contract))["corrections"]
    assert (cents(correction["settled"]), cents(correction["open"])) == (owed, 0)
    event = await office.event(await wage_of(office, coming), "PayslipComputed")
    assert int(event["net_payable"]["minor"]) == cents(bearing["netPayable"])


async def test_computing_again_what_was_corrected_changes_nothing(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    who = await office.member(entity)
    await august(office, entity, who)
    await paid_july(office, entity, who)
    await tell(office, entity, who, family_situation=TWO_CHILDREN, facts_since=date(2026, 1, 1))
    await recompute(office, api, entity)
    count = (
        "select count(*) from payslip_correction c join payslip p on p.id = payslip_id where entity_id = $1"
    )
    announced = "select count(*) from outbox where type = 'payroll.LaborCostCorrected.v1' and data ->> 'entity_id' = $1"
    for _ in range(2):
        found = await recompute(office, api, entity)
        assert (found["corrected"], found["unchanged"]) == (0, 1)
        assert await office.pools.read.fetchval(count, entity) == 1
        assert await office.pools.read.fetchval(announced, str(entity)) == 1


async def test_facts_told_for_the_time_to_come_correct_nothing(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    who = await office.member(entity)
    await paid_july(office, entity, who)
    await tell(office, entity, who, family_situation=TWO_CHILDREN)
    assert (await recompute(office, api, entity))["corrected"] == 0
    await office.open_day(entity, date(2026, 8, 20))
    await tell(office, entity, who, family_situation=TWO_CHILDREN, facts_since=date(2026, 8, 1))
    assert (await recompute(office, api, entity))["corrected"] == 0, "July was before"
    with pytest.raises(FactsOfTheFuture):
        await tell(office, entity, who, facts_since=date(2026, 8, 21))
    await tell(office, entity, who, family_situation=TWO_CHILDREN, facts_since=date(2026, 7, 31))
    assert (await recompute(office, api, entity))["corrected"] == 1


async def test_without_a_wage_to_come_what_is_owed_is_paid_alone(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    who = await office.member(entity)
    contract = await paid_july(office, entity, who)
    await tell(office, entity, who, family_situation=TWO_CHILDREN, facts_since=date(2026, 1, 1))
    await recompute(office, api, entity)
    [correction] = (await payslip(api, office, contract))["corrections"]
    assert cents(correction["open"]) == 0
    alone = await office.pools.read.fetchrow(
        """select p.id, p.net_payable_minor, p.gross_wage_minor, o.amount_minor, o.source, p.due_date
        from payslip p join payment_order o on o.payslip_id = p.id
        where p.entity_id = $1 and kind = 'correction'""",
        entity,
    )
    assert alone is not None
    assert alone["net_payable_minor"] == cents(correction["settled"])
    assert alone["amount_minor"] == alone["net_payable_minor"]
    assert (alone["source"], alone["gross_wage_minor"]) == ("correction", 0)
    read = "query ($id: ID!) { payslip(id: $id) { kind document { content } } }"
    shown = await api.ask(read, who=who, id=global_id.encode("BE", "Payslip", alone["id"]))
    assert shown.data["payslip"]["kind"] == "CORRECTION"
    assert shown.data["payslip"]["document"]["content"]
    assert await office.announced(alone["id"]) == [], "nobody funds it: the price was funded"


async def test_a_wage_that_does_not_come_by_its_due_day_is_waited_for_no_longer(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    who = await office.member(entity)
    order = await office.order(entity, who, start_date="2026-08-01", end_date="2026-08-31")
    never = await office.contract(order, who, start_date=date(2026, 8, 1), end_date=AUGUST)
    await paid_july(office, entity, who)
    await tell(office, entity, who, family_situation=TWO_CHILDREN, facts_since=date(2026, 1, 1))
    await recompute(office, api, entity)
    alone = "select count(*) from payslip where entity_id = $1 and kind = 'correction'"
    await office.open_day(entity, AUGUST)
    assert await office.pools.read.fetchval(alone, entity) == 0
    await office.open_day(entity, date(2026, 9, 8))
    assert await office.pools.read.fetchval(alone, entity) == 1
    assert never.ended_on is None


async def test_too_much_paid_is_withheld_as_far_as_the_law_allows_and_carried_over(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    who = await office.member(
        entity, family_situation=FamilySituationInput(Spouse.WITHOUT_INCOME, children=6)
    )
    order = await office.order(entity, who, start_date="2026-08-01", end_date="2026-09-30")
    little = await office.contract(
        order,
        who,
        kind=ContractKind.DAYS,
        days=2,
        gross_wage=Money.of("250.00", "EUR"),
        start_date=date(2026, 8, 3),
        end_date=date(2026, 8, 4),
    )
    await office.hold_budget(little)
    await office.accept(little)
    contract = await paid_july(office, entity, who)
    await tell(office, entity, who, facts_since=date(2026, 1, 1))
    await recompute(office, api, entity)
    await office.open_day(entity, date(2026, 8, 4))
    bearing = await payslip(api, office, little)
    own = await office.pools.read.fetchval(
        "select net_wage_minor from payslip where contract_id = $1", little.key
    )
    withheld = own * 20 // 100
    assert cents(bearing["netPayable"]) == own - withheld
    assert bearing["remarks"][-1]["code"] == "correction.carried_over"
    assert bearing["remarks"][-1]["text"].startswith("Ce qui a été payé en trop")
    [correction] = (await payslip(api, office, contract))["corrections"]
    assert cents(correction["settled"]) == -withheld
    assert cents(correction["open"]) == cents(correction["netPayable"]) + withheld < 0


@pytest.fixture
def harder(office: Office, tmp_path: Path) -> Office:
    """The same office after the law changed backwards: workers contribute more since the year began."""
    shutil.copytree(countries_folder() / "be", tmp_path / "be")
    file = tmp_path / "be" / "payroll.yaml"
    text = file.read_text(encoding="utf-8")
    was = '- {since: 2024-01-01, rate: "0.1307"}'
    assert text.count(was) == 1
    now = f'{was}\n      - {{since: 2026-07-01, rate: "0.1407", source: "voted in August", checked_until: 2026-12-31}}'
    file.write_text(text.replace(was, now), encoding="utf-8")
    law = load_country("be", folder=tmp_path)
    return replace(office, country=law, service=replace(office.service, engine=engine_of(law)))


def api_of(office: Office) -> AskedApi:
    return AskedApi(
        schema, pools=office.pools, country=office.country, service=office.service, name="payroll"
    )


async def test_a_parameter_changed_backwards_makes_the_delta_run(
    office: Office, harder: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    coming = await august(office, entity, who)
    contract = await paid_july(office, entity, who)
    api = api_of(harder)
    found = await recompute(harder, api, entity)
    assert (found["total"], found["corrected"]) == (1, 1)
    [correction] = (await payslip(api, office, contract))["corrections"]
    [line] = [each for each in correction["lines"] if each["line"]["code"] == "onss.worker"]
    assert cents(line["amount"]) == -3_000, "one per cent of 3,000 euros"
    assert line["line"]["source"]["parameter"] == "onss.worker"
    # What was corrected and what was not: the payslip by the new law.
    elsewhere = await harder.entity()
    same = await harder.active_contract(elsewhere, await harder.member(elsewhere))
    await harder.open_day(elsewhere, JULY)
    now = await payslip(api, harder, same)
    old = await payslip(api, office, contract)
    assert cents(old["netPayable"]) + cents(correction["netPayable"]) == cents(now["netPayable"])
    await harder.open_day(entity, AUGUST)
    bearing = await payslip(api, harder, coming)
    assert sum_of(bearing["lines"], "correction.2026-07-31") == cents(correction["netPayable"]) < 0


async def test_the_variance_is_announced_once_for_each_change_of_the_cost(
    office: Office, harder: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    await august(office, entity, who)
    contract = await paid_july(office, entity, who)
    await recompute(harder, api_of(harder), entity)
    events = [
        row["data"]
        for row in await office.pools.read.fetch(
            "select data from outbox where type = 'payroll.LaborCostCorrected.v1' and agg_id = $1",
            contract.key,
        )
    ]
    cost = (await payslip(api_of(office), office, contract))["contract"]["laborCost"]
    assert len(events) == 1
    assert events[0]["variance"] == events[0]["change"]
    assert int(events[0]["variance"]["minor"]) == cents(cost["variance"]) == cents(cost["pooled"])
    assert cents(cost["variance"]) == cents(cost["amounts"]["provisioned"]) - cents(
        cost["amounts"]["corrected"]
    )
    ask = """query ($entity: ID!) { laborCosts(entityId: $entity, period: "2026-07-15", first: 5) {
      nodes { pooled { amount } contract { id } } } }"""
    costs = await api_of(office).ask(ask, who=OFFICER, entity=global_id.encode("BE", "Entity", entity))
    [node] = costs.data["laborCosts"]["nodes"]
    assert node["pooled"] == cost["pooled"]
    own = await payslip(api_of(office), office, contract, who)
    assert own["contract"]["laborCost"] == cost


async def test_one_that_fails_stops_no_other_and_batches_follow_one_another(
    office: Office, api: AskedApi, entity: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continue_recomputation, "BATCH_SIZE_MAX", 1)
    members = [await office.member(entity) for _ in range(3)]
    contracts = [await office.active_contract(entity, who) for who in members]
    await office.open_day(entity, JULY)
    for who in members:
        await tell(office, entity, who, family_situation=TWO_CHILDREN, facts_since=date(2026, 1, 1))
    await office.pools.write.execute(
        "update fact_correction set facts = 'spoiled' where member_id = $1", members[1].member_id
    )
    found = await recompute(office, api, entity)
    assert (found["total"], found["corrected"], found["failed"]) == (3, 2, 1)
    [failure] = found["failures"]
    assert failure["code"] == "PayslipNotComputed"
    assert failure["payslip"]["id"] == global_id.encode("BE", "Payslip", await wage_of(office, contracts[1]))


async def test_what_a_later_payslip_of_the_year_counts_follows_the_correction(
    office: Office, harder: Office, entity: UUID
) -> None:
    who = await office.member(entity)
    coming = await august(office, entity, who)
    await paid_july(office, entity, who)
    await office.open_day(entity, AUGUST)
    found = await recompute(harder, api_of(harder), entity, JULY, AUGUST)
    assert (found["total"], found["corrected"]) == (2, 2)
    elsewhere = await harder.entity()
    other = await harder.member(elsewhere)
    same = [await harder.active_contract(elsewhere, other), await august(harder, elsewhere, other)]
    await harder.open_day(elsewhere, JULY)
    await harder.open_day(elsewhere, AUGUST)
    [correction] = (await payslip(api_of(harder), office, coming))["corrections"]
    lines = await office.pools.read.fetchval("select lines from payslip where contract_id = $1", coming.key)
    now = await office.pools.read.fetchval("select lines from payslip where contract_id = $1", same[1].key)
    amounts = {line["code"]: line["amount"] for line in lines if not line["code"].startswith("correction.")}
    for delta in correction["lines"]:
        code = delta["line"]["code"]
        amounts[code] = amounts.get(code, 0) + cents(delta["amount"])
    assert {code: amount for code, amount in amounts.items() if amount} == {
        line["code"]: line["amount"] for line in now if line["amount"]
    }


async def test_allowances_of_one_principal_count_again_as_they_did(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    buyer = uuid7()
    for first in (date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 10)):
        who = await office.member(entity)
        await active(office, await an_order(office, entity, who, buyer), who, **days(first, 4))
    await office.open_day(entity, date(2026, 7, 4))
    await office.open_day(entity, date(2026, 7, 13))
    found = await recompute(office, api, entity)
    assert (found["total"], found["unchanged"], found["failures"]) == (3, 3, [])


async def test_the_database_insists(office: Office, api: AskedApi, entity: UUID) -> None:
    who = await office.member(entity)
    contract = await paid_july(office, entity, who)
    await tell(office, entity, who, family_situation=TWO_CHILDREN, facts_since=date(2026, 1, 1))
    await recompute(office, api, entity)
    key = await office.pools.read.fetchval(
        "select id from payslip_correction where payslip_id = $1", await wage_of(office, contract)
    )
    db = office.pools.write
    with pytest.raises(asyncpg.CheckViolationError, match="settled once"):
        await db.execute(
            "insert into correction_settlement select $1, $2, 1", key, await wage_of(office, contract)
        )
    again = """insert into payslip_correction select (jsonb_populate_record(c,
      jsonb_build_object('id', gen_random_uuid()))).* from payslip_correction c where id = $1"""
    with pytest.raises(asyncpg.UniqueViolationError, match="corrections_are_numbered"):
        await db.execute(again, key)
    nothing = """insert into payslip_correction select (jsonb_populate_record(c, jsonb_build_object('id',
      gen_random_uuid(), 'number', 2, 'deltas', '[]'::jsonb))).* from payslip_correction c where id = $1"""
    with pytest.raises(asyncpg.CheckViolationError, match="a_correction_changes_something"):
        await db.execute(nothing, key)
    for change in (
        "delete from payslip_correction",
        "update correction_settlement set amount_minor = 1",
        "delete from labor_cost_variance",
    ):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await db.execute(change)
    more = """insert into labor_cost_variance
      select contract_id, number + 1, provisioned_minor, cost_minor, variance_minor, 1, currency, announced_on
      from labor_cost_variance where contract_id = $1"""
    with pytest.raises(asyncpg.CheckViolationError, match="add up"):
        await db.execute(more, contract.key)


async def test_only_one_recomputation_at_a_time_and_only_by_an_officer(
    office: Office, api: AskedApi, entity: UUID
) -> None:
    event = BusinessDayOpened(entity_id=entity, day=JULY)
    await office.run(lambda ctx: business_day_opened(ctx, event))
    asked = {"entity": global_id.encode("BE", "Entity", entity), "period": "2026-07-01"}

    async def ask(**changes: Any) -> Any:
        answer = await api.ask(RECOMPUTE, who=OFFICER, **(asked | changes))
        return answer.data["recomputePayslips"]

    assert (await ask())["__typename"] == "Recomputation"
    assert (await ask())["code"] == "RecomputationUnderWay"
    await office.meet_deadlines()
    assert (await ask(until="2026-06-30"))["code"] == "PeriodReversed"
    assert (await ask(period="2026-08-01"))["code"] == "PayPeriodNotBegun"
    answer = await api.ask(RECOMPUTE, who=await office.member(entity), **asked)
    assert answer.codes

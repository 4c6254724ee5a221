"""A fact is corrected after the wage was paid: the next payslip bears the difference, the pool the variance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from commons.global_id import decode
from tests.e2e.addresses import Addresses
from tests.e2e.client import Door, Failed
from tests.e2e.databases import Databases
from tests.e2e.engagement import Engagement
from tests.e2e.house import amount
from tests.e2e.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack")]

SPRING = date(2026, 6, 22)
JULY, JULY_ENDS, JULY_DUE = date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 8)
AUGUST, AUGUST_ENDS, AUGUST_DUE = date(2026, 8, 1), date(2026, 8, 31), date(2026, 9, 8)
GROSS = "2400.00"
POOLED = "select coalesce(sum(change_minor), 0)::bigint from labor_cost_variance where contract_id = $1"
BALANCE = """
select balance.posted from ledger.balance join ledger.account on id = account where code = $1
"""


async def recomputed(work: Engagement) -> Any:
    """July is computed again; what became of it."""
    started = await work.officer.ask(
        "recompute_payslips",
        entity_id=work.house.entity_id,
        period=JULY_ENDS,
        reason="Situation familiale communiquée en retard",
    )
    return await until(
        "July is computed again",
        lambda: work.officer.ask("recomputation", id=started["id"]),
        lambda one: one["state"] == "FINISHED",
    )


async def test_a_fact_is_corrected_after_the_wage_was_paid_and_the_next_payslip_bears_the_difference(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    work = await Engagement.covered(
        door, stack, name="Correction SC", day=SPRING, start=JULY, end=AUGUST_ENDS, days=24
    )
    house, anna, officer = work.house, work.anna, work.officer
    july = await work.request(gross=GROSS, start=JULY, end=JULY_ENDS)
    august = await work.request(gross=GROSS, start=AUGUST, end=AUGUST_ENDS)
    await work.is_declared(july)
    await work.is_declared(august)
    await house.turn_to(JULY_ENDS)
    first = await work.has_payslip(july)
    await house.turn_to(JULY_DUE)
    paid = await work.wage_is(first, "PAID")
    before = await officer.ask("corrected_payslip", id=first)
    budget = await work.budget()

    # The member tells late that there are two children; an officer has July computed again, twice.
    await work.complete_profile(
        family_situation={"spouse": "NONE", "children": 2, "isSingleParent": True},
        facts_since=date(2026, 1, 1),
    )
    with pytest.raises(Failed) as failed:
        await anna.persona.ask(
            "recompute_payslips", entity_id=house.entity_id, period=JULY_ENDS, reason="of my own"
        )
    assert failed.value.codes == ["FORBIDDEN"]
    done = await recomputed(work)
    assert (done["total"], done["corrected"], done["failures"]) == (1, 1, [])
    again = await recomputed(work)
    assert (again["corrected"], again["unchanged"]) == (0, 1)
    await databases.when_quiet()

    # The payslip that was paid stays as it was; what differs stands beside it and waits for the next.
    after = await anna.persona.ask("corrected_payslip", id=first)
    [correction] = after.pop("corrections")
    assert before.pop("corrections") == []
    assert after == before
    owed = amount(correction["netPayable"])
    assert owed > 0
    assert amount(correction["open"]) == owed
    assert {line["line"]["code"]: amount(line["amount"]) for line in correction["lines"]}[
        "withholding"
    ] == owed
    [cost] = (await officer.ask("labor_costs", entity_id=house.entity_id, period=JULY))["nodes"]
    amounts = {name: money and amount(money) for name, money in cost["amounts"].items()}
    assert amount(cost["variance"]) == amount(cost["pooled"])
    assert amounts["provisioned"] - amounts["corrected"] == amount(cost["pooled"]) != 0
    pool = await house.staff.accountant.ask("mutual_pool", entity_id=house.entity_id)
    assert amount(pool["mutualPool"]) == amount(cost["pooled"])
    assert await work.budget() == budget, "what the price left over is the pool's, never the member's"

    # The next payslip bears the difference, says where it is from, and pays it.
    await house.turn_to(AUGUST_ENDS)
    second = await work.has_payslip(august)
    bearing = await anna.persona.ask("corrected_payslip", id=second)
    lines = {line["code"]: line for line in bearing["lines"]}
    assert amount(lines["correction.2026-07-31"]["amount"]) == owed
    assert lines["correction.2026-07-31"]["label"] == "Correction de la période finie le 2026-07-31"
    codes = [node["code"] for node in bearing["netExplanation"]]
    assert codes.index("correction.2026-07-31/withholding") == codes.index("correction.2026-07-31") + 1
    document = await anna.persona.ask("payslip_document", id=second)
    assert document["document"]["content"]
    [correction] = (await anna.persona.ask("corrected_payslip", id=first))["corrections"]
    assert (amount(correction["settled"]), amount(correction["open"])) == (owed, Decimal(0))
    await house.turn_to(AUGUST_DUE)
    wage = await work.wage_is(second, "PAID")
    await databases.when_quiet()
    out = await house.bank.bookings(house.iban, SPRING, AUGUST_DUE)
    assert [(one.day, one.amount) for one in out if one.amount < 0] == [
        (JULY_DUE, -amount(paid["netPayable"])),
        (AUGUST_DUE, -amount(wage["netPayable"])),
    ]

    # What payroll told and what the pool has are the same, and every book is balanced.
    told = await databases.by_service["payroll"].fetchval(POOLED, decode(july).key)
    has = await databases.by_service["guarantee"].fetchval(
        BALANCE, f"{decode(house.entity_id).key}:mutual_pool"
    )
    assert told == has == int(amount(cost["pooled"]) * 100)
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
    assert await databases.parked() == {}


async def test_what_is_owed_to_somebody_who_works_no_more_is_paid_alone(
    door: Door, stack: Addresses, databases: Databases
) -> None:
    work = await Engagement.covered(
        door, stack, name="Solde SC", day=SPRING, start=JULY, end=JULY_ENDS, days=12
    )
    house, anna = work.house, work.anna
    july = await work.request(gross=GROSS, start=JULY, end=JULY_ENDS)
    await work.is_declared(july)
    await house.turn_to(JULY_ENDS)
    first = await work.has_payslip(july)
    await house.turn_to(JULY_DUE)
    paid = await work.wage_is(first, "PAID")
    await work.complete_profile(
        family_situation={"spouse": "NONE", "children": 2, "isSingleParent": True},
        facts_since=date(2026, 1, 1),
    )
    assert (await recomputed(work))["corrected"] == 1
    await databases.when_quiet()
    [correction] = (await anna.persona.ask("corrected_payslip", id=first))["corrections"]
    owed = amount(correction["netPayable"])
    assert (amount(correction["settled"]), amount(correction["open"])) == (owed, Decimal(0))
    out = await house.bank.bookings(house.iban, SPRING, JULY_DUE)
    assert [(one.day, one.amount) for one in out if one.amount < 0] == [
        (JULY_DUE, -amount(paid["netPayable"])),
        (JULY_DUE, -owed),
    ]
    assert (await anna.persona.ask("contract", id=july))["state"] == "PAID"
    assert await databases.broken_ledger_rules() == {"invoicing": [], "guarantee": []}
    assert await databases.parked() == {}

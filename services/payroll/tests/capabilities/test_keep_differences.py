"""What the end of a Belgian quarter changes of the special contribution is settled with the next wage, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest
from tests.a_filing import DECLARANT, QUARTER_FILED, REFILE
from tests.an_office import OFFICER, Office
from tests.capabilities.test_recompute_payslips import (
    cents,
    paid_july,
    payslip,
    recompute,
    sum_of,
    tell,
    wage_of,
)

from commons import global_id
from commons.claims import Claims
from commons.money import Money
from commons.testing.api import AskedApi
from payroll.domain.belgium.situation import Spouse
from payroll.inputs import FamilySituationInput
from payroll.rows import ContractRow

OCTOBER: Final = date(2026, 10, 31)
# An advance of a month of 3 000.00, of which a quarter with nothing else owes none; of 10 000.00 the advance is the most
# that a month may withhold, 60.94, and the quarter owes 3 x 10.33 and 1.10 % of what is above 6 570.54.
TOO_MUCH: Final = 1_924
TOO_LITTLE: Final = -777
LINE: Final = "correction.2026-09-30"
STEP: Final = f"{LINE}/special_contribution.quarter"
OPEN: Final = """
query ($entity: ID!) {
  periodicReturns(entityId: $entity) {
    nodes {
      sequence periodStart
      openDifferences { owedToWorkers { amount } owedByWorkers { amount } notWithheldBorneBy }
    }
  }
}
"""
DIFFERENCES: Final = """
select number, difference_minor, net_payable_minor, declared_on
from period_difference
where entity_id = $1
order by number
"""
ALONE: Final = "select net_payable_minor from payslip where entity_id = $1 and kind = 'correction'"


@pytest.fixture
async def employer(office: Office, api: AskedApi, entity: UUID) -> UUID:
    """An employer that the authority knows: its return files itself."""
    answer = await api.ask(
        DECLARANT, who=OFFICER, entity=global_id.encode("BE", "Entity", entity), number="123456789"
    )
    assert "id" in answer.data["completeDeclarant"]
    return entity


async def july(office: Office, entity: UUID, who: Claims, gross: str = "3000.00") -> ContractRow:
    contract = await office.active_contract(entity, who, gross_wage=Money.of(gross, "EUR"))
    await office.open_day(entity, date(2026, 7, 31))
    return contract


async def october(office: Office, entity: UUID, who: Claims) -> ContractRow:
    order = await office.order(entity, who, start_date="2026-10-01", end_date="2026-10-31")
    contract = await office.contract(order, who, start_date=date(2026, 10, 1), end_date=OCTOBER)
    await office.hold_budget(contract)
    await office.accept(contract)
    return contract


async def open_of(api: AskedApi, entity: UUID) -> dict[str, Any] | None:
    """What the return of the quarter filed last leaves to be settled."""
    answer = await api.ask(OPEN, who=OFFICER, entity=global_id.encode("BE", "Entity", entity))
    nodes = [each for each in answer.data["periodicReturns"]["nodes"] if each["periodStart"] == "2026-07-01"]
    found: dict[str, Any] | None = nodes[0]["openDifferences"]
    return found


def eur(minor: int) -> dict[str, str]:
    return {"amount": f"{minor / 100:.2f}"}


async def kept(office: Office, entity: UUID) -> Sequence[tuple[int, int, int]]:
    rows = await office.pools.read.fetch(DIFFERENCES, entity)
    return [(row["number"], row["difference_minor"], row["net_payable_minor"]) for row in rows]


@pytest.mark.parametrize(("gross", "difference"), [("3000.00", TOO_MUCH), ("10000.00", TOO_LITTLE)])
async def test_the_next_wage_pays_or_withholds_it_and_names_the_article(
    office: Office, api: AskedApi, employer: UUID, gross: str, difference: int
) -> None:
    who = await office.member(employer)
    coming = await october(office, employer, who)
    contract = await july(office, employer, who, gross)
    before = await payslip(api, office, contract)
    await office.open_day(employer, QUARTER_FILED)
    assert await kept(office, employer) == [(1, difference, difference)]
    assert await open_of(api, employer) == {
        "owedToWorkers": eur(max(difference, 0)),
        "owedByWorkers": eur(max(-difference, 0)),
        "notWithheldBorneBy": "EMPLOYER",
    }
    await office.open_day(employer, OCTOBER)
    bearing = await payslip(api, office, coming)
    assert sum_of(bearing["lines"], LINE) == sum_of(bearing["lines"], STEP) == difference
    why = {node["code"]: node for node in bearing["netExplanation"]}
    assert why[STEP]["source"]["parameter"] == "special_contribution.monthly_advance"
    assert why[LINE]["depth"] == 1 < why[STEP]["depth"]
    assert why[STEP]["label"].startswith("Correctie van de periode tot 2026-09-30: Bijzondere bijdrage")
    own = await office.pools.read.fetchval(
        "select net_wage_minor from payslip where contract_id = $1", coming.key
    )
    assert cents(bearing["netPayable"]) == own + difference
    assert await open_of(api, employer) == {
        "owedToWorkers": eur(0),
        "owedByWorkers": eur(0),
        "notWithheldBorneBy": "EMPLOYER",
    }
    assert await payslip(api, office, contract) == before, "no payslip is touched"
    assert await office.pools.read.fetch(ALONE, employer) == []


async def test_the_wage_after_the_next_settles_nothing_more(
    office: Office, api: AskedApi, employer: UUID
) -> None:
    who = await office.member(employer)
    await october(office, employer, who)
    order = await office.order(employer, who, start_date="2026-11-01", end_date="2026-11-30")
    later = await office.contract(order, who, start_date=date(2026, 11, 1), end_date=date(2026, 11, 30))
    await office.hold_budget(later)
    await office.accept(later)
    await july(office, employer, who)
    for day in (QUARTER_FILED, OCTOBER, date(2026, 11, 12), date(2026, 11, 30)):
        await office.open_day(employer, day)
    assert sum_of((await payslip(api, office, later))["lines"], LINE) == 0
    assert await office.pools.read.fetch(ALONE, employer) == []


async def test_what_is_owed_to_somebody_for_whom_no_wage_comes_is_paid_alone(
    office: Office, api: AskedApi, employer: UUID
) -> None:
    await july(office, employer, await office.member(employer))
    await office.open_day(employer, QUARTER_FILED)
    [alone] = await office.pools.read.fetch(ALONE, employer)
    assert alone["net_payable_minor"] == TOO_MUCH
    left = await open_of(api, employer)
    assert left is not None
    assert left["owedToWorkers"] == eur(0)


async def test_nothing_is_withheld_from_somebody_who_never_works_again_and_the_return_says_who_pays(
    office: Office, api: AskedApi, employer: UUID
) -> None:
    await july(office, employer, await office.member(employer), "10000.00")
    for day in (QUARTER_FILED, date(2026, 12, 31)):
        await office.open_day(employer, day)
    assert await office.pools.read.fetch(ALONE, employer) == []
    assert await open_of(api, employer) == {
        "owedToWorkers": eur(0),
        "owedByWorkers": eur(-TOO_LITTLE),
        "notWithheldBorneBy": "EMPLOYER",
    }


async def test_a_return_filed_again_adds_what_changed_and_the_wage_settles_both(
    office: Office, api: AskedApi, employer: UUID
) -> None:
    who = await office.member(employer)
    coming = await october(office, employer, who)
    contract = await paid_july(office, employer, who)
    await office.open_day(employer, QUARTER_FILED)
    await tell(
        office,
        employer,
        who,
        family_situation=FamilySituationInput(Spouse.OWN_INCOME),
        facts_since=date(2026, 7, 1),
    )
    await recompute(office, api, employer)
    [corrected] = (await payslip(api, office, contract))["corrections"]
    [advance] = [each for each in corrected["lines"] if each["line"]["code"] == "special_contribution"]
    more = -cents(advance["amount"])
    assert more > 0
    answer = await office.pools.write.execute(
        """update periodic_return set decided_on = filed_on, result = 'B'
        where entity_id = $1 and filed_on is not null""",
        employer,
    )
    assert answer == "UPDATE 1"
    again = await api.ask(
        REFILE, who=OFFICER, entity=global_id.encode("BE", "Entity", employer), day="2026-09-30"
    )
    assert again.data["refileReturn"]["sequence"] == 2
    assert await kept(office, employer) == [
        (1, TOO_MUCH, TOO_MUCH),
        (2, TOO_MUCH + more, more),
    ]
    await office.open_day(employer, OCTOBER)
    lines = (await payslip(api, office, coming))["lines"]
    assert sum_of(lines, LINE) == TOO_MUCH
    assert sum_of(lines, f"{LINE}.2") == more


async def test_the_database_insists(office: Office, api: AskedApi, employer: UUID) -> None:
    who = await office.member(employer)
    contract = await july(office, employer, who)
    await office.open_day(employer, QUARTER_FILED)
    db, wage = office.pools.write, await wage_of(office, contract)
    key = await db.fetchval("select id from period_difference where entity_id = $1", employer)
    for amount in (1, -1):
        with pytest.raises(asyncpg.CheckViolationError, match="settled once"):
            await db.execute("insert into difference_settlement values ($1, $2, $3)", key, wage, amount)
    copy = """insert into period_difference select (jsonb_populate_record(d, $2::jsonb ||
      jsonb_build_object('id', gen_random_uuid()))).* from period_difference d where id = $1"""
    with pytest.raises(asyncpg.CheckViolationError, match="add up"):
        await db.execute(copy, key, {})
    again: dict[str, object] = {"number": 2, "net_payable_minor": 5, "difference_minor": TOO_MUCH + 5}
    with pytest.raises(asyncpg.UniqueViolationError, match="one_difference_of_a_worker_in_a_return"):
        await db.execute(copy, key, again)
    with pytest.raises(asyncpg.CheckViolationError, match="add up"):
        await db.execute(copy, key, again | {"difference_minor": TOO_MUCH})
    for change in ("delete from period_difference", "update difference_settlement set amount_minor = 1"):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await db.execute(change)

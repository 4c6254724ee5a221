"""A country's service with a payslip to be declared, and the authority that takes its return."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import httpx
from tests.an_office import Office
from tests.countries.test_service import Place, place
from tests.documents.a_return import NUMBERS

from commons import global_id
from commons.claims import Claims
from commons.database import Pools
from payroll.adapters.authority import Authority, new_client_key
from payroll.effects.kinds import RETURN_FILE
from payroll.effects.periodic_return import Returns
from payroll.rows import ContractRow

# The third quarter of 2026: the day its return files itself, the day somebody looks, the last that the law allows.
QUARTER_FILED: Final = date(2026, 10, 5)
QUARTER_REMINDED: Final = date(2026, 10, 29)
QUARTER_DUE: Final = date(2026, 10, 31)

RETURN: Final = """
id kind format periodStart sequence state filingDate dueDate filedOn overdueOn unansweredOn latePayslipOn refusalCode result
reference
"""
LIST = f"""
query ($entity: ID!) {{
  periodicReturns(entityId: $entity) {{
    nodes {{ {RETURN} fields {{ code file path label member {{ id }} }} files {{ name content }} }}
  }}
}}
"""
WAITING = """
query ($entity: ID!) {
  returnsWaiting(entityId: $entity) { nodes { kind state periodStart refusalCode dueDate latePayslipOn } }
}
"""
DECLARANT = """
mutation ($entity: ID!, $number: String!) {
  completeDeclarant(entityId: $entity, authorityNumber: $number, contactName: "Anna O'Neill",
                    contactPhone: "+32 2 123 45 67", contactEmail: "payroll@example.org") {
    ... on Entity { id }
    ... on Refusal { code }
  }
}
"""
FILE = f"""
mutation ($entity: ID!, $day: Date!, $kind: ReturnKind! = GENERAL) {{
  fileReturn(entityId: $entity, periodDay: $day, kind: $kind) {{
    ... on PeriodicReturn {{ {RETURN} }} ... on Refusal {{ code facts }}
  }}
}}
"""
REFILE = FILE.replace("fileReturn", "refileReturn")


@dataclass(frozen=True)
class Filing:
    """A country's service with a member whose wage for July is computed, and its authority."""

    at: Place
    office: Office
    http: httpx.AsyncClient
    url: str

    @property
    def entity(self) -> UUID:
        return self.at.entity

    @property
    def officer(self) -> Claims:
        return Claims("officer", frozenset({"payroll_officer"}), countries=frozenset({self.at.code.upper()}))

    async def ask(self, text: str, **variables: Any) -> Any:
        answer = await self.at.api.ask(
            text, who=self.officer, entity=self.at.id("Entity", self.entity), **variables
        )
        assert "errors" not in answer.body, answer.body
        [found] = answer.data.values()
        return found

    async def returns(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.ask(LIST))["nodes"]
        return found

    async def behave(self, **rule: Any) -> None:
        said = {"match": {"operation": "file_return"}, "times": 1} | rule
        answer = await self.http.post(f"{self.url}/simulate/behavior", json=said)
        assert answer.status_code == 201, answer.text

    async def told(self) -> list[dict[str, Any]]:
        """What the authority has of this employer, in the order in which it came."""
        asked = {"enterprise_number": re.sub(r"\D", "", NUMBERS[self.at.code][0])}
        answer = await self.http.get(f"{self.url}/simulate/returns", params=asked)
        found: list[dict[str, Any]] = answer.json()["returns"]
        return found

    async def contract(self, who: Claims) -> ContractRow:
        """A contract of a member for July, asked for."""
        at = replace(self.at, who=who)
        await at.complete()
        return await self.office.asked_contract(str(global_id.decode((await at.request())["id"]).key))

    async def pay_july(self) -> None:
        row = await self.contract(self.at.who)
        await self.office.hold_budget(row)
        await self.office.accept(row)
        await self.office.open_day(self.entity, date(2026, 7, 31))
        assert await self.office.pools.read.fetchval(
            "select count(*) from payslip where entity_id = $1", self.entity
        )

    async def complete_declarant(self) -> None:
        await self.ask(DECLARANT, number=NUMBERS[self.at.code][1])

    async def is_decided(self) -> None:
        async def decided() -> bool:
            waiting = """
                select count(*) from periodic_return
                where entity_id = $1 and filed_on is not null and decided_on is null
            """
            return not await self.office.pools.read.fetchval(waiting, self.entity)

        await self.office.execute_effects(decided)


async def nothing_is_on_its_way(office: Office) -> None:
    """What an earlier test left to be sent is sent, so that a rule of the authority is for this test's return."""

    async def is_sent() -> bool:
        waiting = "select count(*) from effect where kind = $1 and state in ('pending', 'sending')"
        return not await office.pools.read.fetchval(waiting, RETURN_FILE)

    await office.execute_effects(is_sent)


async def filing_in(pools: Pools, code: str, http: httpx.AsyncClient, url: str) -> Filing:
    there = await place(pools, code)
    office = there.office
    authority = Authority(http, url, client_id="partage", key=new_client_key())
    office = office.with_effects({RETURN_FILE: Returns(authority, pools.write, office.service).handler()})
    await nothing_is_on_its_way(office)
    entity = await office.entity(enterprise_number=NUMBERS[code][0])
    return Filing(
        Place(code, office, there.api, entity, there.who, there.regime, there.questions),
        office,
        http,
        url,
    )

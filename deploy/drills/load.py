"""Clients that write and read without pause, and count what was not answered at the first try."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import httpx

from tests.e2e import made_up
from tests.e2e.addresses import Addresses
from tests.e2e.client import Answer, Document, Gateway, _plain
from tests.e2e.house import House, Person

DAY: Final = date(2026, 3, 2)
PASSING: Final = frozenset({"SUBGRAPH_UNAVAILABLE", "TIMEOUT", "RATE_LIMITED", "INTERNAL"})
FAILURES_SHOWN_MAX: Final = 10
TRIES_MAX: Final = 30


class CountingGateway(Gateway):
    """A client that notices: what fails is counted first, and only then asked again with the same key."""

    def __init__(self, http: httpx.AsyncClient, addresses: Addresses) -> None:
        super().__init__(http, addresses)
        self.requests: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest_seconds = 0.0

    async def asked_until_answered(
        self, document: Document, variables: Mapping[str, Any], token: str | None
    ) -> Answer:
        """The answer of the first try, or, after it was counted as failed, of a later one."""
        body = {"query": document.text, "variables": _plain(variables)}
        self.requests["writes" if document.is_mutation else "reads"] += 1
        self.asked.clear()
        for attempt in range(TRIES_MAX):
            began = time.monotonic()
            try:
                answer = await self.post(body, token)
            except httpx.HTTPError as error:
                why = f"{type(error).__name__} {error}"
            else:
                if answer.status < 500 and PASSING.isdisjoint(answer.codes):
                    if attempt == 0:
                        self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
                    return answer
                why = f"HTTP {answer.status} {answer.codes}"
            self.failures.append(f"{time.strftime('%H:%M:%S')} {document.name}: {why}")
            await asyncio.sleep(0.5)
        raise AssertionError(f"{document.name} was not answered in {TRIES_MAX} tries: {self.failures[-3:]}")


class Load:
    """One entity with one member, and the loops that ask on their behalf until told to stop."""

    def __init__(self, gateway: CountingGateway, house: House, member: Person) -> None:
        self.gateway = gateway
        self._house = house
        self._member = member
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self.parties: list[str] = []
        """The VAT numbers of the clients whose registration was answered: each must be there, once."""

    @classmethod
    async def opened(cls, gateway: CountingGateway, http: httpx.AsyncClient, addresses: Addresses) -> Load:
        """Found the entity and admit the member."""
        house = await House.founded(gateway, http, addresses, name="Drill SC", day=DAY)
        member = await house.stranger("Ana", "Drill", date(1990, 3, 14))
        await house.admit([member])
        return cls(gateway, house, member)

    def begin(self) -> None:
        """Every loop, at the same time; the days are turned too, which every service must hear of."""
        loops = (
            self._reads,
            self._reads,
            self._registers_clients,
            self._promises_shares,
            self._tells,
            self._turns,
        )
        self._tasks = [asyncio.create_task(self._repeated(loop)) for loop in loops]

    async def end(self) -> None:
        """Finish what is being asked. Raises what stopped a loop."""
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def _repeated(self, ask: Callable[[], Awaitable[object]]) -> None:
        while not self._stopping:
            await ask()

    async def _reads(self) -> None:
        # Every service has a part in the answer.
        await self._house.staff.operator.ask("business_days", entity_id=self._house.entity_id)

    async def _registers_clients(self) -> None:
        number = self._house.place.vat_number(self._house.place.enterprise_number())
        await self._house.client(self._member, name="Client", contact="Jo Drill", vat_number=number)
        self.parties.append(number)

    async def _promises_shares(self) -> None:
        person = await self._house.stranger(f"Bo{made_up.tag()}", "Drill", date(1991, 3, 14))
        await self._house.apply(person)
        await self._house.subscribe(person)

    async def _tells(self) -> None:
        await self._member.persona.ask(
            "complete_payroll_profile",
            member_id=self._member.id,
            entity_id=self._house.entity_id,
            national_number=self._member.national_number,
            iban=self._member.iban,
            holder_name=self._member.name,
            language="fr",
            family_situation={"spouse": "NONE", "children": 0, "isSingleParent": False},
        )

    async def _turns(self) -> None:
        self._house.day += timedelta(days=1)
        await self._house.staff.operator.ask(
            "open_business_day", entity_id=self._house.entity_id, day=self._house.day
        )
        await asyncio.sleep(0.5)

"""What tests of payroll start from: an office with an entity, members, orders and contracts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from commons.claims import SYSTEM, Claims
from commons.clock import BusinessDayOpened, business_day_opened
from commons.context import Ctx, ctx_factory
from commons.country import Country, load_country
from commons.database import Pools, transaction
from commons.deadlines import Deadlines, meet_one
from commons.effects import EffectHandler, Effects, execute_one
from commons.money import Money
from commons.uuid7 import uuid7
from payroll.capabilities.complete_payroll_profile import complete_payroll_profile
from payroll.capabilities.decide_declaration import decide_declaration
from payroll.capabilities.request_contract import request_contract
from payroll.consumers.budget_held import budget_held
from payroll.consumers.budget_refused import budget_refused
from payroll.consumers.entity_registered import entity_registered
from payroll.consumers.order_cancelled import order_cancelled
from payroll.consumers.order_confirmed import order_confirmed
from payroll.consumers.wage_funded import wage_funded
from payroll.deadlines.contract_end import contract_end
from payroll.deadlines.correction import correction
from payroll.deadlines.hire_not_declared import hire_not_declared
from payroll.deadlines.hire_reminder import hire_reminder
from payroll.deadlines.keys import (
    CONTRACT_END,
    CORRECTION,
    HIRE_NOT_DECLARED,
    HIRE_REMINDER,
    PAY_RUN,
    PAYSLIP,
    RECOMPUTATION,
    RETURN_DUE,
    RETURN_FILING,
    RETURN_REMINDER,
)
from payroll.deadlines.pay_run import pay_run
from payroll.deadlines.payslip import payslip
from payroll.deadlines.recomputation import recomputation
from payroll.deadlines.return_due import return_due
from payroll.deadlines.return_filing import return_filing
from payroll.deadlines.return_reminder import return_reminder
from payroll.domain.belgium.situation import Spouse, Status
from payroll.domain.contract import ContractKind
from payroll.domain.declaration import Answer, DeclarationState, acknowledge, mark_sent
from payroll.domain.engines import engine_of
from payroll.events.consumed import (
    BudgetHeld,
    BudgetRefused,
    EntityRegistered,
    OrderCancelled,
    OrderConfirmed,
    WageFunded,
)
from payroll.inputs import FamilySituationInput
from payroll.rows import ContractRow, contract_rows
from payroll.sealed import KEY_BYTES, Sealer
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import declaration_from, store_declaration

T = TypeVar("T")

NATIONAL_NUMBER: Final = "85073003328"
IBAN: Final = "BE71096123456769"
HOLDER_NAME: Final = "Amina Peeters-Lambrecht"
ENTITY_IBAN: Final = "BE68539007547034"
ENTERPRISE_NUMBER: Final = "0403019261"
OFFICER: Final = Claims(subject="officer", roles=frozenset({"payroll_officer"}), countries=frozenset({"BE"}))
PATIENCE_SECONDS: Final = 20.0
POLL_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Office:
    """A payroll service on a database of tests; everything commits, as it would in the worker."""

    pools: Pools
    service: Payroll
    country: Country
    effects: Mapping[str, EffectHandler]

    @classmethod
    def on(cls, pools: Pools, *, country: str = "be", is_production: bool = False) -> Office:
        """An office in a country, without outside parties."""
        law = load_country(country)
        service = Payroll(engine_of(law), Sealer(bytes(range(KEY_BYTES))), pools.write, is_production)
        return cls(pools, service, law, {})

    def with_effects(self, effects: Mapping[str, EffectHandler]) -> Office:
        """The same office with outside parties."""
        return replace(self, effects=effects)

    async def run(self, work: Callable[[Ctx[Payroll]], Awaitable[T]], who: Claims = SYSTEM) -> T:
        """Run something in a transaction of its own."""
        async with transaction(self.pools.write) as db:
            return await work(
                Ctx(country=self.country, who=who, request_id="test", service=self.service, db=db)
            )

    def reading(self, who: Claims) -> Ctx[Payroll]:
        """The circumstances of a query."""
        return Ctx(
            country=self.country, who=who, request_id="test", service=self.service, read=self.pools.read
        )

    async def entity(
        self, day: date = date(2026, 6, 5), *, enterprise_number: str = ENTERPRISE_NUMBER
    ) -> UUID:
        """A simulated entity of the test's own."""
        event = EntityRegistered.model_validate(
            {
                "entity_id": uuid7(),
                "name": "Coopérative d'essai",
                "legal_form": "SC agréée ES",
                "currency": self.country.currency,
                "enterprise_number": enterprise_number,
                "iban": ENTITY_IBAN,
                "address": {
                    "street": "Rue 1",
                    "city": "Bruxelles",
                    "post_code": "1060",
                    "country": self.country.upper,
                },
                "simulated": True,
                "day": day,
            }
        )
        await self.run(lambda ctx: entity_registered(ctx, event))
        return event.entity_id

    async def open_day(self, entity_id: UUID, day: date) -> None:
        """Turn the page of the entity, and meet what falls due on it."""
        event = BusinessDayOpened(entity_id=entity_id, day=day)
        await self.run(lambda ctx: business_day_opened(ctx, event))
        await self.meet_deadlines()

    async def member(self, entity_id: UUID, **changes: Any) -> Claims:
        """A member with a complete payroll profile."""
        member_id = uuid7()
        who = Claims(
            subject=f"member {member_id}",
            roles=frozenset({"member"}),
            member_id=member_id,
            countries=frozenset({self.country.upper}),
        )
        await self.profile(entity_id, who, **changes)
        return who

    async def profile(self, entity_id: UUID, who: Claims, **changes: Any) -> None:
        """A member tells payroll who one is, for the first time or again."""
        member_id = who.member_id
        assert member_id is not None
        profile: dict[str, Any] = {
            "national_number": NATIONAL_NUMBER,
            "iban": IBAN,
            "holder_name": HOLDER_NAME,
            "language": "fr",
            "family_situation": FamilySituationInput(Spouse.NONE),
        } | changes
        await self.run(
            lambda ctx: complete_payroll_profile(ctx, member_id=member_id, entity_id=entity_id, **profile),
            who,
        )

    async def order(self, entity_id: UUID, who: Claims, **changes: Any) -> UUID:
        """An order of the member that a client confirmed, over July."""
        event = OrderConfirmed.model_validate(
            {
                "order_id": uuid7(),
                "entity_id": entity_id,
                "activity_id": uuid7(),
                "member_id": who.member_id,
                "buyer_id": uuid7(),
                "start_date": "2026-07-01",
                "end_date": "2026-07-31",
                "confirmed_on": "2026-06-15",
            }
            | changes
        )
        await self.run(lambda ctx: order_confirmed(ctx, event))
        return event.order_id

    async def contract(self, order_id: UUID, who: Claims, **changes: Any) -> ContractRow:
        """A contract asked for: July, by the month, for 3,000 euros gross."""
        terms: dict[str, Any] = {
            "regime": Status.WHITE_COLLAR,
            "kind": ContractKind.MONTH,
            "gross_wage": Money.of("3000.00", "EUR"),
            "start_date": date(2026, 7, 1),
            "end_date": date(2026, 7, 31),
            "function_title": "Sound engineer",
            "days": 0,
            "hours": Decimal(0),
        } | changes
        return await self.run(lambda ctx: request_contract(ctx, order_id=order_id, **terms), who)

    async def hold_budget(self, contract: ContractRow) -> None:
        """The budget holds the cost of the contract."""
        event = BudgetHeld.model_validate(
            {"contract_id": contract.key, "entity_id": contract.entity_id, "held_on": "2026-06-16"}
        )
        await self.run(lambda ctx: budget_held(ctx, event))

    async def decide(self, contract: ContractRow, state: DeclarationState, result: str) -> None:
        """The authority decides about the hire, without anybody having been asked."""

        async def work(ctx: Ctx[Payroll]) -> None:
            declaration_id = await ctx.db.fetchval(
                "select id from declaration where contract_id = $1 and kind = 'in'", contract.key
            )
            row = await ctx.db.fetchrow(SQL["declaration_for_update"], declaration_id)
            assert row is not None
            await ctx.db.execute(SQL["keep_request"], declaration_id, b"request")
            await store_declaration(ctx.db, acknowledge(mark_sent(declaration_from(row)), "1"))
            await decide_declaration(
                ctx,
                contract_id=UUID(contract.key),
                declaration_id=declaration_id,
                kind="in",
                answer=Answer(state, result, "period", ()),
            )

        await self.run(work)

    async def asked_contract(self, key: str) -> ContractRow:
        """A contract by its key, as whoever asked for it was answered."""

        async def work(ctx: Ctx[Payroll]) -> ContractRow:
            [row] = await contract_rows(ctx, await ctx.db.fetch(SQL["contracts_by_key"], [key]))
            return row

        return await self.run(work)

    async def accept(self, contract: ContractRow) -> None:
        """The authority accepts the hire; where its country asks for no declaration, it has begun already."""
        is_declared = "select exists (select from declaration where contract_id = $1 and kind = 'in')"
        if await self.pools.read.fetchval(is_declared, contract.key):
            await self.decide(contract, DeclarationState.ACCEPTED, "A")

    async def active_contract(self, entity_id: UUID, who: Claims, **changes: Any) -> ContractRow:
        """A contract whose hire is accepted."""
        contract = await self.contract(await self.order(entity_id, who), who, **changes)
        await self.hold_budget(contract)
        await self.accept(contract)
        return contract

    async def fund(self, payslip_id: UUID, entity_id: UUID, day: date) -> None:
        """There is money for a wage."""
        event = WageFunded(
            payslip_id=payslip_id,
            entity_id=entity_id,
            source="advance",
            amount=Money.of("4080.00", "EUR"),
            funded_on=day,
        )
        await self.run(lambda ctx: wage_funded(ctx, event))

    async def meet_deadlines(self) -> None:
        """Meet what is due."""
        meeting = Deadlines(
            self.pools.write,
            {
                CONTRACT_END: contract_end,
                CORRECTION: correction,
                HIRE_NOT_DECLARED: hire_not_declared,
                HIRE_REMINDER: hire_reminder,
                PAY_RUN: pay_run,
                PAYSLIP: payslip,
                RECOMPUTATION: recomputation,
                RETURN_DUE: return_due,
                RETURN_FILING: return_filing,
                RETURN_REMINDER: return_reminder,
            },
            ctx_factory(country=self.country, service=self.service),
        )
        while await meet_one(meeting):
            pass

    async def execute_effects(self, until: Callable[[], Awaitable[bool]]) -> None:
        """Do outside work until a fact is true; fails when it does not become true in time."""
        effects = Effects(
            self.pools.write,
            self.effects,
            ctx_factory(country=self.country, service=self.service),
            retry_seconds=POLL_SECONDS,
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await until():
                if not await execute_one(effects):
                    await asyncio.sleep(POLL_SECONDS)

    async def announced(self, aggregate_id: UUID | str) -> list[str]:
        """The names of the events about something, in order."""
        rows = await self.pools.read.fetch(
            "select type from outbox where agg_id = $1 order by agg_version", aggregate_id
        )
        return [row["type"].split(".")[1] for row in rows]

    async def event(self, aggregate_id: UUID | str, name: str) -> dict[str, Any]:
        """The body of an event about something."""
        data: dict[str, Any] = await self.pools.read.fetchval(
            "select data from outbox where agg_id = $1 and type = $2",
            aggregate_id,
            f"payroll.{name}.v1",
        )
        return data

    async def payslip_of(self, contract: ContractRow) -> UUID:
        """The payslip of a contract."""
        key: UUID = await self.pools.read.fetchval(
            "select id from payslip where contract_id = $1", contract.key
        )
        return key


async def a_contract(office: Office, entity: UUID) -> ContractRow:
    who = await office.member(entity)
    return await office.contract(await office.order(entity, who), who)


async def refuse_budget(office: Office, contract: ContractRow) -> None:
    event = BudgetRefused(
        contract_id=UUID(contract.key),
        entity_id=UUID(contract.entity_id),
        requested=contract.price,
        available=Money.of("935.00", "EUR"),
        code="BudgetTooSmall",
    )
    await office.run(lambda ctx: budget_refused(ctx, event))


async def cancel_order(office: Office, contract: ContractRow, day: date) -> None:
    event = OrderCancelled(
        order_id=UUID(contract.order_id), entity_id=UUID(contract.entity_id), cancelled_on=day
    )
    await office.run(lambda ctx: order_cancelled(ctx, event))


async def state_of(office: Office, contract: ContractRow) -> dict[str, object]:
    row = await office.pools.read.fetchrow(
        "select budget_held_on, refused_on, refusal_code from contract where id = $1", contract.key
    )
    assert row is not None
    return dict(row)

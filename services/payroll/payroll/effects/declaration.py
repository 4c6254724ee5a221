"""Send a declaration to the authority, ask until it has decided, and write the decision down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

import orjson

from commons.context import Ctx
from commons.database import Connection, Pool, Record, in_transaction
from commons.effects import Effect, EffectHandler, Rejected, Result, StillWaiting
from commons.identifiers import enterprise_number
from payroll.adapters.authority import Authority, Channel
from payroll.capabilities.decide_declaration import REJECTED, decide_declaration
from payroll.documents.hires import hire_form, hire_rule
from payroll.domain.contract import joint_committee
from payroll.domain.declaration import (
    Answer,
    DeclarationState,
    Hire,
    acknowledge,
    decide,
    mark_sent,
    read_answer,
)
from payroll.domain.errors import HireFormatUnknown
from payroll.effects.hire_channel import channel_of
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import (
    StoredContract,
    declaration_from,
    declaration_owner,
    lock_contract,
    open_person,
    store_declaration,
)

ATTEMPTS_MAX: Final = 3_000  # at five minutes each about ten days: a hire is not given up over a weekend


@dataclass(frozen=True, slots=True)
class Declarations:
    """How declarations of one kind (`in`, `out`, `cancel`) are done; an effect holds no personal data."""

    kind: str
    authority: Authority
    pool: Pool
    service: Payroll

    def handler(self) -> EffectHandler:
        """What the worker calls."""
        return EffectHandler(
            send=self.send,
            ask=self.ask,
            settled=self.settled,
            gave_up=self.gave_up,
            attempts_max=ATTEMPTS_MAX,
        )

    async def send(self, effect: Effect) -> Result:
        """Send the declaration and keep the reference; the decision is asked for later."""
        declaration_id = UUID(effect.payload["declaration_id"])
        contract_id = UUID(effect.payload["contract_id"])
        request = await in_transaction(self.pool, partial(self._request, contract_id, declaration_id))
        if request is not None:
            channel = await self._channel(contract_id)
            reference = await self.authority.declare(request, key=_idempotency_key(effect), channel=channel)
            await in_transaction(self.pool, partial(self._acknowledge, declaration_id, reference))
        raise StillWaiting("the authority has not decided")

    async def ask(self, effect: Effect) -> Result | None:
        """The decision, once there is one; nothing where no reference ever came back.

        Sending again is then safe: the authority is given the same bytes under the same key.
        """
        declaration_id = UUID(effect.payload["declaration_id"])
        reference = await in_transaction(self.pool, partial(_reference, declaration_id))
        if reference is None:
            return None
        channel = await self._channel(UUID(effect.payload["contract_id"]))
        answer = await self.authority.consult(reference, channel=channel)
        decided = await in_transaction(self.pool, partial(self._keep_answer, declaration_id, answer))
        if decided is None:
            raise StillWaiting("the authority has not decided")
        return {"result": decided.result}

    async def settled(self, ctx: Ctx[Payroll], effect: Effect, result: Result) -> None:
        """Write the decision down, from the answer that was kept."""
        declaration_id = UUID(effect.payload["declaration_id"])
        row = await _row(ctx.db, declaration_id)
        kept = ctx.service.sealer.open(row["answer"], of=declaration_owner(declaration_id))
        answer = read_answer(orjson.loads(kept))
        assert answer is not None, "ask() kept a decision"
        await self._decide(ctx, effect, answer)

    async def gave_up(self, ctx: Ctx[Payroll], effect: Effect, reason: str) -> None:
        """The authority did not take it: the same as a refusal."""
        await self._decide(ctx, effect, REJECTED)

    async def _decide(self, ctx: Ctx[Payroll], effect: Effect, answer: Answer) -> None:
        await decide_declaration(
            ctx,
            contract_id=UUID(effect.payload["contract_id"]),
            declaration_id=UUID(effect.payload["declaration_id"]),
            kind=self.kind,
            answer=answer,
        )

    async def _request(self, contract_id: UUID, declaration_id: UUID, db: Connection) -> bytes | None:
        """The bytes to send, the same at every attempt; nothing where the authority has them already."""
        stored, row = await lock_contract(db, contract_id), await _row(db, declaration_id)
        assert stored is not None, "contracts are never deleted"
        if row["reference"] is not None:
            return None
        owner = declaration_owner(declaration_id)
        if row["request"] is not None:
            return self.service.sealer.open(row["request"], of=owner)
        if self.kind == "in" and stored.contract.refused_on is not None:
            raise Rejected("the contract was refused before it was declared")
        request = await self._document(db, stored)
        await db.execute(SQL["keep_request"], declaration_id, self.service.sealer.seal(request, of=owner))
        await store_declaration(db, mark_sent(declaration_from(row)))
        return request

    async def _document(self, db: Connection, stored: StoredContract) -> bytes:
        law, terms = self.service.law, stored.contract.terms
        try:
            form = hire_form(law, terms.first_day, terms.regime)
        except HireFormatUnknown as error:
            # Waiting would not help: nobody works undeclared, so the contract ends and its budget is free.
            raise Rejected(str(error)) from error
        if self.kind == "in":
            rule = hire_rule(law, terms.first_day, terms.regime)
            return form.hire(await self._hire(db, stored), rule)
        period_id = await db.fetchval(SQL["declared_period"], stored.contract.id)
        assert period_id is not None, "only a hire that was accepted is ended or taken back"
        if self.kind == "cancel":
            return form.cancel(period_id)
        assert form.end is not None, "an end is only declared where there is a declaration of it"
        return form.end(period_id, terms.last_day)

    async def _hire(self, db: Connection, stored: StoredContract) -> Hire:
        law, terms = self.service.law, stored.contract.terms
        entity = await db.fetchrow(SQL["entity"], stored.entity_id)
        profile = await db.fetchrow(SQL["payroll_profile"], stored.member_id)
        assert entity is not None, "a contract references its entity"
        assert profile is not None, "a contract references its member's profile"
        person = open_person(self.service.sealer, stored.member_id, profile["person"])
        return Hire(
            enterprise_number=enterprise_number(entity["enterprise_number"], law.country.enterprise_number),
            national_number=person.national_number,
            committee=joint_committee(terms.regime, law, terms.first_day) or "",
            first_day=terms.first_day,
            last_day=terms.last_day,
        )

    async def _channel(self, contract_id: UUID) -> Channel:
        return await channel_of(contract_id, pool=self.pool, law=self.service.law)

    async def _acknowledge(self, declaration_id: UUID, reference: str, db: Connection) -> None:
        row = await _row(db, declaration_id)
        await store_declaration(db, acknowledge(declaration_from(row), reference))

    async def _keep_answer(self, declaration_id: UUID, content: bytes, db: Connection) -> Answer | None:
        """The decision in an answer, which is kept; waiting is written down and is no decision."""
        answer = read_answer(orjson.loads(content))
        if answer is None:
            return None
        row = await _row(db, declaration_id)
        sealed = self.service.sealer.seal(content, of=declaration_owner(declaration_id))
        await db.execute(SQL["keep_answer"], declaration_id, sealed)
        if answer.state is not DeclarationState.WAITING:
            return answer
        await store_declaration(db, decide(declaration_from(row), answer))
        return None


def _idempotency_key(effect: Effect) -> str:
    return f"{effect.kind}/{effect.key}"


async def _row(db: Connection, declaration_id: UUID) -> Record:
    row = await db.fetchrow(SQL["declaration_for_update"], declaration_id)
    assert row is not None, "declarations are never deleted"
    return row


async def _reference(declaration_id: UUID, db: Connection) -> str | None:
    return str(row) if (row := await db.fetchval(SQL["declaration_reference"], declaration_id)) else None

"""Ask the authority a second time about a hire that it accepted; nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

import orjson

from commons.context import Ctx
from commons.database import Connection, Pool, in_transaction
from commons.effects import Effect, EffectHandler, Result, StillWaiting
from payroll.adapters.authority import Authority
from payroll.capabilities.check_declaration import check_declaration
from payroll.domain.declaration import DeclarationState, read_answer
from payroll.effects.hire_channel import channel_of
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import declaration_owner


@dataclass(frozen=True, slots=True)
class HireChecks:
    """How a hire is asked about again. The effect itself holds no personal data."""

    authority: Authority
    pool: Pool
    service: Payroll

    def handler(self) -> EffectHandler:
        """What the worker calls. Asking changes nothing there, so a lost answer is simply asked for again."""
        return EffectHandler(send=self.ask, ask=self.ask, settled=self.settled)

    async def ask(self, effect: Effect) -> Result:
        """What the authority says now, which is kept beside its first answer."""
        declaration_id = UUID(effect.payload["declaration_id"])
        reference = await in_transaction(self.pool, partial(_reference, declaration_id))
        channel = await channel_of(UUID(effect.payload["contract_id"]), pool=self.pool, law=self.service.law)
        content = await self.authority.consult(reference, channel=channel)
        answer = read_answer(orjson.loads(content))
        if answer is None or answer.state is DeclarationState.WAITING:
            raise StillWaiting("the authority has not decided again")
        await in_transaction(self.pool, partial(self._keep, declaration_id, content))
        return {"result": answer.result}

    async def settled(self, ctx: Ctx[Payroll], effect: Effect, result: Result) -> None:
        """Compare the two answers."""
        declaration_id = UUID(effect.payload["declaration_id"])
        row = await ctx.db.fetchrow(SQL["declaration_for_update"], declaration_id)
        assert row is not None, "declarations are never deleted"
        kept = ctx.service.sealer.open(row["second_answer"], of=declaration_owner(declaration_id))
        answer = read_answer(orjson.loads(kept))
        assert answer is not None, "ask() kept a decision"
        await check_declaration(
            ctx,
            contract_id=UUID(effect.payload["contract_id"]),
            declaration_id=declaration_id,
            answer=answer,
        )

    async def _keep(self, declaration_id: UUID, content: bytes, db: Connection) -> None:
        sealed = self.service.sealer.seal(content, of=declaration_owner(declaration_id))
        await db.execute(SQL["keep_second_answer"], declaration_id, sealed)


async def _reference(declaration_id: UUID, db: Connection) -> str:
    reference: str | None = await db.fetchval(SQL["declaration_reference"], declaration_id)
    assert reference is not None, "only an accepted hire is asked about again"
    return reference

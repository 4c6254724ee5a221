"""Send a periodic return to the authority, ask until it has decided, and write the decision down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

import orjson

from commons.context import Ctx
from commons.database import Connection, Pool, Record, in_transaction
from commons.effects import Effect, EffectHandler, Result, StillWaiting
from payroll.adapters.authority import Authority, return_channel
from payroll.capabilities.decide_return import decide_return
from payroll.domain.return_filing import REJECTED, ReturnAnswer, read_return_answer
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import return_owner

ATTEMPTS_MAX: Final = 3_000  # at five minutes each about ten days: a return is not given up over a weekend


@dataclass(frozen=True, slots=True)
class Returns:
    """How returns are filed. The effect itself holds no personal data."""

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
        """Send the bytes that are kept, and keep the reference; the decision is asked for later."""
        return_id = UUID(effect.payload["return_id"])
        row = await in_transaction(self.pool, partial(_row, return_id))
        if row["reference"] is None:
            package = self.service.sealer.open(row["request"], of=return_owner(return_id))
            channel = return_channel(effect.payload["format"])
            key = f"{effect.kind}/{effect.key}"
            reference = await self.authority.declare(package, key=key, channel=channel)
            await in_transaction(self.pool, partial(_keep_reference, return_id, reference))
        raise StillWaiting("the authority has not decided")

    async def ask(self, effect: Effect) -> Result | None:
        """The decision, once there is one; nothing where no reference ever came back.

        Sending again is then safe: the authority is given the same bytes under the same key.
        """
        return_id = UUID(effect.payload["return_id"])
        row = await in_transaction(self.pool, partial(_row, return_id))
        if row["reference"] is None:
            return None
        channel = return_channel(effect.payload["format"])
        content = await self.authority.consult(row["reference"], channel=channel)
        answer = read_return_answer(orjson.loads(content))
        if answer is None:
            raise StillWaiting("the authority has not decided")
        sealed = self.service.sealer.seal(content, of=return_owner(return_id))
        await in_transaction(self.pool, partial(_keep_answer, return_id, sealed))
        return {"result": answer.result}

    async def settled(self, ctx: Ctx[Payroll], effect: Effect, result: Result) -> None:
        """Write the decision down, from the answer that was kept."""
        return_id = UUID(effect.payload["return_id"])
        row = await _row(return_id, ctx.db)
        kept = ctx.service.sealer.open(row["answer"], of=return_owner(return_id))
        answer = read_return_answer(orjson.loads(kept))
        assert answer is not None, "ask() kept a decision"
        await decide_return(ctx, return_id=return_id, answer=answer)

    async def gave_up(self, ctx: Ctx[Payroll], effect: Effect, reason: str) -> None:
        """The authority did not take it: the same as a refusal."""
        await decide_return(ctx, return_id=UUID(effect.payload["return_id"]), answer=ReturnAnswer(REJECTED))


async def _row(return_id: UUID, db: Connection) -> Record:
    row = await db.fetchrow(SQL["return_for_update"], return_id)
    assert row is not None, "returns are never deleted"
    return row


async def _keep_reference(return_id: UUID, reference: str, db: Connection) -> None:
    await db.execute(SQL["keep_return_reference"], return_id, reference)


async def _keep_answer(return_id: UUID, sealed: bytes, db: Connection) -> None:
    await db.execute(SQL["keep_return_answer"], return_id, sealed)

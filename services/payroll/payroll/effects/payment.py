"""Send a payment file to the bank, ask until the wage is executed or rejected, and write it down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from commons.context import Ctx
from commons.database import Connection, Pool, in_transaction
from commons.effects import Effect, EffectHandler, Result, StillWaiting
from payroll.adapters.bank import Bank
from payroll.capabilities.settle_wage_payment import UNREADABLE, settle_wage_payment
from payroll.documents.pain002 import PaymentStatus, StatusReport, read_status_report
from payroll.service import Payroll
from payroll.sql import SQL
from payroll.store import file_owner

ATTEMPTS_MAX: Final = 3_000  # at five minutes each about ten days: a wage is not given up over a weekend
NO_REASON: Final = "NARR"  # the code of ISO 20022 for a reason that is told in words


@dataclass(frozen=True, slots=True)
class Payments:
    """How payment files are sent. The effect itself holds no account and no name."""

    bank: Bank
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
        """Send the bytes that are kept; what became of them is asked for later."""
        file_id = UUID(effect.payload["file_id"])
        await self.bank.pay(await in_transaction(self.pool, partial(self._document, file_id)))
        raise StillWaiting("the bank has not reported")

    async def ask(self, effect: Effect) -> Result | None:
        """What became of the wage; nothing where the bank has never heard of the file."""
        content = await self.bank.status(effect.payload["message_id"])
        if content is None:
            return None
        report = read_status_report(content)
        end_to_end_id = _end_to_end_id(effect)
        status = report.status_of(end_to_end_id)
        if status is PaymentStatus.ACCEPTED:
            return {"status": status.value}
        if status is PaymentStatus.REJECTED:
            return {"status": status.value, "reason": _reason(report, end_to_end_id)}
        raise StillWaiting("the bank has not executed the transfer")

    async def settled(self, ctx: Ctx[Payroll], effect: Effect, result: Result) -> None:
        """Write down that the wage is paid or returned."""
        await settle_wage_payment(
            ctx, end_to_end_id=_end_to_end_id(effect), returned_because=result.get("reason")
        )

    async def gave_up(self, ctx: Ctx[Payroll], effect: Effect, reason: str) -> None:
        """The bank did not take the file: the wage is not paid."""
        await settle_wage_payment(ctx, end_to_end_id=_end_to_end_id(effect), returned_because=UNREADABLE)

    async def _document(self, file_id: UUID, db: Connection) -> bytes:
        row = await db.fetchrow(SQL["payment_file_document"], file_id)
        assert row is not None, "payment files are never deleted"
        return self.service.sealer.open(row["document"], of=file_owner(file_id))


def _end_to_end_id(effect: Effect) -> str:
    # What was asked for before a wage could be paid again does not name its transfer: it is the first.
    named: str | None = effect.payload.get("end_to_end_id")
    return named or UUID(effect.payload["payslip_id"]).hex


def _reason(report: StatusReport, end_to_end_id: str) -> str:
    """The bank's code for a rejection; its words may name the account and are left out."""
    for verdict in report.verdicts:
        if verdict.end_to_end_id == end_to_end_id:
            return verdict.reason or NO_REASON
    return report.group_reason or NO_REASON

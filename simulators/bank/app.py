"""The bank's doors: orders, their status, statements, and money that comes in because a test says so."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import stdnum.iban
from fastapi import Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr, StringConstraints

from simulators.bank.amounts import MalformedAmount, to_minor, to_text
from simulators.bank.ledger import (
    SCHEMA,
    BankFull,
    Fate,
    Ledger,
    OtherCurrency,
    StatementTooLong,
    UnknownAccount,
    is_iban,
    structured_reference,
)
from simulators.bank.messages import account_statement, entry_reference, status_report
from simulators.bank.pain001 import VERSIONS, MalformedOrder, Order, compiled_schema, read_order
from simulators.behavior import Operation
from simulators.clock import Clock, from_milliseconds, instant_text, milliseconds
from simulators.party import Manner, Party, Problem
from simulators.store import Store

statement_days_max = 400
opening_minor_limit = 10**13


def _iban(text: str) -> str:
    if not is_iban(text):
        raise ValueError("is not an IBAN (check digits)")
    return str(stdnum.iban.compact(text))


def _reference(text: str) -> str:
    known = structured_reference(text)
    if known is None:
        raise ValueError("is neither a Belgian structured communication nor an ISO 11649 reference")
    return known[1]


Iban = Annotated[str, StringConstraints(max_length=45), AfterValidator(_iban)]
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Reference = Annotated[str, StringConstraints(max_length=40), AfterValidator(_reference)]


class NewAccount(BaseModel):
    """An account to open, with what is on it (a negative amount is a debt)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    iban: Iban
    currency: Currency = "EUR"
    opening_balance: StrictStr = "0"


class IncomingCredit(BaseModel):
    """Money that reaches an account of this bank on a day. `times` books it more than once, by mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    iban: Iban
    amount: StrictStr
    currency: Currency = "EUR"
    reference: Reference | None = None
    remittance: Annotated[str, StringConstraints(min_length=1, max_length=140)] | None = None
    debtor_name: Annotated[str, StringConstraints(min_length=1, max_length=140)]
    debtor_iban: Iban | None = None
    end_to_end_id: Annotated[str, StringConstraints(min_length=1, max_length=35)] | None = None
    date: date
    times: int = Field(default=1, ge=1, le=10)


def bank(state_dir: Path, clock: Clock) -> Party:
    """The bank; ready only when it can judge every version of a payment order."""
    store = Store(state_dir / "bank.sqlite3", SCHEMA)
    party = Party(
        name="bank",
        title="Bank",
        explanation=(
            "Takes payment orders (pain.001), reports their fate (pain.002) and writes statements "
            "(camt.053). No money moves anywhere."
        ),
        store=store,
        clock=clock,
        operations=(
            Operation("pay", facts=frozenset({"msg_id"})),
            # One transfer inside an order; `pay` is the order as a whole.
            Operation(
                "transfer",
                facts=frozenset({"iban", "end_to_end_id"}),
                outcomes=frozenset({"executed", "rejected", "returned"}),
                is_decision_only=True,
            ),
            Operation("status", facts=frozenset({"msg_id"})),
            Operation("statement", facts=frozenset({"iban"}), outcomes=frozenset({"repeated"})),
        ),
    )
    for version in VERSIONS:
        compiled_schema(version)
    ledger = Ledger(store, clock)
    _add_payments(party, ledger)
    _add_statements(party, ledger)
    _add_simulation(party, ledger)
    return party


def _add_payments(party: Party, ledger: Ledger) -> None:
    @party.app.post("/payments", status_code=202, tags=["bank"])
    async def pay(request: Request) -> Response:
        try:
            order = read_order(await request.body())
        except MalformedOrder as error:
            raise Problem(
                400,
                "The payment order is malformed",
                errors=[{"path": "", "message": message} for message in error.errors],
            ) from error
        manner = await party.meet("pay", msg_id=order.message_id)
        answer = _known_answer(ledger, order)
        if answer is None:
            answer = _take(party, ledger, order, _fates(party, order), manner)
        return manner.give(Response(answer, status_code=202, media_type="application/json"))

    @party.app.get("/payments/{msg_id:path}/status", tags=["bank"])
    async def status(msg_id: str) -> Response:
        manner = await party.meet("status", msg_id=msg_id)
        payment = ledger.payment(msg_id)
        if payment is None:
            raise Problem(404, "No payment order has this message id")
        now = party.clock.now()
        report = status_report(
            payment,
            ledger.transfers(msg_id),
            now=now,
            is_settled=payment["settles_at"] <= milliseconds(now),
        )
        return manner.give(_xml(report))


def _add_statements(party: Party, ledger: Ledger) -> None:
    @party.app.get("/accounts/{iban}/statements", tags=["bank"])
    async def statements(
        iban: str,
        day: Annotated[date | None, Query(alias="date")] = None,
        first_day: Annotated[date | None, Query(alias="from")] = None,
        last_day: Annotated[date | None, Query(alias="to")] = None,
    ) -> Response:
        iban = str(stdnum.iban.compact(iban))
        manner = await party.meet("statement", iban=iban)
        first, last = _days(day, first_day, last_day)
        try:
            statement = ledger.statement(iban, first, last)
        except UnknownAccount as error:
            raise Problem(404, "The bank keeps no account with this number") from error
        except StatementTooLong as error:
            raise Problem(413, "Too many entries for one statement; ask for fewer days") from error
        times = 2 if manner.outcome == "repeated" else 1
        return manner.give(_xml(account_statement(statement, now=party.clock.now(), times=times)))


def _add_simulation(party: Party, ledger: Ledger) -> None:
    @party.app.post("/simulate/accounts", status_code=201, tags=["simulate"])
    async def open_account(account: NewAccount) -> dict[str, Any]:
        negative = account.opening_balance.startswith("-")
        minor = _minor(account.opening_balance.removeprefix("-"), account.currency)
        try:
            is_new = ledger.open_account(account.iban, account.currency, -minor if negative else minor)
        except (OtherCurrency, BankFull) as error:
            raise Problem(409, str(error.__doc__)) from error
        return {"iban": account.iban, "opened": is_new, "simulated": True}

    @party.app.post("/simulate/credits", status_code=201, tags=["simulate"])
    async def add_credit(credit: IncomingCredit) -> dict[str, Any]:
        minor = _minor(credit.amount, credit.currency)
        if minor == 0:
            raise Problem(422, "The amount is zero")
        try:
            entries = ledger.credit(
                iban=credit.iban,
                amount_minor=minor,
                currency=credit.currency,
                booking_date=credit.date,
                debtor_name=credit.debtor_name,
                debtor_iban=credit.debtor_iban,
                reference=credit.reference,
                remittance=credit.remittance,
                end_to_end_id=credit.end_to_end_id,
                times=credit.times,
            )
        except (OtherCurrency, BankFull) as error:
            raise Problem(409, str(error.__doc__)) from error
        return {
            "entries": [entry_reference(entry) for entry in entries],
            "amount": to_text(minor, credit.currency),
            "currency": credit.currency,
            "simulated": True,
        }


def _known_answer(ledger: Ledger, order: Order) -> str | None:
    """The first answer to an order seen before. Raises when its content has changed since."""
    known = ledger.payment(order.message_id)
    if known is None:
        return None
    if known["content_sha256"] != hashlib.sha256(order.canonical).hexdigest():
        raise Problem(409, "Another payment order was received under this MsgId")
    return str(known["answer"])


def _fates(party: Party, order: Order) -> list[Fate]:
    fates = []
    for transfer in order.transfers:
        rule = party.behavior.toward(
            "transfer", iban=transfer.creditor_iban, end_to_end_id=transfer.end_to_end_id
        )
        # ISO 20022 status reasons: AC01 the account, AC02 the debtor's account number is incorrect.
        if not is_iban(transfer.debtor_iban):
            fates.append(Fate(refusal="AC02"))
        elif not is_iban(transfer.creditor_iban):
            fates.append(Fate(refusal="AC01"))
        elif rule.outcome == "rejected":
            fates.append(Fate(refusal=(rule.reason or "AC01")[:4]))
        else:
            fates.append(Fate(is_returned=rule.outcome == "returned"))
    return fates


def _take(party: Party, ledger: Ledger, order: Order, fates: list[Fate], manner: Manner) -> str:
    received_at = milliseconds(party.clock.now())
    answer = json.dumps(
        {
            "message_id": order.message_id,
            "number_of_transactions": len(order.transfers),
            "received_at": instant_text(from_milliseconds(received_at)),
            "status_path": f"/payments/{order.message_id}/status",
            "simulated": True,
        }
    )
    try:
        for transfer, fate in zip(order.transfers, fates, strict=True):
            if fate.refusal is None:
                ledger.open_account(transfer.debtor_iban, transfer.currency)
        ledger.execute(order, fates, answer=answer, settles_at_ms=received_at + (manner.processing_ms or 0))
    except OtherCurrency as error:
        raise Problem(400, "The debtor's account is kept in another currency") from error
    except BankFull as error:
        raise Problem(503, str(error.__doc__)) from error
    return answer


def _days(day: date | None, first_day: date | None, last_day: date | None) -> tuple[date, date]:
    if day and not first_day and not last_day:
        return day, day
    if first_day and last_day and not day:
        if last_day < first_day:
            raise Problem(422, "`to` is before `from`")
        if (last_day - first_day).days >= statement_days_max:
            raise Problem(422, f"A statement covers at most {statement_days_max} days")
        return first_day, last_day
    raise Problem(422, "Ask for `date`, or for `from` and `to`")


def _minor(text: str, currency: str) -> int:
    try:
        return to_minor(text, currency)
    except MalformedAmount as error:
        raise Problem(422, str(MalformedAmount.__doc__)) from error


def _xml(body: bytes) -> Response:
    return Response(body, media_type="application/xml")

"""Accounts, what was booked on them, and the payment orders the bank was given."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Literal

import stdnum.be.ogm_vcs
import stdnum.iban
import stdnum.iso11649
from stdnum.exceptions import ValidationError as MalformedNumber

from simulators.bank.pain001 import Order, Transfer
from simulators.behavior import SCHEMA as BEHAVIOR_SCHEMA
from simulators.clock import Clock, milliseconds
from simulators.store import Row, Store

account_count_max = 10_000
entry_count_max = 1_000_000
payment_count_max = 200_000
entry_per_statement_max = 10_000

Direction = Literal["CRDT", "DBIT"]
Family = Literal["RCDT", "ICDT", "RRTN"]

SCHEMA = (
    BEHAVIOR_SCHEMA
    + """
create table if not exists account (
  iban text primary key,
  currency text not null,
  opening_minor integer not null default 0
);
create table if not exists entry (
  id integer primary key autoincrement,
  iban text not null references account,
  booking_date text not null,
  amount_minor integer not null check (amount_minor > 0),
  direction text not null check (direction in ('CRDT', 'DBIT')),
  family text not null,
  message_id text,
  end_to_end_id text,
  other_name text not null,
  other_iban text,
  reference text,
  remittance text
);
create index if not exists entry_by_day on entry (iban, booking_date, id);
create table if not exists payment (
  message_id text primary key,
  message_name text not null,
  content_sha256 text not null,
  answer text not null,
  received_at integer not null,
  settles_at integer not null
);
create table if not exists transfer (
  message_id text not null references payment,
  position integer not null,
  payment_information_id text not null,
  end_to_end_id text not null,
  instruction_id text,
  amount_minor integer not null,
  currency text not null,
  execution_date text not null,
  creditor_iban text not null,
  refusal text,
  primary key (message_id, position)
) without rowid;
"""
)


class UnknownAccount(Exception):
    """The bank keeps no account with this number."""


class OtherCurrency(Exception):
    """The account is kept in another currency."""


class BankFull(Exception):
    """The simulated bank holds as much as it may; delete its state folder."""


class StatementTooLong(Exception):
    """The period holds too many entries for one statement; ask for fewer days."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one transfer: refused with a reason, or paid and perhaps returned."""

    refusal: str | None = None
    is_returned: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """An account over a period of days, both included."""

    iban: str
    currency: str
    first_day: date
    last_day: date
    opening_minor: int
    closing_minor: int
    entries: list[Row]


class Ledger:
    """The bank's books. An account may go below zero: this bank lends without asking."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open_account(self, iban: str, currency: str, opening_minor: int = 0) -> bool:
        """Opens an account, or returns False when it is already open. Raises `OtherCurrency`, `BankFull`."""
        account = self._account(iban)
        if account is not None:
            if account["currency"] != currency:
                raise OtherCurrency
            return False
        if self._store.number("select count(*) from account") >= account_count_max:
            raise BankFull
        self._store.insert("insert into account values (?, ?, ?)", iban, currency, opening_minor)
        return True

    def credit(
        self,
        *,
        iban: str,
        amount_minor: int,
        currency: str,
        booking_date: date,
        debtor_name: str,
        debtor_iban: str | None,
        reference: str | None,
        remittance: str | None,
        end_to_end_id: str | None,
        times: int,
    ) -> list[int]:
        """Books money coming in, once or several times over, and returns the entries' numbers."""
        with self._store.transaction():
            self.open_account(iban, currency)
            return [
                self._book(
                    iban=iban,
                    booking_date=booking_date,
                    amount_minor=amount_minor,
                    direction="CRDT",
                    family="RCDT",
                    message_id=None,
                    end_to_end_id=end_to_end_id,
                    other_name=debtor_name,
                    other_iban=debtor_iban,
                    reference=reference,
                    remittance=remittance,
                )
                for _ in range(times)
            ]

    def payment(self, message_id: str) -> Row | None:
        """The order received under this message id."""
        return self._store.one("select * from payment where message_id = ?", message_id)

    def transfers(self, message_id: str) -> list[Row]:
        """The transfers of an order, in its sequence."""
        return self._store.many("select * from transfer where message_id = ? order by position", message_id)

    def execute(self, order: Order, fates: list[Fate], *, answer: str, settles_at_ms: int) -> None:
        """Files the order and books its transfers on the days it asks for. Raises `BankFull`."""
        if self._store.number("select count(*) from payment") >= payment_count_max:
            raise BankFull
        with self._store.transaction():
            self._store.insert(
                "insert into payment values (?, ?, ?, ?, ?, ?)",
                order.message_id,
                order.message_name,
                hashlib.sha256(order.canonical).hexdigest(),
                answer,
                milliseconds(self._clock.now()),
                settles_at_ms,
            )
            for position, (transfer, fate) in enumerate(zip(order.transfers, fates, strict=True)):
                self._file(order.message_id, position, transfer, fate)
                if fate.refusal is None:
                    self._pay(order.message_id, transfer, fate)

    def statement(self, iban: str, first_day: date, last_day: date) -> Statement:
        """The account's statement; opening balance + entries = closing balance, always.

        Raises `UnknownAccount` or `StatementTooLong`.
        """
        account = self._account(iban)
        if account is None:
            raise UnknownAccount
        entries = self._store.many(
            "select * from entry where iban = ? and booking_date between ? and ? "
            "order by booking_date, id limit ?",
            iban,
            first_day.isoformat(),
            last_day.isoformat(),
            entry_per_statement_max + 1,
        )
        if len(entries) > entry_per_statement_max:
            raise StatementTooLong
        opening_minor = account["opening_minor"] + self._store.number(
            "select sum(case direction when 'CRDT' then amount_minor else -amount_minor end) "
            "from entry where iban = ? and booking_date < ?",
            iban,
            first_day.isoformat(),
        )
        return Statement(
            iban=iban,
            currency=account["currency"],
            first_day=first_day,
            last_day=last_day,
            opening_minor=opening_minor,
            closing_minor=opening_minor + sum(signed_minor(entry) for entry in entries),
            entries=entries,
        )

    def _account(self, iban: str) -> Row | None:
        return self._store.one("select * from account where iban = ?", iban)

    def _file(self, message_id: str, position: int, transfer: Transfer, fate: Fate) -> None:
        self._store.insert(
            "insert into transfer values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            message_id,
            position,
            transfer.payment_information_id,
            transfer.end_to_end_id,
            transfer.instruction_id,
            transfer.amount_minor,
            transfer.currency,
            transfer.execution_date.isoformat(),
            transfer.creditor_iban,
            fate.refusal,
        )

    def _pay(self, message_id: str, transfer: Transfer, fate: Fate) -> None:
        self._book_transfer(message_id, transfer, transfer.debtor_iban, "DBIT", "ICDT")
        if fate.is_returned:
            self._book_transfer(message_id, transfer, transfer.debtor_iban, "CRDT", "RRTN")
            return
        here = self._account(transfer.creditor_iban)
        if here is not None and here["currency"] == transfer.currency:
            self._book_transfer(message_id, transfer, transfer.creditor_iban, "CRDT", "RCDT")

    def _book_transfer(
        self, message_id: str, transfer: Transfer, iban: str, direction: Direction, family: Family
    ) -> None:
        is_debtor = iban == transfer.debtor_iban
        self._book(
            iban=iban,
            booking_date=transfer.execution_date,
            amount_minor=transfer.amount_minor,
            direction=direction,
            family=family,
            # A creditor never sees how the debtor numbers messages.
            message_id=message_id if is_debtor else None,
            end_to_end_id=transfer.end_to_end_id,
            other_name=transfer.creditor_name if is_debtor else transfer.debtor_name,
            other_iban=transfer.creditor_iban if is_debtor else transfer.debtor_iban,
            reference=transfer.reference,
            remittance=transfer.remittance,
        )

    def _book(
        self,
        *,
        iban: str,
        booking_date: date,
        amount_minor: int,
        direction: Direction,
        family: Family,
        message_id: str | None,
        end_to_end_id: str | None,
        other_name: str,
        other_iban: str | None,
        reference: str | None,
        remittance: str | None,
    ) -> int:
        if self._store.number("select max(id) from entry") >= entry_count_max:
            raise BankFull
        return self._store.insert(
            """
            insert into entry (iban, booking_date, amount_minor, direction, family, message_id,
              end_to_end_id, other_name, other_iban, reference, remittance)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            iban,
            booking_date.isoformat(),
            amount_minor,
            direction,
            family,
            message_id,
            end_to_end_id,
            other_name,
            other_iban,
            reference,
            remittance,
        )


def signed_minor(entry: Row) -> int:
    """What the entry adds to the balance."""
    return int(entry["amount_minor"]) if entry["direction"] == "CRDT" else -int(entry["amount_minor"])


def is_iban(text: str) -> bool:
    """Whether length, structure and check digits are right.

    Not whether the bank in it exists: stdnum's list of Belgian banks would refuse the account numbers
    that everybody uses in examples.
    """
    return bool(stdnum.iban.is_valid(text, check_country=False))


def structured_reference(text: str) -> tuple[str, str] | None:
    """The issuer and the compact form of a structured reference: BBA (Belgian) or ISO (RF…)."""
    for issuer, scheme in (("BBA", stdnum.be.ogm_vcs), ("ISO", stdnum.iso11649)):
        try:
            return issuer, str(scheme.validate(text))
        except MalformedNumber:
            continue
    return None

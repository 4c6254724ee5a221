"""Between tables and domain values: what is loaded and stored in the same way by several capabilities."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from commons.database import Connection, Record
from commons.money import Money
from commons.period import DateRange
from commons.refusal import Refusal
from payroll.domain.contract import Contract, ContractKind, Terms
from payroll.domain.declaration import Anomaly, Declaration, DeclarationState
from payroll.domain.earlier import Counted
from payroll.domain.errors import PayslipNotComputed
from payroll.domain.facts import Facts
from payroll.domain.person import Person
from payroll.domain.return_filing import Filing, ReturnKind
from payroll.sealed import Sealer
from payroll.sql import SQL

log = logging.getLogger(__name__)

Outcome = UUID | None | Exception
"""What became of one of many: what was stored for it, nothing where nothing is due, or why it failed."""


@dataclass(frozen=True, slots=True)
class StoredContract:
    """A contract and whose it is."""

    contract: Contract
    order_id: UUID
    activity_id: UUID
    entity_id: UUID
    member_id: UUID


def contract_from(row: Record) -> Contract:
    """The domain's contract."""
    currency = row["currency"]
    return Contract(
        id=UUID(str(row["id"])),
        terms=terms_from(row),
        labor_cost=Money(row["labor_cost_minor"], currency),
        requested_on=row["requested_on"],
        budget_held_on=row["budget_held_on"],
        declared_on=row["declared_on"],
        ended_on=row["ended_on"],
        paid_on=row["paid_on"],
        refused_on=row["refused_on"],
        refusal_code=row["refusal_code"],
    )


def terms_from(row: Record) -> Terms:
    """What was agreed."""
    return Terms(
        kind=ContractKind(row["kind"]),
        regime=row["regime"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        wage=Money(row["wage_minor"], row["currency"]),
        days=row["days"],
        hours=row["hours"],
    )


async def lock_contract(db: Connection, contract_id: UUID) -> StoredContract | None:
    """A contract, locked until commit, so that what happens to it follows one another."""
    row = await db.fetchrow(SQL["contract_for_update"], contract_id)
    if row is None:
        return None
    return StoredContract(
        contract_from(row), row["order_id"], row["activity_id"], row["entity_id"], row["member_id"]
    )


async def store_facts(db: Connection, contract: Contract) -> None:
    """What happened to a contract."""
    await store_facts_of(db, [contract])


async def store_facts_of(db: Connection, contracts: Sequence[Contract]) -> None:
    """What happened to each of many contracts, in one round trip."""
    await db.executemany(
        SQL["update_contract_facts"],
        [
            (
                contract.id,
                contract.budget_held_on,
                contract.declared_on,
                contract.ended_on,
                contract.paid_on,
                contract.refused_on,
                contract.refusal_code,
            )
            for contract in contracts
        ],
    )


def declaration_from(row: Record) -> Declaration:
    """The domain's declaration."""
    return Declaration(
        id=row["id"],
        contract_id=row["contract_id"],
        state=DeclarationState(row["state"]),
        reference=row["reference"],
        period_id=row["period_id"],
        result=row["result"],
        anomalies=tuple(Anomaly(item["code"], item["label"]) for item in row["anomalies"]),
    )


async def store_declaration(db: Connection, declaration: Declaration) -> None:
    """Where a declaration stands."""
    await db.execute(
        SQL["update_declaration"],
        declaration.id,
        declaration.state.value,
        declaration.reference,
        declaration.period_id,
        declaration.result,
        keep_anomalies(declaration.anomalies),
        declaration.is_decided,
    )


def keep_anomalies(anomalies: Sequence[Anomaly]) -> list[dict[str, str]]:
    """What the authority found wrong, as JSON."""
    return [{"code": anomaly.code, "label": anomaly.label} for anomaly in anomalies]


def seal_person(sealer: Sealer, member_id: UUID, person: Person) -> bytes:
    """A person as the database keeps it."""
    return sealer.seal(msgspec.json.encode(person), of=_owner(member_id))


def open_person(sealer: Sealer, member_id: UUID | str, sealed: bytes) -> Person:
    """A person from the database. Raises SealBroken."""
    return msgspec.json.decode(sealer.open(sealed, of=_owner(member_id)), type=Person)


def seal_facts(sealer: Sealer, member_id: UUID, facts: Facts) -> bytes:
    """What was told of a worker, as the database keeps it beside what was computed from it."""
    return sealer.seal(msgspec.json.encode(dict(facts)), of=_facts_owner(member_id))


def open_facts(sealer: Sealer, member_id: UUID, sealed: bytes) -> Facts:
    """What was told of a worker. Raises SealBroken."""
    return msgspec.json.decode(sealer.open(sealed, of=_facts_owner(member_id)), type=dict[str, str])


async def log_access(db: Connection, reader: str, members: Sequence[str], file: str, request_id: str) -> None:
    """Note who reads the files of members, before they are read."""
    await db.execute(SQL["log_access"], reader, list(members), file, request_id)


def counted_from(row: Record) -> Counted:
    """What an earlier payslip counted."""
    return Counted(row["period_end"], row["counted"])


def declaration_owner(declaration_id: UUID) -> str:
    """What the texts of a declaration are bound to when they are encrypted."""
    return f"declaration {declaration_id}"


def file_owner(file_id: UUID | str) -> str:
    """What the bytes of a payment file are bound to when they are encrypted."""
    return f"payment file {file_id}"


def filing_from(row: Record) -> Filing:
    """The domain's filing of a return."""
    return Filing(
        id=row["id"],
        entity_id=row["entity_id"],
        kind=ReturnKind(row["kind"]),
        period=DateRange.inclusive(row["period_start"], row["period_end"]),
        sequence=row["sequence"],
        due_date=row["due_date"],
        filed_on=row["filed_on"],
        unanswered_on=row["unanswered_on"],
        decided_on=row["decided_on"],
        result=row["result"],
    )


def return_owner(return_id: UUID | str) -> str:
    """What the texts of a periodic return are bound to when they are encrypted."""
    return f"periodic return {return_id}"


def _facts_owner(member_id: UUID) -> str:
    return f"facts of member {member_id}"


def _owner(member_id: UUID | str) -> str:
    return f"member {member_id}"


async def settle_items(
    db: Connection, statement: str, run_id: UUID, outcomes: Mapping[UUID, Outcome]
) -> None:
    """Note for each item of a run what was stored for it, or the code and the sentence that refused it."""
    refusals = {key: refusal_of(each) for key, each in outcomes.items() if isinstance(each, Exception)}
    for key, refusal in refusals.items():
        if refusal is not outcomes[key]:
            # The class alone: messages of database errors quote values.
            log.error(
                "an item of a run could not be computed",
                extra={"run": str(run_id), "item": str(key), "error": type(outcomes[key]).__name__},
            )
    keys = list(outcomes)
    await db.execute(
        statement,
        run_id,
        keys,
        [None if key in refusals else outcomes[key] for key in keys],
        [refusals[key].code if key in refusals else None for key in keys],
        [refusals[key].message if key in refusals else None for key in keys],
    )


def refusal_of(error: Exception) -> Refusal:
    """The refusal that an item of a run failed with; a broken row's own words are kept from people."""
    return error if isinstance(error, Refusal) else PayslipNotComputed()

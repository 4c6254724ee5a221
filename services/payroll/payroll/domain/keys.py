"""Ids that are the same whenever they are made: a restored database gives old things no new names.

What the authority and the bank are told is known by these ids on both sides. After a restoration the payslip
of a contract is computed again, and its wage must be the transfer that the bank knows already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID


def payslip_key(contract_id: UUID, first_day: date) -> UUID:
    """The id of the payslip of a contract for the pay period that begins on a day."""
    return _derived(contract_id, f"payslip {first_day.isoformat()}")


def declaration_key(contract_id: UUID, kind: str) -> UUID:
    """The id of the declaration of a kind; a contract has one of each."""
    return _derived(contract_id, f"declaration {kind}")


def correction_key(payslip_id: UUID, number: int) -> UUID:
    """The id of the n-th correction of a payslip."""
    return _derived(payslip_id, f"correction {number}")


def difference_key(return_id: UUID, member_id: UUID) -> UUID:
    """The id of what the end of a return's period changes for a worker."""
    return _derived(return_id, f"difference {member_id}")


def correction_payslip_key(corrections: Sequence[UUID]) -> UUID:
    """The id of the payslip that takes up corrections alone, the first of which it sorts near.

    What it pays is taken up in full, so that no other payslip takes up the same ones.
    """
    return _derived(corrections[0], f"payslip of {' '.join(map(str, corrections))}")


def periodic_return_key(entity_id: UUID, kind: str, period_start: date, sequence: int) -> UUID:
    """The id of a return of an employer: the authority knows it by this id, and is not given it twice."""
    return _derived(entity_id, f"{kind} {period_start.isoformat()} {sequence}")


def _derived(owner_id: UUID, what: str) -> UUID:
    """Shaped as UUIDv7, with the moment of what it belongs to: it sorts near that."""
    bits = int.from_bytes(hashlib.sha256(owner_id.bytes + what.encode()).digest()[:16], "big")
    moment = owner_id.int >> 80
    return UUID(int=moment << 80 | 0x7 << 76 | (bits >> 64 & 0xFFF) << 64 | 0b10 << 62 | bits & (1 << 62) - 1)

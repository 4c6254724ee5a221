"""Where the declarations about a contract go: the channel of the format in force on its first day."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from commons.database import Connection, Pool, in_transaction
from payroll.adapters.authority import Channel
from payroll.documents.hires import hire_form
from payroll.domain.law import PayrollLaw
from payroll.store import StoredContract, lock_contract


async def channel_of(contract_id: UUID, *, pool: Pool, law: PayrollLaw) -> Channel:
    """The channel of a contract's declarations. Raises HireFormatUnknown."""
    stored = await in_transaction(pool, partial(_contract, contract_id))
    terms = stored.contract.terms
    return hire_form(law, terms.first_day, terms.regime).channel


async def _contract(contract_id: UUID, db: Connection) -> StoredContract:
    stored = await lock_contract(db, contract_id)
    assert stored is not None, "contracts are never deleted"
    return stored

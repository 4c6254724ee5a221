"""Import a statement of the bank account of a legal entity."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from commons.arguments import Node, Text
from commons.capability import capability
from commons.clock import UnknownEntity
from commons.context import Ctx
from commons.uuid7 import uuid7
from invoicing.capabilities.record_payment import record_payment
from invoicing.documents.camt053 import Statement, StatementLine, read_statements
from invoicing.domain.errors import AccountOfSomebodyElse, BankLineDiffers, StatementsDoNotFollow
from invoicing.rows import BankStatementRow
from invoicing.service import Invoicing
from invoicing.sql import SQL

# A request has at most 1 MiB here, the quotes and line breaks of the XML escaped, and what the gateway allows
# (MAX_BODY_BYTES) before that. An account with more payments asks its bank for one day at a time.
STATEMENT_CHARACTERS_MAX: Final = 1_000_000


@capability
async def import_bank_statement(
    ctx: Ctx[Invoicing],
    *,
    entity_id: Annotated[UUID, Node("Entity")],
    statement: Annotated[str, Text(max=STATEMENT_CHARACTERS_MAX, min=1, lines=True)],
) -> BankStatementRow:
    """Import a bank statement (ISO 20022 camt.053, version 02 or 08) and find the invoices it pays.

    Each payment counts once, known by the bank's own reference: a statement may come again, or come longer.
    """
    today = await ctx.today(entity_id)
    entity = await ctx.db.fetchrow(SQL["entity"], entity_id)
    if entity is None:
        raise UnknownEntity(entity=entity_id)
    data = statement.encode()
    statements = _distinct(read_statements(data))
    if any(each.iban.replace(" ", "").upper() != entity["iban"] for each in statements):
        raise AccountOfSomebodyElse(entity=entity_id)
    await ctx.db.execute(SQL["lock_account"], entity["iban"])
    named = [named for each in statements for named in _named(each)]
    new = await _new(ctx, entity["iban"], named)
    key = uuid7()
    await ctx.db.execute(
        SQL["insert_bank_statement"],
        key,
        entity_id,
        statements[-1].id,
        entity["iban"],
        statements[0].opening_balance.minor,
        statements[-1].closing_balance.minor,
        statements[0].opening_balance.currency,
        len(named),
        today,
        hashlib.sha256(data).hexdigest(),
    )
    for bank_reference, line in new:
        await record_payment(ctx, entity=entity, statement_id=key, bank_reference=bank_reference, line=line)
    [row] = await ctx.db.fetch(SQL["bank_statements_by_key"], [key])
    return BankStatementRow(*row)


def _distinct(statements: Sequence[Statement]) -> list[Statement]:
    """The statements of a file without repetitions, each beginning where the one before ended."""
    distinct = list(dict.fromkeys(statements))
    for before, after in itertools.pairwise(distinct):
        if before.closing_balance != after.opening_balance:
            raise StatementsDoNotFollow(before=before.id, after=after.id)
    return distinct


def _named(statement: Statement) -> list[tuple[str, StatementLine]]:
    """The lines with a name for ever: the bank's reference, which the payments of one entry may share."""
    seen: Counter[str] = Counter()
    named = []
    for line in statement.lines:
        reference = line.bank_reference or f"{statement.id}#"
        seen[reference] += 1
        count = seen[reference]
        named.append((reference if line.bank_reference and count == 1 else f"{reference}/{count}", line))
    return named


async def _new(
    ctx: Ctx[Invoicing], account: str, named: Sequence[tuple[str, StatementLine]]
) -> list[tuple[str, StatementLine]]:
    """The lines that never came before. Raises BankLineDiffers where one came otherwise."""
    rows = await ctx.db.fetch(SQL["known_bank_lines"], account, [name for name, _ in named])
    known = {
        row["bank_reference"]: (row["booking_date"], row["amount_minor"], row["currency"]) for row in rows
    }
    new = []
    for name, line in named:
        came = (line.booking_date, line.amount.minor, line.amount.currency)
        if name not in known:
            known[name] = came
            new.append((name, line))
        elif known[name] != came:
            raise BankLineDiffers(bank_reference=name, booking_date=line.booking_date, amount=line.amount)
    return new

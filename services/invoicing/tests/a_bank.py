"""A bank that writes statements, and what an accountant sees of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from commons import ledger
from commons.claims import Claims
from commons.database import Pools
from commons.money import Money
from commons.testing.api import AskedApi
from commons.uuid7 import uuid7
from invoicing.domain.books import AccountKind, budget_of, entity_account

IBAN = "BE71096123456769"
ACCOUNTANT = Claims(subject="accountant", roles=frozenset({"accountant"}))

IMPORT = """
mutation ($entity: ID!, $statement: String!) {
  importBankStatement(entityId: $entity, statement: $statement) {
    __typename
    ... on BankStatement {
      id bankId iban opening { amount } closing { amount } lineCount newLines
      lines { amount { amount } bookingDate reference outcome invoice { number state paidAmount { amount }
              amountDue { amount } } toInvoice { amount } toSuspense { amount } }
    }
    ... on Refusal { code message path facts }
  }
}
"""


@dataclass
class Bank:
    """A bank that writes statements of one account, from a balance of nothing."""

    lines: list[str] = field(default_factory=list)
    moved: Money = field(default_factory=lambda: Money.zero("EUR"))

    def credit(
        self,
        amount: str,
        reference: str = "",
        *,
        text: str = "",
        day: str = "2026-08-20",
        name: str | None = None,
        returned: str = "",
    ) -> str:
        """Books money that came in, or went out below zero, or came back; the bank's own reference.

        `returned` is the number of the transfer of ours that came back.
        """
        own = name if name is not None else f"B{uuid7().hex}"
        given = Money.of(amount, "EUR")
        structured = f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>" if reference else ""
        unstructured = f"<Ustrd>{text}</Ustrd>" if text else ""
        sign = "DBIT" if given.is_negative else "CRDT"
        back = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if returned else ""
        number = f"<Refs><EndToEndId>{returned}</EndToEndId></Refs>" if returned else ""
        servicer = f"<AcctSvcrRef>{own}</AcctSvcrRef>" if own else ""
        self.lines.append(
            f'<Ntry><Amt Ccy="EUR">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
            f"<BookgDt><Dt>{day}</Dt></BookgDt>{servicer}<NtryDtls><TxDtls>{number}<RmtInf>{unstructured}"
            f"{structured}</RmtInf>{back}</TxDtls></NtryDtls></Ntry>"
        )
        self.moved = self.moved + given
        return own

    def statement(
        self, *, id: str = "S-1", iban: str = IBAN, opening: str = "0.00", closing: str = ""
    ) -> str:
        """A statement with everything booked so far."""
        return document(self.stmt(id=id, iban=iban, opening=opening, closing=closing))

    def stmt(self, *, id: str = "S-1", iban: str = IBAN, opening: str = "0.00", closing: str = "") -> str:
        """One statement without the file around it."""
        end = closing or str((Money.of(opening, "EUR") + self.moved).amount)
        return (
            f"<Stmt><Id>{id}</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
            f"{balance('OPBD', opening)}{balance('CLBD', end)}{''.join(self.lines)}</Stmt>"
        )


def document(*statements: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        f"<BkToCstmrStmt>{''.join(statements)}</BkToCstmrStmt></Document>"
    )


def balance(code: str, amount: str) -> str:
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount.lstrip("-")}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2026-08-20</Dt></Dt></Bal>"
    )


async def imported(api: AskedApi, desk: Any, statement: str, who: Claims = ACCOUNTANT) -> Any:
    own = statement.replace(IBAN, desk.iban)  # each desk has an account of its own
    answer = await api.ask(IMPORT, who=who, entity=desk.id("Entity", desk.entity), statement=own)
    return answer.data["importBankStatement"]


async def on(pools: Pools, account: Any) -> str:
    async with pools.read.acquire() as db:
        return str((await ledger.balance(db, account.id)).posted.amount)


async def books(pools: Pools, desk: Any) -> dict[str, str]:
    """What is on the accounts that payments move; the ledger is sound."""
    async with pools.read.acquire() as db:
        assert await ledger.check_invariants(db) == []
    kinds = (AccountKind.BANK, AccountKind.BUYER, AccountKind.SUSPENSE)
    found = {kind.value: await on(pools, entity_account(kind, desk.entity)) for kind in kinds}
    return {**found, "budget": await on(pools, budget_of(desk.activity))}


PAYMENT = """
  id outcome inSuspense { amount } keptFor { id }
  proposals { invoice { number } amount { amount } reasons }
  decisions { kind amount { amount } invoice { number state } refundReference decidedOn sentOn }
"""
ANSWER = f"{{ __typename ... on Payment {{ {PAYMENT} }} ... on Refusal {{ code path facts }} }}"
ALLOCATE = (
    "mutation ($id: ID!, $invoice: ID!, $amount: MoneyInput) "
    f"{{ allocatePayment(paymentId: $id, invoiceId: $invoice, amount: $amount) {ANSWER} }}"
)
REFUND = (
    f"mutation ($id: ID!, $amount: MoneyInput) {{ refundPayment(paymentId: $id, amount: $amount) {ANSWER} }}"
)
KEEP = f"mutation ($id: ID!, $party: ID!) {{ keepPayment(paymentId: $id, partyId: $party) {ANSWER} }}"
WAITING = f"""
query ($entity: ID!, $isKept: Boolean, $first: Int! = 20, $after: String) {{
  unallocatedPayments(entityId: $entity, isKept: $isKept, first: $first, after: $after) {{
    nodes {{ {PAYMENT} }} pageInfo {{ endCursor hasNextPage }}
  }}
}}
"""


async def waiting(api: AskedApi, desk: Any, who: Claims = ACCOUNTANT, **given: Any) -> Any:
    """The payments that wait for a person."""
    answer = await api.ask(WAITING, who=who, entity=desk.id("Entity", desk.entity), **given)
    return answer.data["unallocatedPayments"]["nodes"]


async def decided(api: AskedApi, mutation: str, who: Claims = ACCOUNTANT, **given: Any) -> Any:
    """The answer of a decision."""
    [answer] = (await api.ask(mutation, who=who, **given)).data.values()
    return answer


def euros(amount: str) -> dict[str, str]:
    """An amount as an input."""
    return {"amount": amount, "currency": "EUR"}

"""A small subgraph that owns invoices and adds to members."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry
from strawberry.scalars import JSON


@strawberry.federation.type(shareable=True)
class Refusal:
    """Why a mutation did nothing."""

    code: str
    message: str
    path: list[str]
    facts: JSON | None = None


@strawberry.type
class Money:
    """An amount."""

    amount: str
    currency: str


@strawberry.federation.type(keys=["id"])
class Member:
    """What invoicing adds to a member."""

    id: strawberry.ID

    @strawberry.field
    def invoices(self, first: int = 10) -> list[Invoice] | None:
        """The member's invoices."""
        return [invoice for invoice in INVOICES.values() if OWNERS.get(invoice.id) == self.id][:first]

    @strawberry.field
    def credit(self) -> str | None:
        """A field that fails for one member."""
        if self.id == "m2":
            raise PermissionError("not this member's")
        return f"credit of {self.id}"

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Member:
        """The member of an entity call."""
        return cls(id=id)


@strawberry.federation.type(keys=["id"])
class Invoice:
    """An invoice."""

    id: strawberry.ID
    number: str
    total: Money
    lines: list[str]

    @strawberry.field
    def member(self) -> Member | None:
        """Whose it is, if anyone's."""
        owner = OWNERS.get(self.id)
        return Member(id=strawberry.ID(owner)) if owner is not None else None

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Invoice | None:
        """The invoice of an entity call."""
        return INVOICES.get(id)


INVOICES = {
    f"i{n}": Invoice(
        id=strawberry.ID(f"i{n}"),
        number=f"2026-{n:04}",
        total=Money(amount=f"{n}35.00", currency="EUR"),
        lines=[f"day {n}", "travel"],
    )
    for n in range(1, 6)
}
OWNERS = {"i1": "m1", "i2": "m2", "i3": "m3", "i5": "m1"}

IssueResult = Annotated[Invoice | Refusal, strawberry.union("IssueInvoiceResult")]
Document = Annotated[Invoice | Member, strawberry.union("Document")]


@strawberry.type
class Query:
    """What can be read."""

    @strawberry.field
    def invoices(self) -> list[Invoice]:
        """All invoices."""
        return list(INVOICES.values())

    @strawberry.field
    def documents(self) -> list[Document | None] | None:
        """Objects of several types, with a gap."""
        return [INVOICES["i1"], None, Member(id=strawberry.ID("m3")), INVOICES["i4"]]

    @strawberry.field
    async def slow(self, seconds: float) -> str | None:
        """A field that takes its time."""
        await asyncio.sleep(seconds)
        return "done"


@strawberry.type
class Mutation:
    """What can be changed."""

    @strawberry.mutation
    def issue_invoice(
        self, invoice_id: strawberry.ID, idempotency_key: strawberry.ID | None = None
    ) -> IssueResult:
        """Issues an invoice that exists, refuses any other."""
        if invoice_id not in INVOICES:
            return Refusal(
                code="InvoiceNotFound",
                message="There is no such invoice.",
                path=["invoiceId"],
                facts=JSON({"invoice": invoice_id}),
            )
        return INVOICES[invoice_id]


schema = strawberry.federation.Schema(
    query=Query, mutation=Mutation, types=[Invoice, Member], federation_version="2.9"
)

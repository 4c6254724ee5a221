"""A whole small service, as an example of the shape that all services have and for the tests of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import msgspec
import strawberry
from strawberry import ID

from commons.access import must_be_own
from commons.arguments import Items, Node, Text
from commons.capability import capability
from commons.context import Ctx
from commons.graphql import (
    AnyOf,
    Anyone,
    Connection,
    Own,
    OwnArgument,
    Ref,
    Role,
    SignedIn,
    WithParent,
    attribute,
    batched,
    build_schema,
    entity,
    guarded,
    money,
    node_id,
    record,
    ref,
    root,
    root_mutation,
)
from commons.graphql import Money as MoneyType
from commons.graphql import Refusal as RefusalType
from commons.money import Money
from commons.page import Page, decode_cursor, page
from commons.refusal import Refusal
from commons.uuid7 import uuid7

TABLES = """
create table book (id uuid primary key, title text not null constraint book_title_key unique, price_minor bigint not null);
create table loan (
  id uuid primary key, book_id uuid not null references book, member_id uuid not null, state text not null,
  due_date date not null, note text
);
"""

# ---- domain/errors.py


class BookIsLent(Refusal):
    """The book is lent to somebody else."""


class UnknownLoan(Refusal):
    """There is no such loan."""


class TitleTaken(Refusal):
    """There is a book with this title."""


# ---- domain/book.py, domain/loan.py: rows, made by `Row(*record)`


class LoanState(Enum):
    """How far a loan is."""

    OPEN = "open"
    RETURNED = "returned"


class BookRow(msgspec.Struct, frozen=True, gc=False):
    key: str
    title: str
    price: Money

    def shelf(self) -> str:
        return self.title[:1].upper()


class LoanRow(msgspec.Struct, frozen=True, gc=False):
    key: str
    book_id: str
    member_id: str
    state: str
    due_date: date
    note: str | None
    fee_minor: int = 150
    currency: str = "EUR"


class MemberRef(Ref, frozen=True):
    """A member: owned by another service."""


class BranchRef(Ref, frozen=True):
    """A branch: owned by another service, only pointed at."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A remark on a book."""

    text: Annotated[str, Text(max=20)]
    fine: Money | None = None


# ---- capabilities/: one file each


@capability
async def find_books(ctx: Ctx, *, first: int = 20, after: str | None = None) -> Page[BookRow]:
    """Books by title."""
    start = decode_cursor(after, tuple[str, UUID])
    rows = await ctx.read.fetch(
        "select id::text, title, price_minor from book"
        " where ($1::text is null or (title, id) > ($1, $2)) order by title, id limit $3",
        *(start or (None, None)),
        first + 1,
    )
    return page([_book(row) for row in rows], first, key=lambda book: (book.title, book.key))


@capability
async def find_loans(ctx: Ctx, *, states: list[LoanState] | None = None) -> list[LoanRow]:
    """Loans, the newest first."""
    rows = await ctx.read.fetch(
        "select id::text, book_id::text, member_id::text, state, due_date, note from loan"
        " where $1::text[] is null or state = any($1) order by id desc limit 100",
        None if states is None else [state.value for state in states],
    )
    return [LoanRow(*row) for row in rows]


@capability
async def get_loan(ctx: Ctx, *, id: Annotated[UUID, Node("Loan")]) -> LoanRow:
    """One loan."""
    row = await ctx.read.fetchrow(
        "select id::text, book_id::text, member_id::text, state, due_date, note from loan where id = $1", id
    )
    if row is None:
        raise UnknownLoan(loan=id)
    return LoanRow(*row)


@capability
async def add_book(
    ctx: Ctx,
    *,
    title: Annotated[str, Text(max=80, min=1)],
    price: Money,
    remarks: Annotated[list[Remark] | None, Items(max=3)] = None,
) -> BookRow:
    """Put a book on the shelf."""
    key = uuid7()
    await ctx.db.execute("insert into book values ($1, $2, $3)", key, title, price.minor)
    return BookRow(str(key), title, price)


@capability
async def lend_book(
    ctx: Ctx,
    *,
    book_id: Annotated[UUID, Node("Book")],
    member_id: Annotated[UUID, Node("Member")],
    until: date,
    note: str | None = None,
) -> LoanRow:
    """Lend a book to a member."""
    lent = await ctx.db.fetchval("select true from loan where book_id = $1 and state = 'open'", book_id)
    if lent:
        raise BookIsLent(book=book_id, until=until, fine=Money.of("1.50", "EUR"))
    key = uuid7()
    await ctx.db.execute(
        "insert into loan values ($1, $2, $3, 'open', $4, $5)", key, book_id, member_id, until, note
    )
    return LoanRow(str(key), str(book_id), str(member_id), "open", until, note)


@capability
async def return_book(ctx: Ctx, *, loan_id: Annotated[UUID, Node("Loan")]) -> LoanRow:
    """Take a book back."""
    row = await ctx.db.fetchrow(
        "select id::text, book_id::text, member_id::text, state, due_date, note from loan where id = $1 for update",
        loan_id,
    )
    if row is None:
        raise UnknownLoan(loan=loan_id)
    must_be_own(ctx.who, row["member_id"], "librarian")
    await ctx.db.execute("update loan set state = 'returned' where id = $1", loan_id)
    return msgspec.structs.replace(LoanRow(*row), state="returned")


@capability
async def break_shelf(ctx: Ctx) -> BookRow:
    """A bug."""
    raise RuntimeError("secret detail")


def _book(row: Any) -> BookRow:
    return BookRow(row["id"], row["title"], Money(row["price_minor"], "EUR"))


# ---- api/loaders.py


async def books_by_key(ctx: Ctx, keys: list[str]) -> list[BookRow | None]:
    rows = await ctx.read.fetch(
        "select id::text, title, price_minor from book where id = any($1::uuid[])", keys
    )
    found = {row["id"]: _book(row) for row in rows}
    return [found.get(key) for key in keys]


async def loans_by_key(ctx: Ctx, keys: list[str]) -> list[LoanRow | None]:
    rows = await ctx.read.fetch(
        "select id::text, book_id::text, member_id::text, state, due_date, note from loan where id = any($1::uuid[])",
        keys,
    )
    found = {row["id"]: LoanRow(*row) for row in rows}
    return [found.get(key) for key in keys]


async def loans_by_book(ctx: Ctx, keys: list[str], *, state: LoanState | None = None) -> list[list[LoanRow]]:
    rows = await ctx.read.fetch(
        "select id::text, book_id::text, member_id::text, state, due_date, note from loan"
        " where book_id = any($1::uuid[]) and ($2::text is null or state = $2) order by id",
        keys,
        state and state.value,
    )
    return _grouped(keys, [(row["book_id"], LoanRow(*row)) for row in rows])


async def loans_by_member(ctx: Ctx, keys: list[str]) -> list[list[LoanRow]]:
    rows = await ctx.read.fetch(
        "select id::text, book_id::text, member_id::text, state, due_date, note from loan"
        " where member_id = any($1::uuid[]) order by id",
        keys,
    )
    return _grouped(keys, [(row["member_id"], LoanRow(*row)) for row in rows])


def _grouped(keys: list[str], loans: list[tuple[str, LoanRow]]) -> list[list[LoanRow]]:
    found: dict[str, list[LoanRow]] = {key: [] for key in keys}
    for key, loan in loans:
        found[key].append(loan)
    return list(found.values())


# ---- api/types/: descriptions


@record(BranchRef, name="Branch", keys=["id"], resolvable=False)
class Branch:
    """A branch of the library."""

    id: ID = node_id("Branch")


@record(BookRow, keys=["id"])
class Book:
    """A book on the shelf."""

    id: ID = node_id("Book")
    title: str
    price: MoneyType
    shelf: str
    heading: str = attribute("title", description="The title again.")
    loans: list[Loan] | None = batched(loans_by_book, key="key", rule=Role("librarian"))


@record(LoanRow, keys=["id"])
class Loan:
    """A book that somebody has."""

    id: ID = node_id("Loan")
    state: LoanState
    due_date: date
    fee: MoneyType = money("fee_minor")
    note: str | None = guarded(AnyOf(Role("librarian"), Own("member_id")))
    book: Book = batched(books_by_key, key="book_id", rule=WithParent())
    member: Member = ref(MemberRef, "member_id")


@record(MemberRef, keys=["id"])
class Member:
    """A member, with what this service knows about them."""

    id: ID = node_id("Member")
    loans: list[Loan] | None = batched(loans_by_member, key="key", rule=AnyOf(Role("librarian"), Own("key")))


# ---- api/schema.py


@strawberry.type
class Query:
    books: Connection[Book] = root(Anyone(), resolver=find_books)
    loans: list[Loan] = root(AnyOf(Role("librarian"), Own("member_id")), resolver=find_loans)
    loan: Loan | None = root(AnyOf(Role("librarian"), Own("member_id")), resolver=get_loan)


@strawberry.type
class Mutation:
    add_book: Book | RefusalType = root_mutation(Role("librarian"), resolver=add_book)
    lend_book: Loan | RefusalType = root_mutation(
        AnyOf(Role("librarian"), OwnArgument("member_id")), resolver=lend_book
    )
    return_book: Loan | RefusalType = root_mutation(SignedIn(), resolver=return_book)
    break_shelf: Book | RefusalType = root_mutation(Role("librarian"), resolver=break_shelf)


schema = build_schema(
    Query,
    Mutation,
    types=[Branch],
    entities=[
        entity(Book, books_by_key, rule=Anyone()),
        entity(Loan, loans_by_key, rule=AnyOf(Role("librarian"), Own("member_id"))),
        entity(Member, rule=AnyOf(Role("librarian"), Own("key"))),
    ],
    constraints={"book_title_key": TitleTaken},
)

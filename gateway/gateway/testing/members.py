"""A small subgraph that owns members."""

from __future__ import annotations

import enum
from typing import Annotated

import strawberry
from strawberry.scalars import JSON


@strawberry.enum
class Category(enum.Enum):
    """What a member is."""

    WORKER = "WORKER"
    SUPPORTER = "SUPPORTER"


@strawberry.federation.type(shareable=True)
class Refusal:
    """Why a mutation did nothing."""

    code: str
    message: str
    path: list[str]
    facts: JSON | None = None


@strawberry.federation.type(keys=["id"])
class Member:
    """A member."""

    id: strawberry.ID
    name: str
    category: Category
    email: str | None = None

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Member | None:
        """The member of an entity call."""
        return MEMBERS.get(id)


MEMBERS = {
    "m1": Member(id=strawberry.ID("m1"), name="Ada", category=Category.WORKER, email="ada@example.coop"),
    "m2": Member(id=strawberry.ID("m2"), name="Béla", category=Category.SUPPORTER),
    "m3": Member(id=strawberry.ID("m3"), name="Chloé", category=Category.WORKER),
}

ApplyResult = Annotated[Member | Refusal, strawberry.union("ApplyForMembershipResult")]


@strawberry.input
class ApplicationInput:
    """An application for membership."""

    name: str
    category: Category = Category.WORKER


@strawberry.type
class Query:
    """What can be read."""

    @strawberry.field
    def members(self, category: Category | None = None, first: int = 10) -> list[Member]:
        """Members, all or of one category."""
        return [m for m in MEMBERS.values() if category is None or m.category is category][:first]

    @strawberry.field
    def member(self, id: strawberry.ID) -> Member | None:
        """One member."""
        return MEMBERS.get(id)

    # What everybody may ask, with a token or without.
    door: str = strawberry.federation.field(resolver=lambda: "open", graphql_type=str, tags=["public"])

    @strawberry.field
    def broken(self) -> str | None:
        """A field that always fails."""
        raise RuntimeError("a secret of the service")


@strawberry.type
class Mutation:
    """What can be changed."""

    @strawberry.mutation
    def apply_for_membership(
        self, input: ApplicationInput, idempotency_key: strawberry.ID | None = None
    ) -> ApplyResult:
        """Admits at once, under an id that is always the same."""
        if not input.name:
            return Refusal(code="NameMissing", message="An applicant needs a name.", path=["input", "name"])
        return Member(id=strawberry.ID("m1"), name=input.name, category=input.category)


schema = strawberry.federation.Schema(
    query=Query, mutation=Mutation, types=[Member], federation_version="2.9"
)

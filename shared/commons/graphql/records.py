"""Types that describe rows: the rows themselves are returned, nothing is copied."""

from __future__ import annotations

import enum as enums
import inspect
from collections.abc import Callable, Iterable
from decimal import Decimal
from types import MethodType
from typing import Any, Final, Generic, TypeVar

import msgspec
import strawberry
from strawberry import UNSET, Info
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.scalars import JSON

from commons import global_id
from commons.graphql.declaration import Declaration, declare
from commons.graphql.errors import denied
from commons.graphql.request import Request
from commons.graphql.rules import Rule
from commons.graphql.signature import SchemaFault, callable_with, description_of
from commons.money import Money as MoneyRow
from commons.page import PageInfo as PageInfoRow

T = TypeVar("T")
E = TypeVar("E", bound=enums.Enum)

_ROW: Final = "__row__"
_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
_INFO = inspect.Parameter("info", inspect.Parameter.KEYWORD_ONLY, annotation=Info)


class Ref(msgspec.Struct, frozen=True, gc=False):
    """A thing of another service, of which only the key is known here.

    Each type has its own subclass: `class MemberRef(Ref, frozen=True)`.
    """

    key: str


def record(
    row: type,
    *,
    name: str | None = None,
    keys: Iterable[str] = (),
    resolvable: bool = True,
    shareable: bool = False,
) -> Callable[[type[T]], type[T]]:
    """Make a class the description of a row class: `@record(InvoiceRow, keys=["id"])`.

    Every annotation is an attribute, a property or a pure method of the row; the docstring goes into the
    schema. `keys` make it an entity that other services may refer to; `resolvable=False` is a stub of a
    foreign entity that this service only points at.
    """

    def describe(cls: type[T]) -> type[T]:
        described: Any = cls
        setattr(described, _ROW, row)
        described.is_type_of = staticmethod(lambda value, _info: isinstance(value, row))
        directives = [Key(fields=FieldSet(key), resolvable=UNSET if resolvable else False) for key in keys]
        return _federation_type(
            cls, name=name, description=description_of(cls), keys=directives, shareable=shareable
        )

    return describe


def interface(cls: type[T]) -> type[T]:
    """Make a class a GraphQL interface; records that have it derive from it."""
    made: type[T] = strawberry.federation.interface(cls, description=description_of(cls))
    return made


def enum(cls: type[E], *, name: str | None = None) -> type[E]:
    """Give an enum its docstring and, where wanted, another name in the schema. Plain enums need no call."""
    made: type[E] = strawberry.enum(cls, name=name, description=description_of(cls))
    return made


def read(row: Any, name: str) -> Any:
    """An attribute of a row; a pure method of the row is called."""
    value = getattr(row, name)
    return value() if value.__class__ is MethodType else value


def node_id(type_name: str, attribute: str = "key") -> Any:
    """A field of type `ID`: the global id made of a key that the row carries; null where the row has none."""

    def resolve(self: Any, info: Info[Request, None]) -> str | None:
        key = getattr(self, attribute)
        return None if key is None else global_id.encode(info.context.ctx.country.upper, type_name, key)

    return _pure(resolve, attribute)


def ref(stub: type[Ref], attribute: str) -> Any:
    """A field that points at a foreign entity whose key the row carries; the gateway fetches the rest."""

    def resolve(self: Any, info: Info[Request, None]) -> Ref | None:
        key = getattr(self, attribute)
        return None if key is None else stub(key=str(key))

    return _pure(resolve, attribute)


def money(minor: str, currency: str = "currency") -> Any:
    """A field of type `Money` made of two attributes of the row: minor units and currency."""

    def resolve(self: Any, info: Info[Request, None]) -> MoneyRow | None:
        units = getattr(self, minor)
        return None if units is None else MoneyRow(units, getattr(self, currency))

    return _pure(resolve, minor, currency)


def attribute(
    name: str | None = None, *, description: str | None = None, deprecated: str | None = None
) -> Any:
    """An attribute of the row under another name, or with a description or a deprecation in the schema."""

    def resolve(self: Any, info: Info[Request, None]) -> Any:
        return read(self, name or info.python_name)

    return declare(
        callable_with(resolve, [_SELF, _INFO]),
        Declaration("attribute", None, attributes=(name,) if name else ()),
        description=description,
        deprecated=deprecated,
    )


def guarded(rule: Rule, name: str | None = None, *, description: str | None = None) -> Any:
    """An attribute that not everybody who sees the row may see; the field must be nullable."""
    if rule.sees_arguments:
        raise SchemaFault("a guarded attribute has no arguments that its rule could look at")

    def resolve(self: Any, info: Info[Request, None]) -> Any:
        if not all(rule.mask(info.context.ctx, [self]) or ()):
            raise denied(info.context.ctx.who)
        return read(self, name or info.python_name)

    return declare(
        callable_with(resolve, [_SELF, _INFO]),
        Declaration("nested", rule, attributes=(name,) if name else ()),
        description=description,
    )


def _pure(resolve: Callable[..., Any], *attributes: str) -> Any:
    return declare(
        callable_with(resolve, [_SELF, _INFO]), Declaration("attribute", None, attributes=attributes)
    )


def _federation_type(cls: type[T], **options: Any) -> type[T]:
    made: type[T] = strawberry.federation.type(cls, **options)
    return made


def row_of(cls: object) -> type | None:
    """The row class that a description class describes."""
    found = getattr(cls, _ROW, None)
    return found if isinstance(found, type) else None


class RefusalRow(msgspec.Struct, frozen=True, gc=False):
    """A refusal as it is answered."""

    code: str
    message: str
    path: list[str]
    facts: dict[str, Any] | None


@record(RefusalRow, shareable=True)
class Refusal:
    """It cannot be done: a stable code, a sentence for people, the input that caused it, and the facts."""

    code: str
    message: str
    path: list[str] | None
    facts: JSON | None


@record(MoneyRow, shareable=True)
class Money:
    """An amount of money in major units, with all decimals of its currency (ISO 4217)."""

    amount: Decimal
    currency: str


@record(PageInfoRow, shareable=True)
class PageInfo:
    """Where a page ends and whether another one follows."""

    end_cursor: str | None
    has_next_page: bool


@strawberry.type(name="Connection", description="Some rows of a longer list.")
class Connection(Generic[T]):
    """Describes `commons.page.Page`: `members: Connection[Member] = root(…)`."""

    nodes: list[T]
    page_info: PageInfo

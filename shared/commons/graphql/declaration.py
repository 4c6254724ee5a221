"""What a field of the schema declares beside its type: its kind, its rule, and the function that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import strawberry
from strawberry.types.field import StrawberryField

from commons.graphql.rules import Rule

Kind = Literal["query", "mutation", "nested", "attribute"]
_KEY: Final = "declaration"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One line of the permission table. `rule` is None for a pure field that goes with its row.

    `attributes` are the attributes of the row that the field reads.
    """

    kind: Kind
    rule: Rule | None
    answered_by: Callable[..., Any] | None = None
    attributes: tuple[str, ...] = ()


def declare(
    resolve: Callable[..., Any],
    declaration: Declaration,
    *,
    description: str | None = None,
    deprecated: str | None = None,
) -> Any:
    """A strawberry field that resolves so and declares this."""
    return strawberry.field(
        resolver=resolve,
        description=description,
        deprecation_reason=deprecated,
        metadata={_KEY: declaration},
    )


def declaration_of(field: StrawberryField) -> Declaration | None:
    """What a field declares; None for a plain attribute or a foreign resolver."""
    found = field.metadata.get(_KEY)
    return found if isinstance(found, Declaration) else None

"""What a field of the schema declares beside its type: its kind, its rule, and the function that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import strawberry
from strawberry.federation.schema_directives import Tag
from strawberry.types.field import StrawberryField

from commons.graphql.rules import Anyone, Rule

Kind = Literal["query", "mutation", "nested", "attribute"]
_KEY: Final = "declaration"
PUBLIC_TAG: Final = "public"  # the gateway reads it


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
        directives=[Tag(name=PUBLIC_TAG)] if _is_public(declaration) else [],
    )


def _is_public(declaration: Declaration) -> bool:
    """Whether a root field is open to everybody: the gateway lets such a request pass without a token."""
    return declaration.kind in ("query", "mutation") and isinstance(declaration.rule, Anyone)


def declaration_of(field: StrawberryField) -> Declaration | None:
    """What a field declares; None for a plain attribute or a foreign resolver."""
    found = field.metadata.get(_KEY)
    return found if isinstance(found, Declaration) else None

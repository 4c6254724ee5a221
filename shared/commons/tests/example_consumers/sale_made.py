"""Count sales."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from commons.context import Ctx
from commons.events import Consumed, consumes


class SaleMade(Consumed):
    """A sale, of which only the id matters here."""

    type: ClassVar[str] = "shop.SaleMade.v1"
    sale_id: UUID


@consumes(SaleMade)
async def sale_made(ctx: Ctx[Any], event: SaleMade) -> None:
    """Do nothing in particular."""

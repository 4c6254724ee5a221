"""The family situation as clients write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from commons.arguments import Between
from payroll.domain.belgium.situation import Spouse
from payroll.domain.person import FamilySituation

CHILDREN_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class FamilySituationInput:
    """The household on the day of payment, as tax law sees it."""

    spouse: Spouse
    children: Annotated[int, Between(0, CHILDREN_MAX)] = 0
    is_single_parent: bool = False

    @property
    def family(self) -> FamilySituation:
        """The domain's value."""
        return FamilySituation(self.spouse, self.children, self.is_single_parent)


ALONE: Final = FamilySituationInput(Spouse.NONE)

"""What the closed lists of the domain are called in the schema."""

from __future__ import annotations

from typing import Final

from commons.graphql import enum
from payroll.domain.belgium.situation import Spouse, Status
from payroll.domain.contract import ContractKind, ContractState
from payroll.domain.declaration import DeclarationState
from payroll.domain.sheet import Kind

ENUMS: Final = (
    enum(Status, name="Regime"),
    enum(Spouse, name="SpouseSituation"),
    enum(Kind, name="PayslipLineKind"),
    enum(ContractKind),
    enum(ContractState),
    enum(DeclarationState),
)

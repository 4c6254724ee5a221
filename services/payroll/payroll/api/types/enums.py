"""What the closed lists of the domain are called in the schema."""

from __future__ import annotations

from typing import Final

from commons.graphql import enum
from payroll.domain.belgium.situation import Spouse
from payroll.domain.contract import ContractKind, ContractState
from payroll.domain.declaration import DeclarationState
from payroll.domain.exceptional_pay import ExceptionalPayKind
from payroll.domain.explanation import Reason
from payroll.domain.facts import QuestionKind
from payroll.domain.pay_run import PayRunState
from payroll.domain.regularization import Bearer
from payroll.domain.return_filing import ReturnKind, ReturnState
from payroll.domain.sheet import Kind

ENUMS: Final = (
    enum(Spouse, name="SpouseSituation"),
    enum(QuestionKind, name="PayrollQuestionKind"),
    enum(Kind, name="PayslipLineKind"),
    enum(Reason, name="ExplanationReason"),
    enum(ContractKind),
    enum(ContractState),
    enum(DeclarationState),
    enum(ExceptionalPayKind),
    enum(PayRunState),
    enum(ReturnKind),
    enum(ReturnState),
    enum(Bearer),
)

"""What this service adds to a member."""

from __future__ import annotations

from datetime import date

from strawberry import ID

from commons.graphql import AnyOf, Own, Role, batched, node_id, record
from payroll.api.loaders import payroll_profiles_by_member, payslips_by_member
from payroll.api.types.payslip import Payslip
from payroll.domain.belgium.situation import Spouse
from payroll.rows import MemberRef, PayrollProfileRow, TaxFactRow


@record(TaxFactRow)
class TaxFact:
    """One fact that was told of a worker, as `payrollQuestions` asks it."""

    name: str
    value: str


@record(PayrollProfileRow)
class PayrollProfile:
    """What payroll knows of a member; numbers are masked, and each reading is noted.

    `taxFacts` is all that was told of the worker by name; the household is also shown in fields of its own
    where it was told as one.
    """

    language: str
    completed_on: date
    holder_name: str
    national_number_masked: str
    iban_masked: str
    spouse: Spouse | None
    children: int | None
    is_single_parent: bool | None
    tax_facts: list[TaxFact]


@record(MemberRef, name="Member", keys=["id"])
class Member:
    """A person who works through the cooperative and owns it."""

    id: ID = node_id("Member")
    payroll_profile: PayrollProfile | None = batched(
        payroll_profiles_by_member, key="key", rule=AnyOf(Role("payroll_officer"), Own("key"))
    )
    payslips: list[Payslip] | None = batched(
        payslips_by_member, key="key", rule=AnyOf(Role("payroll_officer", "accountant"), Own("key"))
    )

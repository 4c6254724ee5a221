"""What may be asked of this service, by whom, and which capability answers."""

from __future__ import annotations

import strawberry

from commons.graphql import (
    AnyOf,
    Anyone,
    Connection,
    Own,
    OwnArgument,
    Refusal,
    Role,
    SignedIn,
    build_schema,
    entity,
    root,
    root_mutation,
)
from payroll.api.loaders import contracts_by_key, orders_by_key, payslips_by_key
from payroll.api.types import enums as enums
from payroll.api.types.contract import Contract
from payroll.api.types.entity import Entity
from payroll.api.types.file_reading import FileReading
from payroll.api.types.labor_cost import LaborCost
from payroll.api.types.member import Member
from payroll.api.types.order import Order
from payroll.api.types.pay_run import PayRun
from payroll.api.types.payment_file import PaymentFile
from payroll.api.types.payslip import Payslip
from payroll.api.types.periodic_return import PeriodicReturn
from payroll.api.types.question import PayrollQuestion
from payroll.api.types.recomputation import Recomputation
from payroll.api.types.wage import WageSimulation
from payroll.api.types.yearly_certificate import YearlyCertificate
from payroll.capabilities.call_off_contract import call_off_contract
from payroll.capabilities.complete_declarant import complete_declarant
from payroll.capabilities.complete_payroll_profile import complete_payroll_profile
from payroll.capabilities.correct_account import correct_account
from payroll.capabilities.file_return import file_return
from payroll.capabilities.find_contracts import find_contracts
from payroll.capabilities.find_contracts_without_payslip import find_contracts_without_payslip
from payroll.capabilities.find_declarations_to_check import find_declarations_to_check
from payroll.capabilities.find_file_readings import find_file_readings
from payroll.capabilities.find_labor_costs import find_labor_costs
from payroll.capabilities.find_payment_files import find_payment_files
from payroll.capabilities.find_payroll_questions import find_payroll_questions
from payroll.capabilities.find_payslips import find_payslips
from payroll.capabilities.find_periodic_returns import find_periodic_returns
from payroll.capabilities.find_returned_wages import find_returned_wages
from payroll.capabilities.find_returns_waiting import find_returns_waiting
from payroll.capabilities.find_undeclared_contracts import find_undeclared_contracts
from payroll.capabilities.find_yearly_certificates import find_yearly_certificates
from payroll.capabilities.get_contract import get_contract
from payroll.capabilities.get_pay_run import get_pay_run
from payroll.capabilities.get_payslip import get_payslip
from payroll.capabilities.get_recomputation import get_recomputation
from payroll.capabilities.recompute_payslips import recompute_payslips
from payroll.capabilities.record_death import record_death
from payroll.capabilities.record_exceptional_pay import record_exceptional_pay
from payroll.capabilities.refile_return import refile_return
from payroll.capabilities.repeat_wage_payment import repeat_wage_payment
from payroll.capabilities.request_contract import request_contract
from payroll.capabilities.simulate_wage import simulate_wage
from payroll.capabilities.start_pay_run import start_pay_run

OFFICER = Role("payroll_officer")
WAGE_STAFF = Role("payroll_officer", "accountant")
SEES_CONTRACT = AnyOf(Role("payroll_officer", "accountant", "adviser"), Own("member_id"))
SEES_PAYSLIP = AnyOf(WAGE_STAFF, Own("member_id"))


@strawberry.type(description="What the payroll service answers.")
class Query:
    """Reads."""

    simulate_wage: WageSimulation = root(Anyone(), resolver=simulate_wage)
    payroll_questions: list[PayrollQuestion] = root(Anyone(), resolver=find_payroll_questions)
    contract: Contract | None = root(SEES_CONTRACT, resolver=get_contract)
    contracts: Connection[Contract] = root(SEES_CONTRACT, resolver=find_contracts)
    payslip: Payslip | None = root(SEES_PAYSLIP, resolver=get_payslip)
    payslips: Connection[Payslip] = root(AnyOf(WAGE_STAFF, OwnArgument("member_id")), resolver=find_payslips)
    yearly_certificates: Connection[YearlyCertificate] = root(SEES_PAYSLIP, resolver=find_yearly_certificates)
    pay_run: PayRun | None = root(WAGE_STAFF, resolver=get_pay_run)
    recomputation: Recomputation | None = root(WAGE_STAFF, resolver=get_recomputation)
    labor_costs: Connection[LaborCost] = root(WAGE_STAFF, resolver=find_labor_costs)
    payment_files: Connection[PaymentFile] = root(WAGE_STAFF, resolver=find_payment_files)
    file_readings: Connection[FileReading] = root(
        AnyOf(Role("board"), OwnArgument("member_id")), resolver=find_file_readings
    )
    declarations_waiting: Connection[Contract] = root(OFFICER, resolver=find_undeclared_contracts)
    declarations_to_check: Connection[Contract] = root(OFFICER, resolver=find_declarations_to_check)
    payslips_waiting: Connection[Contract] = root(OFFICER, resolver=find_contracts_without_payslip)
    wages_returned: Connection[Payslip] = root(WAGE_STAFF, resolver=find_returned_wages)
    periodic_returns: Connection[PeriodicReturn] = root(WAGE_STAFF, resolver=find_periodic_returns)
    returns_waiting: Connection[PeriodicReturn] = root(OFFICER, resolver=find_returns_waiting)


@strawberry.type(description="What the payroll service does.")
class Mutation:
    """Writes."""

    complete_payroll_profile: Member | Refusal = root_mutation(
        OwnArgument("member_id"), resolver=complete_payroll_profile
    )
    call_off_contract: Contract | Refusal = root_mutation(OFFICER, resolver=call_off_contract)
    complete_declarant: Entity | Refusal = root_mutation(OFFICER, resolver=complete_declarant)
    file_return: PeriodicReturn | Refusal = root_mutation(OFFICER, resolver=file_return)
    refile_return: PeriodicReturn | Refusal = root_mutation(OFFICER, resolver=refile_return)
    correct_account: Member | Refusal = root_mutation(OwnArgument("member_id"), resolver=correct_account)
    record_death: Member | Refusal = root_mutation(OFFICER, resolver=record_death)
    record_exceptional_pay: Contract | Refusal = root_mutation(OFFICER, resolver=record_exceptional_pay)
    recompute_payslips: Recomputation | Refusal = root_mutation(OFFICER, resolver=recompute_payslips)
    repeat_wage_payment: Payslip | Refusal = root_mutation(OFFICER, resolver=repeat_wage_payment)
    request_contract: Contract | Refusal = root_mutation(Role("member"), resolver=request_contract)
    start_pay_run: PayRun | Refusal = root_mutation(OFFICER, resolver=start_pay_run)


schema = build_schema(
    Query,
    Mutation,
    entities=[
        entity(Entity, rule=SignedIn()),
        entity(Member, rule=SignedIn()),
        entity(Order, orders_by_key, rule=SignedIn()),
        entity(Contract, contracts_by_key, rule=SEES_CONTRACT),
        entity(Payslip, payslips_by_key, rule=SEES_PAYSLIP),
    ],
)

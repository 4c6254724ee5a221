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
from invoicing.api.loaders import (
    activities_by_key,
    bank_statements_by_key,
    entities_by_key,
    invoices_by_key,
    orders_by_key,
    parties_by_key,
    payments_by_key,
)
from invoicing.api.rules import Among
from invoicing.api.types.activity import Activity, ActivityInvitation
from invoicing.api.types.bank_statement import BankStatement
from invoicing.api.types.entity import Entity
from invoicing.api.types.invoice import Invoice
from invoicing.api.types.order import Order, OrderOffer
from invoicing.api.types.party import Party
from invoicing.api.types.payment import Payment
from invoicing.capabilities.accept_invitation import accept_invitation
from invoicing.capabilities.allocate_payment import allocate_payment
from invoicing.capabilities.cancel_order import cancel_order
from invoicing.capabilities.confirm_order import confirm_order
from invoicing.capabilities.credit_invoice import credit_invoice
from invoicing.capabilities.declare_default import declare_default
from invoicing.capabilities.draft_order import draft_order
from invoicing.capabilities.find_activities import find_activities
from invoicing.capabilities.find_entities import find_entities
from invoicing.capabilities.find_invitations import find_invitations
from invoicing.capabilities.find_invoices import find_invoices
from invoicing.capabilities.find_orders import find_orders
from invoicing.capabilities.find_unallocated_payments import find_unallocated_payments
from invoicing.capabilities.get_activity import get_activity
from invoicing.capabilities.get_bank_statement import get_bank_statement
from invoicing.capabilities.get_entity import get_entity
from invoicing.capabilities.get_invoice import get_invoice
from invoicing.capabilities.get_order import get_order
from invoicing.capabilities.get_order_offer import get_order_offer
from invoicing.capabilities.get_party import get_party
from invoicing.capabilities.get_payment import get_payment
from invoicing.capabilities.import_bank_statement import import_bank_statement
from invoicing.capabilities.invite_participant import invite_participant
from invoicing.capabilities.issue_invoice import issue_invoice
from invoicing.capabilities.keep_payment import keep_payment
from invoicing.capabilities.open_activity import open_activity
from invoicing.capabilities.open_business_day import open_business_day
from invoicing.capabilities.refund_payment import refund_payment
from invoicing.capabilities.refuse_order import refuse_order
from invoicing.capabilities.register_entity import register_entity
from invoicing.capabilities.register_party import register_party
from invoicing.capabilities.send_order import send_order
from invoicing.capabilities.transfer_budget import transfer_budget
from invoicing.domain.errors import (
    AccountInUse,
    EntityAlreadyRegistered,
    InvoiceAlreadyCredited,
    OrderAlreadyInvoiced,
)

BOOKS = Role("adviser", "accountant", "board")
SALES = Role("adviser", "accountant", "credit_controller", "payroll_officer", "board")
INVOICES = Role("adviser", "accountant", "credit_controller", "board")
PAYMENTS = Role("accountant", "credit_controller")
IN_ACTIVITY_OR_BOOKS = AnyOf(BOOKS, Among("people"))
OWN_OR_SALES = AnyOf(SALES, Own("member_id"))
ORDER_READERS = AnyOf(SALES, Own("member_id"), Among("participants"))
OWN_OR_INVOICES = AnyOf(INVOICES, Own("member_id"))


@strawberry.type(description="What the invoicing service answers.")
class Query:
    """Reads."""

    entity: Entity | None = root(SignedIn(), resolver=get_entity)
    entities: Connection[Entity] = root(SignedIn(), resolver=find_entities)
    activity: Activity | None = root(IN_ACTIVITY_OR_BOOKS, resolver=get_activity)
    activities: Connection[Activity] = root(AnyOf(BOOKS, OwnArgument("member_id")), resolver=find_activities)
    activity_invitations: Connection[ActivityInvitation] = root(
        OwnArgument("member_id"), resolver=find_invitations
    )
    party: Party | None = root(OWN_OR_SALES, resolver=get_party)
    order: Order | None = root(ORDER_READERS, resolver=get_order)
    orders: Connection[Order] = root(ORDER_READERS, resolver=find_orders)
    order_by_link: OrderOffer | None = root(Anyone(), resolver=get_order_offer)
    invoice: Invoice | None = root(OWN_OR_INVOICES, resolver=get_invoice)
    invoices: Connection[Invoice] = root(OWN_OR_INVOICES, resolver=find_invoices)
    bank_statement: BankStatement | None = root(Role("accountant"), resolver=get_bank_statement)
    payment: Payment | None = root(PAYMENTS, resolver=get_payment)
    unallocated_payments: Connection[Payment] = root(PAYMENTS, resolver=find_unallocated_payments)


@strawberry.type(description="What the invoicing service does.")
class Mutation:
    """Writes."""

    register_entity: Entity | Refusal = root_mutation(Role("operator"), resolver=register_entity)
    open_business_day: Entity | Refusal = root_mutation(Role("operator"), resolver=open_business_day)
    open_activity: Activity | Refusal = root_mutation(Role("member"), resolver=open_activity)
    invite_participant: Activity | Refusal = root_mutation(Role("member"), resolver=invite_participant)
    accept_invitation: Activity | Refusal = root_mutation(Role("member"), resolver=accept_invitation)
    transfer_budget: Activity | Refusal = root_mutation(Role("member"), resolver=transfer_budget)
    register_party: Party | Refusal = root_mutation(Role("member", "adviser"), resolver=register_party)
    draft_order: Order | Refusal = root_mutation(Role("member"), resolver=draft_order)
    send_order: Order | Refusal = root_mutation(Role("member"), resolver=send_order)
    confirm_order: OrderOffer | Refusal = root_mutation(Anyone(), resolver=confirm_order)
    refuse_order: OrderOffer | Refusal = root_mutation(Anyone(), resolver=refuse_order)
    cancel_order: Order | Refusal = root_mutation(Role("member", "accountant"), resolver=cancel_order)
    issue_invoice: Invoice | Refusal = root_mutation(Role("member", "accountant"), resolver=issue_invoice)
    credit_invoice: Invoice | Refusal = root_mutation(
        Role("accountant", "credit_controller"), resolver=credit_invoice
    )
    import_bank_statement: BankStatement | Refusal = root_mutation(
        Role("accountant"), resolver=import_bank_statement
    )
    declare_default: Party | Refusal = root_mutation(Role("credit_controller"), resolver=declare_default)
    allocate_payment: Payment | Refusal = root_mutation(Role("accountant"), resolver=allocate_payment)
    refund_payment: Payment | Refusal = root_mutation(Role("accountant"), resolver=refund_payment)
    keep_payment: Payment | Refusal = root_mutation(Role("accountant"), resolver=keep_payment)


schema = build_schema(
    Query,
    Mutation,
    entities=[
        entity(Entity, entities_by_key, rule=SignedIn()),
        entity(Party, parties_by_key, rule=OWN_OR_SALES),
        entity(Activity, activities_by_key, rule=IN_ACTIVITY_OR_BOOKS),
        entity(Order, orders_by_key, rule=ORDER_READERS),
        entity(Invoice, invoices_by_key, rule=OWN_OR_INVOICES),
        entity(BankStatement, bank_statements_by_key, rule=Role("accountant")),
        entity(Payment, payments_by_key, rule=PAYMENTS),
    ],
    constraints={
        "one_real_entity_a_number": EntityAlreadyRegistered,
        "one_entity_an_account": AccountInUse,
        "one_invoice_an_order": OrderAlreadyInvoiced,
        "one_credit_note_an_invoice": InvoiceAlreadyCredited,
    },
)

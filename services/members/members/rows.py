"""What queries return: one frozen row for each type of the API."""

from __future__ import annotations

from datetime import date

import msgspec

from commons.country import Section
from commons.graphql import Ref
from commons.identifiers import show_payment_reference
from commons.money import Money
from members.domain.register import Redemption, repay_by
from members.domain.rules import membership_rules


class MemberRow(msgspec.Struct, frozen=True, gc=False):
    """A person."""

    key: str
    subject: str
    given_name: str
    family_name: str
    email: str
    language: str


class RedemptionRow(msgspec.Struct, frozen=True, gc=False):
    """Shares that were asked back under a number of the register, and what was repaid of them."""

    number: int
    member_id: str
    quantity: int
    amount: Money
    repaid: Money
    open: Money
    requested_on: date
    repay_by: date
    is_overdue: bool


def redemption_row(redemption: Redemption, law: Section, today: date) -> RedemptionRow:
    """A redemption as the API shows it, by the delay of the law in force when it was asked for."""
    request = redemption.request
    last_day = repay_by(request, membership_rules(law, request.effective_on))
    return RedemptionRow(
        number=request.number,
        member_id=str(request.member_id),
        quantity=request.quantity,
        amount=request.amount,
        repaid=redemption.repaid,
        open=redemption.open,
        requested_on=request.effective_on,
        repay_by=last_day,
        is_overdue=last_day < today and not redemption.open.is_zero,
    )


class MembershipRow(msgspec.Struct, frozen=True, gc=False):
    """A person's membership of an entity, as the register has it on the entity's business day."""

    member_id: str
    entity_id: str
    category: str
    applied_on: date
    admitted_on: date | None
    resigned_on: date | None
    shares: int
    value: Money
    entitled_until: date | None
    may_bring_new_money: bool
    may_spend: bool
    may_vote: bool
    redemptions: list[RedemptionRow]


class ShareSubscriptionRow(msgspec.Struct, frozen=True, gc=False):
    """Shares promised or paid."""

    key: str
    member_id: str
    entity_id: str
    quantity: int
    share_value_minor: int
    currency: str
    compact_reference: str
    subscribed_on: date
    pay_by: date
    paid_on: date | None
    cancelled_on: date | None

    def amount(self) -> Money:
        """What is to be paid."""
        return Money(self.share_value_minor * self.quantity, self.currency)

    def reference(self) -> str:
        """The reference as people write it."""
        return show_payment_reference(self.compact_reference)

    def is_paid(self) -> bool:
        """Whether the money arrived."""
        return self.paid_on is not None


class PayeeRow(msgspec.Struct, frozen=True, gc=False):
    """Whom to pay."""

    name: str
    iban: str


class RegisterEntryRow(msgspec.Struct, frozen=True, gc=False):
    """One line of the share register."""

    entity_id: str
    number: int
    member_id: str
    kind: str
    quantity: int
    amount_minor: int
    currency: str
    category: str
    effective_on: date


class UnmatchedPaymentRow(msgspec.Struct, frozen=True, gc=False):
    """A payment with a reference of ours that pays no shares."""

    key: str
    entity_id: str
    reference: str
    amount_minor: int
    currency: str
    received_on: date
    reason: str


class EntityRef(Ref, frozen=True, gc=False):
    """A legal entity, which the invoicing service owns."""

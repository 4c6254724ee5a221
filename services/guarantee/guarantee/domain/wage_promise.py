"""The money promise of one wage: from the covered order to the wage paid, the advance recovered or lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.money import Money
from guarantee.domain.errors import (
    EventNotYetExpected,
    PaymentExceedsNeed,
    PaymentNotPositive,
    WageAlreadyFunded,
)


class State(StrEnum):
    """Where the promise stands.

    NEW                       the order was confirmed, its verdict is awaited
    WAITING_PAYSLIP           covered; _UNCOVERED: only collected money is spent; _DEFAULTED: client failed
    WAGE_DUE                  the labor cost is held in the fund until the due date; _DEFAULTED: client failed
    WAGE_DUE_COLLECTED        the client paid in time, or the wage comes from money collected before
    WAGE_DUE_UNBACKED         the invoice or the order fell away, but the work was done and the wage is owed
    FUNDED_BY_COLLECTION      funded on the due date from the client's money, not yet paid out
    SETTLED                   paid out, the fund was not needed
    ADVANCED                  funded on the due date by the fund, not yet paid out
    PAID                      paid out, the advance is open
    RECOVERY_OPENED           the advance is open and claimed
    RECOVERED                 the advance came back in full, be it after the loss was carried
    LOSS_CARRIED              what did not come back is a loss of the fund
    RELEASED                  the order was cancelled before there was a wage
    """

    NEW = "new"
    WAITING_PAYSLIP = "waiting_payslip"
    WAITING_PAYSLIP_UNCOVERED = "waiting_payslip_uncovered"
    WAITING_PAYSLIP_DEFAULTED = "waiting_payslip_defaulted"
    WAGE_DUE = "wage_due"
    WAGE_DUE_DEFAULTED = "wage_due_defaulted"
    WAGE_DUE_COLLECTED = "wage_due_collected"
    WAGE_DUE_UNBACKED = "wage_due_unbacked"
    FUNDED_BY_COLLECTION = "funded_by_collection"
    SETTLED = "settled"
    ADVANCED = "advanced"
    PAID = "paid"
    RECOVERY_OPENED = "recovery_opened"
    RECOVERED = "recovered"
    LOSS_CARRIED = "loss_carried"
    RELEASED = "released"


# --- what happens ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderCovered:
    """The fund stands for the order."""


@dataclass(frozen=True, slots=True)
class OrderNotCovered:
    """The fund does not stand for the order."""


@dataclass(frozen=True, slots=True)
class PayslipComputed:
    """A wage of the order is known, with the day on which it falls due."""

    payslip_id: UUID
    labor_cost: Money
    due_date: date


@dataclass(frozen=True, slots=True)
class InvoicePaid:
    """The client paid: `amount` is the part of that payment set against this wage (see share_payment)."""

    amount: Money
    payment_ref: str


@dataclass(frozen=True, slots=True)
class DueDateReached:
    """The wage is due today."""


@dataclass(frozen=True, slots=True)
class WagePaid:
    """The bank paid the wage out."""


@dataclass(frozen=True, slots=True)
class WageReturned:
    """The bank sent the wage back; payroll will pay it again, the fund does not fund it again."""


@dataclass(frozen=True, slots=True)
class ClientDefaulted:
    """The client is bankrupt or refuses to pay."""


@dataclass(frozen=True, slots=True)
class RecoveryDeadlineReached:
    """The client has not paid for so long that the advance is claimed."""


@dataclass(frozen=True, slots=True)
class WriteOffApproved:
    """Those who may decide it gave the rest of the advance up."""


@dataclass(frozen=True, slots=True)
class InvoiceCredited:
    """The invoice was taken back by a credit note."""


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order was cancelled."""


Event = (
    OrderCovered
    | OrderNotCovered
    | PayslipComputed
    | InvoicePaid
    | DueDateReached
    | WagePaid
    | WageReturned
    | ClientDefaulted
    | RecoveryDeadlineReached
    | WriteOffApproved
    | InvoiceCredited
    | OrderCancelled
)


class Trigger(StrEnum):
    """An event as the table reads it: two of them depend on whether the client's money is enough."""

    ORDER_COVERED = "order_covered"
    ORDER_NOT_COVERED = "order_not_covered"
    PAYSLIP_COMPUTED = "payslip_computed"
    PAYSLIP_COMPUTED_COLLECTED = "payslip_computed_collected"
    INVOICE_PARTLY_PAID = "invoice_partly_paid"
    INVOICE_PAID = "invoice_paid"
    DUE_DATE_REACHED = "due_date_reached"
    WAGE_PAID = "wage_paid"
    WAGE_RETURNED = "wage_returned"
    CLIENT_DEFAULTED = "client_defaulted"
    RECOVERY_DEADLINE_REACHED = "recovery_deadline_reached"
    WRITE_OFF_APPROVED = "write_off_approved"
    INVOICE_CREDITED = "invoice_credited"
    ORDER_CANCELLED = "order_cancelled"


# --- what is to be done ------------------------------------------------------------------------------------


class Source(StrEnum):
    """Whose money pays a wage."""

    COLLECTION = "collection"
    ADVANCE = "advance"


class Act(StrEnum):
    """A command as the table names it."""

    HOLD = "hold"
    POST_HOLD = "post_hold"
    VOID_HOLD = "void_hold"
    ADVANCE = "advance"
    FUND_BY_ADVANCE = "fund_by_advance"
    FUND_BY_COLLECTION = "fund_by_collection"
    COLLECT = "collect"
    FORGET_COLLECTED = "forget_collected"
    RECOVER_COLLECTED = "recover_collected"
    RECOVER = "recover"
    OPEN_RECOVERY = "open_recovery"
    CARRY_LOSS = "carry_loss"
    RECOVER_LOSS = "recover_loss"


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep this amount of the fund for the wage."""

    amount: Money


@dataclass(frozen=True, slots=True)
class PostHold:
    """Turn what was held into an advance."""

    amount: Money


@dataclass(frozen=True, slots=True)
class VoidHold:
    """Give what was held back to the fund."""

    amount: Money


@dataclass(frozen=True, slots=True)
class Advance:
    """Advance an amount of which nothing was held."""

    amount: Money


@dataclass(frozen=True, slots=True)
class FundWage:
    """Tell payroll that the wage can be paid, and from whose money."""

    source: Source
    amount: Money


@dataclass(frozen=True, slots=True)
class Recover:
    """Book money of the client as coming back to the fund."""

    amount: Money
    payment_ref: str


@dataclass(frozen=True, slots=True)
class OpenRecovery:
    """Begin to claim what is open."""

    amount: Money


@dataclass(frozen=True, slots=True)
class CarryLoss:
    """Book what is open as a loss of the fund."""

    amount: Money


@dataclass(frozen=True, slots=True)
class RecoverLoss:
    """Book money that comes after the loss was carried."""

    amount: Money
    payment_ref: str


Command = Hold | PostHold | VoidHold | Advance | FundWage | Recover | OpenRecovery | CarryLoss | RecoverLoss


# --- the table ---------------------------------------------------------------------------------------------

S, T, A = State, Trigger, Act
STAY: Final[tuple[Act, ...]] = ()

# Every pair that can be handled. A pair that is not here parks its event until the state has moved on.
TABLE: Final[dict[State, dict[Trigger, tuple[State, tuple[Act, ...]]]]] = {
    S.NEW: {
        T.ORDER_COVERED: (S.WAITING_PAYSLIP, STAY),
        T.ORDER_NOT_COVERED: (S.WAITING_PAYSLIP_UNCOVERED, STAY),
        T.ORDER_CANCELLED: (S.RELEASED, STAY),
    },
    S.WAITING_PAYSLIP: {
        T.PAYSLIP_COMPUTED: (S.WAGE_DUE, (A.HOLD,)),
        T.PAYSLIP_COMPUTED_COLLECTED: (S.WAGE_DUE_COLLECTED, STAY),
        T.INVOICE_PARTLY_PAID: (S.WAITING_PAYSLIP, (A.COLLECT,)),
        T.CLIENT_DEFAULTED: (S.WAITING_PAYSLIP_DEFAULTED, STAY),
        T.INVOICE_CREDITED: (S.WAITING_PAYSLIP, (A.FORGET_COLLECTED,)),
        T.ORDER_CANCELLED: (S.RELEASED, STAY),
    },
    # Without cover a budget holds collected money only, so a contract that exists is paid for already.
    S.WAITING_PAYSLIP_UNCOVERED: {
        T.PAYSLIP_COMPUTED: (S.WAGE_DUE_COLLECTED, STAY),
        T.PAYSLIP_COMPUTED_COLLECTED: (S.WAGE_DUE_COLLECTED, STAY),
        T.INVOICE_PARTLY_PAID: (S.WAITING_PAYSLIP_UNCOVERED, (A.COLLECT,)),
        T.CLIENT_DEFAULTED: (S.WAITING_PAYSLIP_UNCOVERED, STAY),
        T.INVOICE_CREDITED: (S.WAITING_PAYSLIP_UNCOVERED, (A.FORGET_COLLECTED,)),
        T.ORDER_CANCELLED: (S.WAITING_PAYSLIP_UNCOVERED, STAY),
    },
    S.WAITING_PAYSLIP_DEFAULTED: {
        T.PAYSLIP_COMPUTED: (S.WAGE_DUE_DEFAULTED, (A.HOLD,)),
        T.PAYSLIP_COMPUTED_COLLECTED: (S.WAGE_DUE_COLLECTED, STAY),
        T.INVOICE_PARTLY_PAID: (S.WAITING_PAYSLIP_DEFAULTED, (A.COLLECT,)),
        T.CLIENT_DEFAULTED: (S.WAITING_PAYSLIP_DEFAULTED, STAY),
        T.INVOICE_CREDITED: (S.WAITING_PAYSLIP_DEFAULTED, (A.FORGET_COLLECTED,)),
        T.ORDER_CANCELLED: (S.RELEASED, STAY),
    },
    S.WAGE_DUE: {
        T.INVOICE_PARTLY_PAID: (S.WAGE_DUE, (A.COLLECT,)),
        T.INVOICE_PAID: (S.WAGE_DUE_COLLECTED, (A.COLLECT, A.VOID_HOLD)),
        T.DUE_DATE_REACHED: (S.ADVANCED, (A.POST_HOLD, A.FUND_BY_ADVANCE, A.RECOVER_COLLECTED)),
        T.CLIENT_DEFAULTED: (S.WAGE_DUE_DEFAULTED, STAY),
        T.INVOICE_CREDITED: (S.WAGE_DUE_UNBACKED, (A.VOID_HOLD, A.FORGET_COLLECTED)),
        T.ORDER_CANCELLED: (S.WAGE_DUE_UNBACKED, (A.VOID_HOLD,)),
    },
    S.WAGE_DUE_DEFAULTED: {
        T.INVOICE_PARTLY_PAID: (S.WAGE_DUE_DEFAULTED, (A.COLLECT,)),
        T.INVOICE_PAID: (S.WAGE_DUE_COLLECTED, (A.COLLECT, A.VOID_HOLD)),
        T.DUE_DATE_REACHED: (
            S.RECOVERY_OPENED,
            (A.POST_HOLD, A.FUND_BY_ADVANCE, A.RECOVER_COLLECTED, A.OPEN_RECOVERY),
        ),
        T.CLIENT_DEFAULTED: (S.WAGE_DUE_DEFAULTED, STAY),
        T.INVOICE_CREDITED: (S.WAGE_DUE_UNBACKED, (A.VOID_HOLD, A.FORGET_COLLECTED)),
        T.ORDER_CANCELLED: (S.WAGE_DUE_UNBACKED, (A.VOID_HOLD,)),
    },
    # The employer owes the wage of work that was done, whatever became of the invoice: paid, then claimed.
    S.WAGE_DUE_UNBACKED: {
        T.INVOICE_PARTLY_PAID: (S.WAGE_DUE_UNBACKED, (A.COLLECT,)),
        T.INVOICE_PAID: (S.WAGE_DUE_COLLECTED, (A.COLLECT,)),
        T.DUE_DATE_REACHED: (
            S.RECOVERY_OPENED,
            (A.ADVANCE, A.FUND_BY_ADVANCE, A.RECOVER_COLLECTED, A.OPEN_RECOVERY),
        ),
        T.CLIENT_DEFAULTED: (S.WAGE_DUE_UNBACKED, STAY),
        T.INVOICE_CREDITED: (S.WAGE_DUE_UNBACKED, (A.FORGET_COLLECTED,)),
        T.ORDER_CANCELLED: (S.WAGE_DUE_UNBACKED, STAY),
    },
    S.WAGE_DUE_COLLECTED: {
        T.DUE_DATE_REACHED: (S.FUNDED_BY_COLLECTION, (A.FUND_BY_COLLECTION,)),
        T.CLIENT_DEFAULTED: (S.WAGE_DUE_COLLECTED, STAY),
        T.INVOICE_CREDITED: (S.WAGE_DUE_UNBACKED, (A.FORGET_COLLECTED,)),
        T.ORDER_CANCELLED: (S.WAGE_DUE_COLLECTED, STAY),
    },
    S.FUNDED_BY_COLLECTION: {
        T.WAGE_PAID: (S.SETTLED, STAY),
        T.WAGE_RETURNED: (S.FUNDED_BY_COLLECTION, STAY),
        T.CLIENT_DEFAULTED: (S.FUNDED_BY_COLLECTION, STAY),
        T.INVOICE_CREDITED: (S.FUNDED_BY_COLLECTION, STAY),
        T.ORDER_CANCELLED: (S.FUNDED_BY_COLLECTION, STAY),
    },
    S.SETTLED: {
        T.WAGE_RETURNED: (S.FUNDED_BY_COLLECTION, STAY),
        T.CLIENT_DEFAULTED: (S.SETTLED, STAY),
        T.INVOICE_CREDITED: (S.SETTLED, STAY),
        T.ORDER_CANCELLED: (S.SETTLED, STAY),
    },
    S.ADVANCED: {
        T.WAGE_PAID: (S.PAID, STAY),
        T.WAGE_RETURNED: (S.ADVANCED, STAY),
        T.INVOICE_PARTLY_PAID: (S.ADVANCED, (A.RECOVER,)),
        T.INVOICE_PAID: (S.RECOVERED, (A.RECOVER,)),
        T.CLIENT_DEFAULTED: (S.RECOVERY_OPENED, (A.OPEN_RECOVERY,)),
        T.RECOVERY_DEADLINE_REACHED: (S.RECOVERY_OPENED, (A.OPEN_RECOVERY,)),
        T.INVOICE_CREDITED: (S.RECOVERY_OPENED, (A.OPEN_RECOVERY,)),
        T.ORDER_CANCELLED: (S.RECOVERY_OPENED, (A.OPEN_RECOVERY,)),
    },
    S.PAID: {
        T.WAGE_RETURNED: (S.ADVANCED, STAY),
        T.INVOICE_PARTLY_PAID: (S.PAID, (A.RECOVER,)),
        T.INVOICE_PAID: (S.RECOVERED, (A.RECOVER,)),
        T.CLIENT_DEFAULTED: (S.RECOVERY_OPENED, (A.OPEN_RECOVERY,)),
        T.RECOVERY_DEADLINE_REACHED: (S.RECOVERY_OPENED, (A.OPEN_RECOVERY,)),
        T.INVOICE_CREDITED: (S.RECOVERY_OPENED, (A.OPEN_RECOVERY,)),
        T.ORDER_CANCELLED: (S.RECOVERY_OPENED, (A.OPEN_RECOVERY,)),
    },
    S.RECOVERY_OPENED: {
        T.WAGE_PAID: (S.RECOVERY_OPENED, STAY),
        T.WAGE_RETURNED: (S.RECOVERY_OPENED, STAY),
        T.INVOICE_PARTLY_PAID: (S.RECOVERY_OPENED, (A.RECOVER,)),
        T.INVOICE_PAID: (S.RECOVERED, (A.RECOVER,)),
        T.CLIENT_DEFAULTED: (S.RECOVERY_OPENED, STAY),
        T.RECOVERY_DEADLINE_REACHED: (S.RECOVERY_OPENED, STAY),
        T.INVOICE_CREDITED: (S.RECOVERY_OPENED, STAY),
        T.ORDER_CANCELLED: (S.RECOVERY_OPENED, STAY),
        T.WRITE_OFF_APPROVED: (S.LOSS_CARRIED, (A.CARRY_LOSS,)),
    },
    S.RECOVERED: {
        T.WAGE_PAID: (S.RECOVERED, STAY),
        T.WAGE_RETURNED: (S.RECOVERED, STAY),
        T.CLIENT_DEFAULTED: (S.RECOVERED, STAY),
        T.RECOVERY_DEADLINE_REACHED: (S.RECOVERED, STAY),
        T.INVOICE_CREDITED: (S.RECOVERED, STAY),
        T.ORDER_CANCELLED: (S.RECOVERED, STAY),
        T.WRITE_OFF_APPROVED: (S.RECOVERED, STAY),
    },
    S.LOSS_CARRIED: {
        T.WAGE_PAID: (S.LOSS_CARRIED, STAY),
        T.WAGE_RETURNED: (S.LOSS_CARRIED, STAY),
        T.INVOICE_PARTLY_PAID: (S.LOSS_CARRIED, (A.RECOVER_LOSS,)),
        T.INVOICE_PAID: (S.RECOVERED, (A.RECOVER_LOSS,)),
        T.CLIENT_DEFAULTED: (S.LOSS_CARRIED, STAY),
        T.RECOVERY_DEADLINE_REACHED: (S.LOSS_CARRIED, STAY),
        T.INVOICE_CREDITED: (S.LOSS_CARRIED, STAY),
        T.ORDER_CANCELLED: (S.LOSS_CARRIED, STAY),
    },
    # Part of the work may have been done before the order was cancelled: its payslip is honored all the same.
    S.RELEASED: {
        T.PAYSLIP_COMPUTED: (S.WAGE_DUE_UNBACKED, STAY),
        T.PAYSLIP_COMPUTED_COLLECTED: (S.WAGE_DUE_COLLECTED, STAY),
        T.INVOICE_PARTLY_PAID: (S.RELEASED, (A.COLLECT,)),
        T.CLIENT_DEFAULTED: (S.RELEASED, STAY),
        T.INVOICE_CREDITED: (S.RELEASED, (A.FORGET_COLLECTED,)),
        T.ORDER_CANCELLED: (S.RELEASED, STAY),
    },
}


# --- the process -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WagePromise:
    """One wage of one order, and the money set against it.

    `collected` is the client's money received before the wage was funded; `advanced`, `recovered` and `lost`
    are what the fund gave, got back and gave up. Always recovered + lost <= advanced <= labor cost.
    """

    id: UUID
    order_id: UUID
    state: State
    held: Money
    collected: Money
    funded: Money
    advanced: Money
    recovered: Money
    lost: Money
    payslip_id: UUID | None = None
    labor_cost: Money | None = None
    due_date: date | None = None
    is_wage_paid: bool = False

    @property
    def open_advance(self) -> Money:
        """What the client still owes the fund."""
        return self.advanced - self.recovered - self.lost

    @property
    def exposure(self) -> Money:
        """What the fund may still lose on this wage: what it holds for it and what is open."""
        return self.held + self.open_advance

    @property
    def need(self) -> Money:
        """How much of a payment this wage can take: the open advance or loss, or the wage not collected."""
        nothing = Money.zero(self.held.currency)
        if self.state is State.LOSS_CARRIED:
            return self.lost
        if self.advanced.minor:
            return self.open_advance
        if self.labor_cost is None or self.funded.minor:
            return nothing
        if self.state is State.WAGE_DUE_COLLECTED:
            return nothing
        return max(self.labor_cost - self.collected, nothing)


@dataclass(frozen=True, slots=True)
class Step:
    """The promise after an event, and what is to be done in the same transaction, in this order.

    `surplus` is collected money that the wage turned out not to need: it opens the order's next promise.
    """

    promise: WagePromise
    commands: tuple[Command, ...]
    surplus: Money


def open_promise(
    *, id: UUID, order_id: UUID, nothing: Money, covered: bool | None = None, collected: Money | None = None
) -> WagePromise:
    """A promise for one wage of an order; `covered` is the verdict where it is known.

    `nothing` is zero in the currency of the entity. An order with several payslips has one promise each: the
    next is opened when a payslip finds none waiting, or when a payment leaves a rest, given as `collected`.
    """
    state = {None: State.NEW, True: State.WAITING_PAYSLIP, False: State.WAITING_PAYSLIP_UNCOVERED}[covered]
    return WagePromise(
        id=id,
        order_id=order_id,
        state=state,
        held=nothing,
        collected=collected or nothing,
        funded=nothing,
        advanced=nothing,
        recovered=nothing,
        lost=nothing,
    )


def step(promise: WagePromise, event: Event) -> Step:
    """What an event makes of the promise.

    Raises EventNotYetExpected where the table has no such pair (the event is parked), PaymentNotPositive and
    PaymentExceedsNeed for a payment that was not shared out by `share_payment`.
    """
    trigger = trigger_of(promise, event)
    if trigger not in TABLE[promise.state]:
        raise EventNotYetExpected(promise=promise.id, state=promise.state.value, event=trigger.value)
    state, acts = TABLE[promise.state][trigger]
    surplus = Money.zero(promise.held.currency)
    if isinstance(event, PayslipComputed):
        surplus = max(promise.collected - event.labor_cost, surplus)
        promise = replace(
            promise,
            payslip_id=event.payslip_id,
            labor_cost=event.labor_cost,
            due_date=event.due_date,
            collected=promise.collected - surplus,
        )
    if isinstance(event, WagePaid | WageReturned):
        promise = replace(promise, is_wage_paid=isinstance(event, WagePaid))
    commands: list[Command] = []
    for act in acts:
        promise, command = _do(act, promise, event)
        if command is not None:
            commands.append(command)
    return Step(replace(promise, state=state), tuple(commands), surplus)


def trigger_of(promise: WagePromise, event: Event) -> Trigger:
    """The event as the table reads it. Raises PaymentNotPositive, PaymentExceedsNeed."""
    match event:
        case PayslipComputed(labor_cost=cost):
            enough = promise.collected >= cost
            return Trigger.PAYSLIP_COMPUTED_COLLECTED if enough else Trigger.PAYSLIP_COMPUTED
        case InvoicePaid(amount=amount):
            if amount.minor <= 0:
                raise PaymentNotPositive(amount=amount)
            if promise.state in _TAKES_ANY_PAYMENT:
                return Trigger.INVOICE_PARTLY_PAID
            if amount > promise.need:
                raise PaymentExceedsNeed(amount=amount, need=promise.need)
            return Trigger.INVOICE_PAID if amount == promise.need else Trigger.INVOICE_PARTLY_PAID
        case _:
            return _TRIGGERS[type(event)]


def share_payment(
    amount: Money, promises: Sequence[WagePromise]
) -> tuple[list[tuple[WagePromise, Money]], Money]:
    """A payment of a client shared among the promises of its order, and what none of them needs.

    First it recovers what was advanced, the earliest due wage first; then it covers wages still to be funded;
    the rest stays with a promise that waits for its payslip, if there is one. Losses come after advances.
    """
    if amount.minor <= 0:
        raise PaymentNotPositive(amount=amount)
    shares: list[tuple[WagePromise, Money]] = []
    in_turn = sorted(
        (promise for promise in promises if promise.need.minor > 0),
        key=lambda one: (_TURN.get(one.state, 1), one.due_date or date.max, str(one.id)),
    )
    for promise in in_turn:
        part = min(amount, promise.need)
        if part.minor > 0:
            shares.append((promise, part))
            amount = amount - part
    waiting = next((promise for promise in promises if promise.state in _TAKES_ANY_PAYMENT), None)
    if waiting is not None and amount.minor > 0:
        shares.append((waiting, amount))
        amount = Money.zero(amount.currency)
    return shares, amount


def exposure_of(promises: Iterable[WagePromise], currency: str) -> Money:
    """What the fund may still lose on these promises together."""
    result = Money.zero(currency)
    for promise in promises:
        result = result + promise.exposure
    return result


_TAKES_ANY_PAYMENT: Final = (
    State.NEW,
    State.WAITING_PAYSLIP,
    State.WAITING_PAYSLIP_UNCOVERED,
    State.WAITING_PAYSLIP_DEFAULTED,
    State.RELEASED,
)
_TURN: Final = {State.RECOVERY_OPENED: 0, State.ADVANCED: 0, State.PAID: 0, State.LOSS_CARRIED: 2}
_TRIGGERS: Final[dict[type, Trigger]] = {
    OrderCovered: Trigger.ORDER_COVERED,
    OrderNotCovered: Trigger.ORDER_NOT_COVERED,
    DueDateReached: Trigger.DUE_DATE_REACHED,
    WagePaid: Trigger.WAGE_PAID,
    WageReturned: Trigger.WAGE_RETURNED,
    ClientDefaulted: Trigger.CLIENT_DEFAULTED,
    RecoveryDeadlineReached: Trigger.RECOVERY_DEADLINE_REACHED,
    WriteOffApproved: Trigger.WRITE_OFF_APPROVED,
    InvoiceCredited: Trigger.INVOICE_CREDITED,
    OrderCancelled: Trigger.ORDER_CANCELLED,
}


def _do(act: Act, promise: WagePromise, event: Event) -> tuple[WagePromise, Command | None]:
    """One act: the changed amounts of the promise and the command, where others must do something."""
    nothing = Money.zero(promise.held.currency)
    cost = promise.labor_cost or nothing
    paid, ref = (event.amount, event.payment_ref) if isinstance(event, InvoicePaid) else (nothing, "")
    match act:
        case Act.HOLD:
            return replace(promise, held=cost), Hold(cost)
        case Act.VOID_HOLD:
            return replace(promise, held=nothing), VoidHold(promise.held)
        case Act.POST_HOLD:
            return replace(promise, held=nothing, advanced=promise.held), PostHold(promise.held)
        case Act.ADVANCE:
            return replace(promise, advanced=cost), Advance(cost)
        case Act.FUND_BY_ADVANCE:
            return _fund(promise, Source.ADVANCE)
        case Act.FUND_BY_COLLECTION:
            return _fund(promise, Source.COLLECTION)
        case Act.COLLECT:
            return replace(promise, collected=promise.collected + paid), None
        case Act.FORGET_COLLECTED:
            return replace(promise, collected=nothing), None
        case Act.RECOVER_COLLECTED:
            back = min(promise.collected, promise.open_advance)
            recovered = replace(promise, recovered=promise.recovered + back)
            return recovered, Recover(back, "collected") if back.minor else None
        case Act.RECOVER:
            return replace(promise, recovered=promise.recovered + paid), Recover(paid, ref)
        case Act.OPEN_RECOVERY:
            return promise, OpenRecovery(promise.open_advance)
        case Act.CARRY_LOSS:
            loss = promise.open_advance
            return replace(promise, lost=promise.lost + loss), CarryLoss(loss)
        case Act.RECOVER_LOSS:
            changed = replace(promise, lost=promise.lost - paid, recovered=promise.recovered + paid)
            return changed, RecoverLoss(paid, ref)


def _fund(promise: WagePromise, source: Source) -> tuple[WagePromise, Command]:
    if promise.funded.minor:
        raise WageAlreadyFunded(payslip=promise.payslip_id)
    cost = promise.labor_cost
    assert cost is not None, "a due wage has its payslip"
    return replace(promise, funded=cost), FundWage(source, cost)

"""An order: the quote a member makes, the buyer's decision, and the work that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from commons.money import Money, total
from commons.period import DateRange
from invoicing.domain.errors import (
    ConsentMissing,
    CoverAlreadyDecided,
    LineNumberedTwice,
    MoreDoneThanOrdered,
    NameMissing,
    NegativeUnitPrice,
    NothingDoneYet,
    OrderAlreadyDecided,
    OrderExpired,
    OrderHasNoLines,
    OrderIsClosed,
    OrderIsDone,
    OrderIsInvoiced,
    OrderNotActive,
    OrderNotConfirmed,
    OrderNotDraft,
    OrderNotSent,
    TextTooLong,
    TooManyLines,
    UnknownOrderLine,
    WorkNotEnded,
)
from invoicing.domain.invoice import INVOICE, Invoice, InvoiceLine, PaymentInstructions
from invoicing.domain.party import Party
from invoicing.domain.payment_term import PaymentTerm
from invoicing.domain.rounding import product, rounded
from invoicing.domain.vat import VatRules, treatment

LINES_MAX: Final = 100
NAME_CHARACTERS_MAX: Final = 120
REASON_CHARACTERS_MAX: Final = 1_000


class OrderStatus(StrEnum):
    """Where an order stands; derived from facts, never set."""

    DRAFT = "draft"
    SENT = "sent"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    DONE = "done"
    CANCELLED = "cancelled"


class ConfirmedBy(StrEnum):
    """Who said yes: the buyer through the signed link, or the member who holds a signed paper."""

    BUYER = "buyer"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What is to be done, when, and at which price without VAT.

    `done_quantity` is what was done of it when the order was cancelled during the work.
    """

    id: str
    description: str
    nature: str  # the nature of the service, a name of the country's invoicing file
    period: DateRange
    quantity: Decimal
    unit: str  # UN/ECE recommendation 20
    unit_price: Decimal
    currency: str
    done_quantity: Decimal = Decimal(0)

    @property
    def net_amount(self) -> Money:
        """Quantity times price, rounded once."""
        return rounded(product(self.quantity, self.unit_price), self.currency)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who confirmed, in which name, on which day, and the sentence that was agreed to."""

    by: ConfirmedBy
    name: str
    consent: str
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Why the order ended without being done; a refusal by the buyer is one of the ways."""

    reason: str
    is_refusal: bool
    cancelled_on: date


@dataclass(frozen=True, slots=True)
class Cover:
    """The guarantee fund's verdict; without cover the reasons say why."""

    is_covered: bool
    reasons: tuple[str, ...]
    decided_on: date


@dataclass(frozen=True, slots=True)
class Order:
    """An order and every fact about it."""

    id: UUID
    entity_id: UUID
    activity_id: UUID
    member_id: UUID
    buyer_id: UUID
    buyer: Party
    number: str
    currency: str
    language: str
    lines: tuple[OrderLine, ...]
    payment_term: PaymentTerm
    valid_until: date
    buyer_reference: str = ""
    note: str = ""
    sent_on: date | None = None
    confirmation: Confirmation | None = None
    cancellation: Cancellation | None = None
    cover: Cover | None = None
    started_on: date | None = None
    done_on: date | None = None

    @property
    def status(self) -> OrderStatus:
        """The furthest state its facts prove."""
        if self.cancellation is not None:
            return OrderStatus.CANCELLED
        if self.done_on is not None:
            return OrderStatus.DONE
        if self.started_on is not None:
            return OrderStatus.ACTIVE
        if self.confirmation is not None:
            return OrderStatus.CONFIRMED
        return OrderStatus.DRAFT if self.sent_on is None else OrderStatus.SENT

    @property
    def price(self) -> Money:
        """What the buyer pays without VAT."""
        return total([line.net_amount for line in self.lines], self.currency)

    @property
    def period(self) -> DateRange:
        """From the first to the last day of work."""
        assert self.lines, "send() refuses an order without lines"
        return DateRange(
            min(line.period.start for line in self.lines), max(line.period.end for line in self.lines)
        )

    def is_expired(self, today: date) -> bool:
        """Whether a buyer who has not decided is too late."""
        return today > self.valid_until


def send(order: Order, today: date) -> Order:
    """Offers the order to the buyer.

    Raises OrderNotDraft, OrderHasNoLines, TooManyLines, LineNumberedTwice, NegativeUnitPrice, OrderExpired.
    """
    if order.status is not OrderStatus.DRAFT:
        raise OrderNotDraft(order=order.id, status=order.status)
    if not order.lines:
        raise OrderHasNoLines(order=order.id)
    if len(order.lines) > LINES_MAX:
        raise TooManyLines(order=order.id, lines=len(order.lines), lines_max=LINES_MAX)
    if len({line.id for line in order.lines}) < len(order.lines):
        raise LineNumberedTwice(order=order.id)
    for index, line in enumerate(order.lines):
        if line.unit_price < 0:
            raise NegativeUnitPrice(at=("lines", str(index), "unit_price"), price=line.unit_price)
    if order.is_expired(today):
        raise OrderExpired(order=order.id, valid_until=order.valid_until)
    return replace(order, sent_on=today)


def confirm(order: Order, *, by: ConfirmedBy, name: str, consent: str, today: date) -> Order:
    """The buyer's yes; the same yes on a decided order is refused, so that one decision stands.

    Raises OrderNotSent, OrderAlreadyDecided, OrderExpired, ConsentMissing, NameMissing, TextTooLong.
    """
    _check_open_for_decision(order, today)
    if not consent:
        raise ConsentMissing(at=("consent",))
    if not name.strip():
        raise NameMissing(at=("name",))
    _check_length(name, NAME_CHARACTERS_MAX, "name")
    return replace(order, confirmation=Confirmation(by, name.strip(), consent, today))


def refuse(order: Order, *, reason: str, today: date) -> Order:
    """The buyer's no. Raises OrderNotSent, OrderAlreadyDecided, OrderExpired, TextTooLong."""
    _check_open_for_decision(order, today)
    _check_length(reason, REASON_CHARACTERS_MAX, "reason")
    return replace(order, cancellation=Cancellation(reason.strip(), True, today))


def cancel(order: Order, *, reason: str, done: Mapping[str, Decimal], today: date) -> Order:
    """Ends an order before its work is done; `done` says how much of each line was done until today.

    Before the first day of work nothing was done, and nothing is owed. During the work the part done is
    invoiced. From the last day on the work is done: it is invoiced, and the invoice is credited. Raises
    OrderIsClosed, OrderIsInvoiced, OrderIsDone, NothingDoneYet, UnknownOrderLine, MoreDoneThanOrdered,
    TextTooLong.
    """
    if order.status is OrderStatus.CANCELLED:
        raise OrderIsClosed(order=order.id, status=order.status)
    if order.status is OrderStatus.DONE:
        raise OrderIsInvoiced(order=order.id, done_on=order.done_on)
    if order.confirmation is not None and today >= order.period.last:
        raise OrderIsDone(order=order.id, last_day=order.period.last)
    _check_length(reason, REASON_CHARACTERS_MAX, "reason")
    if unknown := done.keys() - {line.id for line in order.lines}:
        raise UnknownOrderLine(at=("done",), order=order.id, lines=sorted(unknown))
    has_begun = order.confirmation is not None and today >= order.period.start
    return replace(
        order,
        lines=tuple(_done(line, done.get(line.id, Decimal(0)), has_begun, today) for line in order.lines),
        cancellation=Cancellation(reason.strip(), False, today),
    )


def part_done(order: Order) -> Order | None:
    """What a cancelled order still comes to: what was done until that day; None where nothing was."""
    assert order.cancellation is not None, "only a cancelled order is done in part"
    end = order.cancellation.cancelled_on + timedelta(days=1)
    lines = tuple(
        replace(
            line, quantity=line.done_quantity, period=DateRange(line.period.start, min(line.period.end, end))
        )
        for line in order.lines
        if line.done_quantity > 0
    )
    part = replace(order, lines=lines)
    return None if part.price.is_zero else part


def decide_cover(order: Order, cover: Cover) -> Order:
    """Notes the fund's verdict. Raises OrderNotConfirmed, CoverAlreadyDecided for a different verdict."""
    if order.confirmation is None:
        raise OrderNotConfirmed(order=order.id, status=order.status)
    if order.cover is not None and order.cover.is_covered != cover.is_covered:
        raise CoverAlreadyDecided(order=order.id)
    return replace(order, cover=order.cover or cover)


def start(order: Order, today: date) -> Order:
    """The work begins. Raises OrderNotConfirmed, OrderIsClosed."""
    if order.status in (OrderStatus.DONE, OrderStatus.CANCELLED):
        raise OrderIsClosed(order=order.id, status=order.status)
    if order.confirmation is None:
        raise OrderNotConfirmed(order=order.id, status=order.status)
    return replace(order, started_on=order.started_on or today)


def as_it_stands(order: Order, today: date) -> Order:
    """The order on a day: work that was confirmed has begun once its first day has come."""
    if order.status is not OrderStatus.CONFIRMED or today < order.period.start:
        return order
    return start(order, order.period.start)


def finish(order: Order, today: date) -> Order:
    """The work is done. Raises OrderIsClosed, OrderNotActive."""
    if order.status in (OrderStatus.DONE, OrderStatus.CANCELLED):
        raise OrderIsClosed(order=order.id, status=order.status)
    if order.status is not OrderStatus.ACTIVE:
        raise OrderNotActive(order=order.id, status=order.status)
    return replace(order, done_on=today)


def to_be_invoiced(order: Order, today: date) -> Order:
    """What is invoiced of an order from the last day of its work on; of a cancelled one the part done.

    Raises OrderIsClosed, OrderNotConfirmed, WorkNotEnded.
    """
    part = part_done(order) if order.cancellation is not None else None
    if part is not None:
        return replace(part, done_on=today)
    done = finish(start(order, order.period.start), today)
    if today < order.period.last:
        raise WorkNotEnded(order=order.id, last_day=order.period.last, today=today)
    return done


def draft_invoice(
    order: Order,
    *,
    id: UUID,
    seller: Party,
    rules: VatRules,
    payment: PaymentInstructions,
    tax_point_date: date,
    project_reference: str = "",
) -> Invoice:
    """The order as a draft invoice, its VAT chosen by the tax point date.

    Before confirmation it serves as a preview of the price with VAT. Raises what `vat.treatment` raises.
    """
    lines = tuple(
        InvoiceLine(
            id=line.id,
            item_name=line.description,
            invoiced_quantity=line.quantity,
            unit=line.unit,
            item_net_price=line.unit_price,
            currency=line.currency,
            vat=treatment(
                rules,
                nature=line.nature,
                buyer=order.buyer,
                tax_point_date=tax_point_date,
                language=order.language,
            ),
            period=line.period,
        )
        for line in order.lines
    )
    return Invoice(
        id=id,
        type_code=INVOICE,
        currency=order.currency,
        seller=seller,
        buyer=order.buyer,
        lines=lines,
        language=order.language,
        tax_point_date=tax_point_date,
        payment_term=order.payment_term,
        buyer_reference=order.buyer_reference or order.number,
        project_reference=project_reference,
        sales_order_reference=order.number,
        note=order.note,
        payment=payment,
        order_id=order.id,
        activity_id=order.activity_id,
    )


def _done(line: OrderLine, quantity: Decimal, has_begun: bool, today: date) -> OrderLine:
    if quantity < 0 or quantity > line.quantity:
        raise MoreDoneThanOrdered(at=("done",), line=line.id, done=quantity, ordered=line.quantity)
    if quantity > 0 and (not has_begun or today < line.period.start):
        raise NothingDoneYet(at=("done",), line=line.id, first_day=line.period.start)
    return replace(line, done_quantity=quantity)


def _check_open_for_decision(order: Order, today: date) -> None:
    if order.confirmation is not None or order.cancellation is not None:
        raise OrderAlreadyDecided(order=order.id, status=order.status)
    if order.sent_on is None:
        raise OrderNotSent(order=order.id)
    if order.is_expired(today):
        raise OrderExpired(order=order.id, valid_until=order.valid_until)


def _check_length(text: str, characters_max: int, field: str) -> None:
    if len(text) > characters_max:
        raise TextTooLong(at=(field,), characters_max=characters_max)

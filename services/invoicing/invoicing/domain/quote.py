"""Make an order: what a member writes down, checked line by line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from commons.money import CurrencyMismatch, Money
from commons.period import DateRange
from commons.refusal import Refusal
from invoicing.domain.errors import (
    NatureUnknown,
    NegativeUnitPrice,
    OrderExpired,
    OrderHasNoLines,
    OrderPriceZero,
    QuantityOutOfRange,
    TooManyLines,
    UnitUnknown,
    ValidityTooLong,
)
from invoicing.domain.order import LINES_MAX, Order, OrderLine
from invoicing.domain.party import Party
from invoicing.domain.payment_term import agree_term
from invoicing.domain.rules import InvoicingRules

QUANTITY_MAX: Final = 100_000  # more hours than ten working lives have
QUANTITY_DECIMALS_MAX: Final = 4
VALIDITY_DAYS_STANDARD: Final = 30
VALIDITY_DAYS_MAX: Final = 366


@dataclass(frozen=True, slots=True)
class WantedLine:
    """One line as the member wants it; the days are both counted."""

    description: str
    nature: str
    first_day: date
    last_day: date
    quantity: Decimal
    unit: str
    unit_price: Money


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as the member wants it; without a term or a last day the standard ones hold."""

    lines: Sequence[WantedLine]
    payment_term_days: int | None = None
    buyer_reference: str = ""
    valid_until: date | None = None


def draft(
    wanted: Wanted,
    *,
    id: UUID,
    entity_id: UUID,
    activity_id: UUID,
    member_id: UUID,
    buyer_id: UUID,
    buyer: Party,
    number: str,
    currency: str,
    language: str,
    today: date,
    units: Collection[str],
    rules: InvoicingRules,
) -> Order:
    """The order, every amount of which can be booked. Each refusal names the place in what was given.

    Raises OrderHasNoLines, TooManyLines, DatesReversed, NatureUnknown, UnitUnknown, QuantityOutOfRange,
    CurrencyMismatch, NegativeUnitPrice, AmountOutOfRange, OrderPriceZero, PaymentTermNegative,
    PaymentTermTooLong, OrderExpired, ValidityTooLong.
    """
    if not wanted.lines:
        raise OrderHasNoLines(at=("lines",))
    if len(wanted.lines) > LINES_MAX:
        raise TooManyLines(at=("lines",), lines=len(wanted.lines), lines_max=LINES_MAX)
    lines = [_line(index, line, currency, units, rules) for index, line in enumerate(wanted.lines)]
    try:
        term = agree_term(wanted.payment_term_days, rules.payment_term, today)
    except Refusal as refusal:
        raise refusal.at("paymentTermDays") from None
    order = Order(
        id=id,
        entity_id=entity_id,
        activity_id=activity_id,
        member_id=member_id,
        buyer_id=buyer_id,
        buyer=buyer,
        number=number,
        currency=currency,
        language=language,
        lines=tuple(lines),
        payment_term=term,
        valid_until=_valid_until(wanted.valid_until, today),
        buyer_reference=wanted.buyer_reference,
    )
    try:
        price = order.price
    except Refusal as refusal:
        raise refusal.at("lines") from None
    if price.is_zero:
        raise OrderPriceZero(at=("lines",))
    return order


def _line(
    index: int, wanted: WantedLine, currency: str, units: Collection[str], rules: InvoicingRules
) -> OrderLine:
    here = ("lines", str(index))
    try:
        period = DateRange.inclusive(wanted.first_day, wanted.last_day)
    except Refusal as refusal:
        raise refusal.at(*here, "lastDay") from None
    if wanted.nature not in rules.vat.natures:
        raise NatureUnknown(at=(*here, "nature"), nature=wanted.nature[:40], known=sorted(rules.vat.natures))
    if wanted.unit not in units:
        raise UnitUnknown(at=(*here, "unit"), unit=wanted.unit[:10], known=sorted(units))
    if not _is_quantity(wanted.quantity):
        raise QuantityOutOfRange(at=(*here, "quantity"), quantity_max=QUANTITY_MAX)
    if wanted.unit_price.currency != currency:
        raise CurrencyMismatch(
            at=(*here, "unitPrice", "currency"), expected=currency, given=wanted.unit_price.currency
        )
    if wanted.unit_price.is_negative:
        raise NegativeUnitPrice(at=(*here, "unitPrice", "amount"), price=wanted.unit_price)
    line = OrderLine(
        id=str(index + 1),
        description=wanted.description,
        nature=wanted.nature,
        period=period,
        quantity=wanted.quantity,
        unit=wanted.unit,
        unit_price=wanted.unit_price.amount,
        currency=currency,
    )
    try:
        _ = line.net_amount
    except Refusal as refusal:
        raise refusal.at(*here) from None
    return line


def _is_quantity(quantity: Decimal) -> bool:
    if not quantity.is_finite() or not 0 < quantity <= QUANTITY_MAX:
        return False
    exponent = quantity.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= QUANTITY_DECIMALS_MAX


def _valid_until(wanted: date | None, today: date) -> date:
    if wanted is None:
        return today + timedelta(days=VALIDITY_DAYS_STANDARD)
    if wanted < today:
        raise OrderExpired(at=("validUntil",), valid_until=wanted, today=today)
    if wanted > today + timedelta(days=VALIDITY_DAYS_MAX):
        raise ValidityTooLong(at=("validUntil",), valid_until=wanted, days_max=VALIDITY_DAYS_MAX)
    return wanted

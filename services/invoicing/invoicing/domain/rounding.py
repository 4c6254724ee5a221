"""From an exact number to money: rounded once, half away from zero."""

from __future__ import annotations

from decimal import Decimal, localcontext

from commons.money import EXPONENT, HALF_UP, Money, UnknownCurrency

PRECISION_DIGITS = 60


def rounded(amount: Decimal, currency: str, rounding: str = HALF_UP) -> Money:
    """An exact amount in major units as money. Raises UnknownCurrency, AmountOutOfRange."""
    if currency not in EXPONENT:
        raise UnknownCurrency(currency=currency[:8])
    with localcontext(prec=PRECISION_DIGITS):
        return Money(int(amount.scaleb(EXPONENT[currency]).to_integral_value(rounding)), currency)


def product(quantity: Decimal, price: Decimal) -> Decimal:
    """Quantity times unit price, exact."""
    with localcontext(prec=PRECISION_DIGITS):
        return quantity * price

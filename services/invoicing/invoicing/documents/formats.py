"""Amounts, days and quantities as people of a language write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from commons.money import Money
from commons.period import DateRange
from invoicing.domain.invoice import percent

LANGUAGES: Final = ("fr", "nl", "en", "de")
_NARROW: Final = "\u202f"  # a space that does not break
_NO_BREAK: Final = "\u00a0"
_GROUP: Final = {"fr": _NARROW, "nl": ".", "en": ",", "de": "."}
_POINT: Final = {"fr": ",", "nl": ",", "en": ".", "de": ","}
_SIGN: Final = {"EUR": "€", "SEK": "kr", "HUF": "Ft"}
_SIGN_FIRST: Final = frozenset({"nl", "en"})
_MONTHS: Final = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_UNITS: Final = {  # one | several
    "C62": {"fr": "unité|unités", "nl": "stuk|stuks", "en": "unit|units", "de": "Stück|Stück"},
    "HUR": {"fr": "heure|heures", "nl": "uur|uur", "en": "hour|hours", "de": "Stunde|Stunden"},
    "DAY": {"fr": "jour|jours", "nl": "dag|dagen", "en": "day|days", "de": "Tag|Tage"},
    "MON": {"fr": "mois|mois", "nl": "maand|maanden", "en": "month|months", "de": "Monat|Monate"},
    "LS": {
        "fr": "forfait|forfaits",
        "nl": "forfait|forfaits",
        "en": "lump sum|lump sums",
        "de": "pauschal|pauschal",
    },
    "KMT": {"fr": "km|km", "nl": "km|km", "en": "km|km", "de": "km|km"},
}
UNITS: Final = frozenset(_UNITS)  # those for which we have a name in every language


def language_of(wanted: str) -> str:
    """The language wanted, or English where we do not write it."""
    return wanted if wanted in LANGUAGES else "en"


def money(amount: Money, language: str) -> str:
    """`1 234,50 €` in French, `€ 1.234,50` in Dutch."""
    number = _grouped(str(abs(amount.amount)), language)
    sign = _SIGN.get(amount.currency, amount.currency)
    minus = "−" if amount.is_negative else ""
    if language not in _SIGN_FIRST:
        return f"{minus}{number}{_NO_BREAK}{sign}"
    return f"{minus}{sign}{'' if language == 'en' and amount.currency == 'EUR' else _NO_BREAK}{number}"


def number(value: Decimal, language: str, decimals_min: int = 0) -> str:
    """A quantity or unit price with as many decimals as it has, and not fewer than asked."""
    text = format(value, "f")
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(decimals_min, "0")
    return _grouped(f"{whole}.{decimals}" if decimals else whole, language).replace("-", "−")


def unit_price(value: Decimal, currency: str, language: str) -> str:
    """A price per unit: at least two decimals, more where they were agreed."""
    sign = _SIGN.get(currency, currency)
    text = number(value, language, decimals_min=2)
    if language not in _SIGN_FIRST:
        return f"{text}{_NO_BREAK}{sign}"
    return f"{sign}{'' if language == 'en' and currency == 'EUR' else _NO_BREAK}{text}"


def day(value: date, language: str) -> str:
    """`1er juillet 2026`, `1 juli 2026`, `1 July 2026`, `1. Juli 2026`."""
    month = _MONTHS[language].split()[value.month - 1]
    first = "1er" if language == "fr" and value.day == 1 else f"{value.day}{'.' if language == 'de' else ''}"
    return f"{first}{_NO_BREAK}{month}{_NO_BREAK}{value.year}"


def days(period: DateRange, language: str) -> str:
    """One day, or from the first to the last day of a period: `1er – 31 juillet 2026`."""
    first, last = period.start, period.last
    if first == last:
        return day(first, language)
    if (first.year, first.month) == (last.year, last.month):
        return f"{day(first, language).split(_NO_BREAK)[0]}{_NO_BREAK}–{_NO_BREAK}{day(last, language)}"
    return f"{day(first, language)} – {day(last, language)}"


def rate(fraction: Decimal, language: str) -> str:
    """A rate as a percentage: `21 %`."""
    space = "" if language == "en" else _NO_BREAK
    return f"{percent(fraction).replace('.', _POINT[language])}{space}%"


def quantity(value: Decimal, code: str, language: str) -> str:
    """A quantity with the name of its UN/ECE unit, or with its code where we have no name."""
    one, several = (_UNITS[code][language] if code in _UNITS else f"{code}|{code}").split("|")
    # French counts 1.5 as one; the three others take the singular for exactly one.
    is_one = abs(value) < 2 if language == "fr" else value == 1
    return f"{number(value, language)}{_NO_BREAK}{one if is_one else several}"


def iban(value: str) -> str:
    """An IBAN in groups of four."""
    compact = value.replace(" ", "")
    return _NO_BREAK.join(compact[start : start + 4] for start in range(0, len(compact), 4))


def _grouped(text: str, language: str) -> str:
    minus, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, decimals = digits.partition(".")
    groups: list[str] = []
    while len(whole) > 3:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    grouped = _GROUP[language].join([whole, *groups])
    return f"{minus}{grouped}{_POINT[language]}{decimals}" if decimals else f"{minus}{grouped}"

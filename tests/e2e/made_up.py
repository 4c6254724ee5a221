"""Numbers of people and companies that do not exist, with check digits that are right."""

from __future__ import annotations

import random
from datetime import date

from stdnum import iban as stdnum_iban
from stdnum.be import nn as be_nn
from stdnum.be import vat as be_vat
from stdnum.exceptions import ValidationError

# Drawn anew each time, so that stories on one stack never share an account: the bank would mix their money.
_draw = random.SystemRandom()
TRIES_MAX = 1_000
_given: set[str] = set()


def enterprise_number() -> str:
    """A Belgian enterprise number: ten digits, the last two are 97 less the first eight modulo 97."""
    first = _draw.randrange(2_000_000, 9_999_999)
    number = f"{first:08}{97 - first % 97:02}"
    return str(be_vat.validate(number))


def vat_number(enterprise: str) -> str:
    """The VAT number of an enterprise."""
    return f"BE{enterprise}"


def iban() -> str:
    """A Belgian account number."""
    for _ in range(TRIES_MAX):
        account = f"{_draw.randrange(1, 999):03}{_draw.randrange(10**7):07}"
        base = f"{account}{int(account) % 97 or 97:02}"
        number = f"BE{stdnum_iban.calc_check_digits('BE00' + base)}{base}"
        try:
            return str(stdnum_iban.validate(number))
        except ValidationError:
            # A bank code that nobody has.
            continue
    raise AssertionError("more than half of the bank codes are in use")


def national_number(birth_date: date) -> str:
    """A Belgian national number of somebody born on a day; those born from 2000 put a 2 before they divide.

    Nobody else has it: of those born on one day there are only 997, and what an authority does to one of two
    people with one number it does to both.
    """
    for _ in range(TRIES_MAX):
        digits = f"{birth_date:%y%m%d}{_draw.randrange(1, 998):03}"
        base = int(("2" if birth_date.year >= 2000 else "") + digits)
        number = str(be_nn.validate(f"{digits}{97 - base % 97:02}"))
        if number not in _given:
            _given.add(number)
            return number
    raise AssertionError(f"everybody born on {birth_date} has a number")


def tag() -> str:
    """A few letters that tell one run from another."""
    return "".join(_draw.choice("bcdfghjkmnpqrstvwxz") for _ in range(6))

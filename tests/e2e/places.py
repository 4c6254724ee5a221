"""Where a house of a story stands: its currency, its law's names, its addresses, and numbers that fit them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from stdnum import iban as stdnum_iban
from stdnum.exceptions import ValidationError
from stdnum.fr import nir, siren, tva
from stdnum.hu import anum

from tests.e2e import made_up

_draw = random.SystemRandom()
_HUNGARIAN_DAY_ZERO: Final = date(1867, 1, 1)


@dataclass(frozen=True, slots=True)
class Place:
    """A country as a story needs it."""

    currency: str
    language: str
    legal_form: str
    street: str
    post_code: str
    city: str
    client_street: str
    client_post_code: str
    client_city: str
    opening_balance: str
    endowment: Decimal
    enterprise_number: Callable[[], str]
    vat_number: Callable[[str], str]
    iban: Callable[[], str]
    national_number: Callable[[date], str]


def _siren() -> str:
    for _ in range(made_up.TRIES_MAX):
        base = f"{_draw.randrange(30_000_000, 99_000_000):08}"
        for last in range(10):
            if siren.is_valid(f"{base}{last}"):
                return f"{base}{last}"
    raise AssertionError("one in ten is valid")


def _french_vat_number(number: str) -> str:
    # Two check digits before the SIREN.
    return f"FR{tva.validate(f'{(12 + 3 * (int(number) % 97)) % 97:02}{number}')}"


def _nir(birth_date: date) -> str:
    number = f"2{birth_date:%y%m}75{_draw.randrange(1, 999):03}{_draw.randrange(1, 999):03}"
    return str(nir.validate(number + nir.calc_check_digits(number)))


def _tax_number() -> str:
    weights = (9, 7, 3, 1, 9, 7, 3)
    base = f"{_draw.randrange(1_000_000, 9_999_999)}"
    check = -sum(weight * int(digit) for weight, digit in zip(weights, base, strict=True)) % 10
    return str(anum.validate(f"{base}{check}"))


def _tax_identification(birth_date: date) -> str:
    # 8, the days since 1 January 1867, three digits of order, one of check; a rest of ten is not given out.
    for _ in range(made_up.TRIES_MAX):
        base = f"8{(birth_date - _HUNGARIAN_DAY_ZERO).days:05}{_draw.randrange(1, 999):03}"
        check = sum(place * int(digit) for place, digit in enumerate(base, start=1)) % 11
        if check < 10:
            return f"{base}{check}"
    raise AssertionError("ten of eleven numbers are given out")


def _french_iban() -> str:
    base = (
        f"{_draw.randrange(10_000, 99_999)}{_draw.randrange(10_000, 99_999)}{_draw.randrange(10**10, 10**11)}"
    )
    key = 97 - (89 * int(base[:5]) + 15 * int(base[5:10]) + 3 * int(base[10:])) % 97
    return _with_check_digits("FR", f"{base}{key:02}")


def _hungarian_iban() -> str:
    # Bank and branch with a check digit, account with a check digit, weighted 9, 7, 3, 1.
    bank = _with_weights(f"{_draw.randrange(1_000_000, 9_999_999)}")
    account = _with_weights(f"{_draw.randrange(10**14, 10**15)}")
    return _with_check_digits("HU", bank + account)


def _with_weights(digits: str) -> str:
    total = sum(int(digit) * (9, 7, 3, 1)[place % 4] for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _with_check_digits(country: str, base: str) -> str:
    number = f"{country}{stdnum_iban.calc_check_digits(f'{country}00{base}')}{base}"
    try:
        return str(stdnum_iban.validate(number, check_country=False))
    except ValidationError:
        raise AssertionError("its form is right by construction") from None


PLACES: Final[Mapping[str, Place]] = {
    "BE": Place(
        currency="EUR",
        language="fr",
        legal_form="SC agréée",
        street="Rue du Travail 1",
        post_code="1060",
        city="Saint-Gilles",
        client_street="Quai aux Briques 12",
        client_post_code="1000",
        client_city="Bruxelles",
        opening_balance="250000.00",
        endowment=Decimal("10000.00"),
        enterprise_number=made_up.enterprise_number,
        vat_number=made_up.vat_number,
        iban=made_up.iban,
        national_number=made_up.national_number,
    ),
    "FR": Place(
        currency="EUR",
        language="fr",
        legal_form="SCIC",
        street="Rue de l'Union 3",
        post_code="69001",
        city="Lyon",
        client_street="Quai de Saône 7",
        client_post_code="69002",
        client_city="Lyon",
        opening_balance="250000.00",
        endowment=Decimal("10000.00"),
        enterprise_number=_siren,
        vat_number=_french_vat_number,
        iban=_french_iban,
        national_number=_nir,
    ),
    "HU": Place(
        currency="HUF",
        language="hu",
        legal_form="szövetkezet",
        street="Munka utca 1.",
        post_code="1072",
        city="Budapest",
        client_street="Rakpart 9.",
        client_post_code="1051",
        client_city="Budapest",
        opening_balance="100000000",
        endowment=Decimal("4000000"),
        enterprise_number=_tax_number,
        vat_number=lambda number: f"HU{number}",
        iban=_hungarian_iban,
        national_number=_tax_identification,
    ),
}

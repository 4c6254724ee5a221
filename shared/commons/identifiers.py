"""Numbers that carry check digits: VAT numbers, IBANs, national numbers, structured communications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from stdnum import iban as stdnum_iban
from stdnum.be import nn as be_nn
from stdnum.be import ogm_vcs as be_ogm_vcs
from stdnum.be import vat as be_vat
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

from commons.refusal import Refusal

LENGTH_MAX: Final = 60


class MalformedVatNumber(Refusal):
    """The VAT number is not valid: its form or its check digits are wrong."""


class MalformedIban(Refusal):
    """The bank account number (IBAN) is not valid: its form or its check digits are wrong."""


class MalformedEnterpriseNumber(Refusal):
    """The enterprise number is not valid: its form or its check digits are wrong."""


class MalformedNationalNumber(Refusal):
    """The national number is not valid: its form or its check digits are wrong."""


class MalformedStructuredCommunication(Refusal):
    """The structured communication is not valid: its form or its check digits are wrong."""


class UnknownNumbering(Refusal):
    """This country's numbers are not known here."""


# The number itself is never repeated in a refusal: a national number or an IBAN is personal data.
_NATIONAL: Final[dict[str, Callable[[str], str]]] = {"be": be_nn.validate}
_ENTERPRISE: Final[dict[str, Callable[[str], str]]] = {"be": be_vat.validate}


def vat_number(text: str) -> str:
    """A VAT number of the European Union in its compact form with the country's prefix.

    Check digits alone: whether the number is in use is a question for VIES. Raises MalformedVatNumber.
    """
    return str(_checked(eu_vat.validate, text, MalformedVatNumber))


def iban(text: str) -> str:
    """An IBAN in its compact form. Raises MalformedIban.

    Check digits and the country's length are checked; whether the bank is in a list is not: a bank that
    opened after the list was printed must not cost a member the wage.
    """
    return str(_checked(lambda given: stdnum_iban.validate(given, check_country=False), text, MalformedIban))


def enterprise_number(text: str, country: str) -> str:
    """An enterprise number of a country in its compact form. Raises MalformedEnterpriseNumber."""
    if country not in _ENTERPRISE:
        raise UnknownNumbering(country=country)
    return str(_checked(_ENTERPRISE[country], text, MalformedEnterpriseNumber))


def national_number(text: str, country: str) -> str:
    """A person's national number in its compact form. Raises MalformedNationalNumber."""
    if country not in _NATIONAL:
        raise UnknownNumbering(country=country)
    return str(_checked(_NATIONAL[country], text, MalformedNationalNumber))


def structured_communication(number: int) -> str:
    """The Belgian structured communication of a number below ten thousand million: twelve digits.

    The last two are the number modulo 97, 97 standing for 0.
    """
    assert 0 <= number < 10**10, "a structured communication has ten digits before its check digits"
    return f"{number:010}{number % 97 or 97:02}"


def read_structured_communication(text: str) -> str:
    """Twelve digits from a communication as people write it. Raises MalformedStructuredCommunication."""
    return str(_checked(be_ogm_vcs.validate, text, MalformedStructuredCommunication))


def show_structured_communication(digits: str) -> str:
    """The communication as it stands on an invoice: +++123/4567/89012+++."""
    return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"


def _checked(validate: Callable[[str], str], text: str, refusal: type[Refusal]) -> str:
    if len(text) > LENGTH_MAX or not text.isascii():
        raise refusal()
    try:
        return validate(text)
    except ValidationError:
        raise refusal() from None

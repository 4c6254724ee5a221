"""Numbers that carry check digits: VAT numbers, IBANs, national numbers, structured communications."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from stdnum import iban as stdnum_iban
from stdnum import iso11649
from stdnum.at import uid as at_uid
from stdnum.at import vnr as at_vnr
from stdnum.be import nn as be_nn
from stdnum.be import ogm_vcs as be_ogm_vcs
from stdnum.be import vat as be_vat
from stdnum.de import idnr as de_idnr
from stdnum.de import vat as de_vat
from stdnum.es import cif as es_cif
from stdnum.es import nif as es_nif
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, InvalidFormat, ValidationError
from stdnum.fr import nir as fr_nir
from stdnum.fr import siren as fr_siren
from stdnum.hu import anum as hu_anum
from stdnum.it import codicefiscale as it_codicefiscale
from stdnum.it import iva as it_iva
from stdnum.nl import bsn as nl_bsn
from stdnum.se import personnummer as se_personnummer

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


class MalformedPaymentReference(Refusal):
    """The reference of the payment is not valid: its form or its check digits are wrong."""


class UnknownNumbering(Refusal):
    """This country's numbers are not known here."""


@dataclass(frozen=True, slots=True)
class EnterpriseNumbering:
    """How a country numbers its enterprises, and where a VAT number repeats that number."""

    validate: Callable[[str], str]
    begins_in_vat_number: int


@dataclass(frozen=True, slots=True)
class ReferenceForm:
    """How a reference of ten digits is written on an invoice: made, read by its check digits, shown."""

    make: Callable[[int], str]
    read: Callable[[str], str]
    show: Callable[[str], str]
    begins: int  # where the ten digits stand in the compact form


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


def enterprise_number(text: str, numbering: str) -> str:
    """An enterprise number in its compact form, by the numbering that the country's data names.

    Raises UnknownNumbering, MalformedEnterpriseNumber.
    """
    return str(_checked(_enterprise(numbering).validate, text, MalformedEnterpriseNumber))


def enterprise_of_vat_number(vat: str, numbering: str) -> str:
    """The enterprise number that a compact VAT number of the country repeats. Raises UnknownNumbering."""
    return vat[_enterprise(numbering).begins_in_vat_number :]


def national_number(text: str, numbering: str) -> str:
    """A person's national number in its compact form, by the numbering that the country's data names.

    Raises UnknownNumbering, MalformedNationalNumber.
    """
    if numbering not in _NATIONAL:
        raise UnknownNumbering(numbering=numbering)
    return str(_checked(_NATIONAL[numbering], text, MalformedNationalNumber))


def birth_date(number: str, numbering: str) -> date | None:
    """The day of birth that a compact national number tells; nothing where it tells none for certain."""
    read = _BIRTH.get(numbering)
    return None if read is None else read(number)


def payment_reference(form: str, number: int) -> str:
    """The compact reference of a number below ten thousand million, in the form the country's data names."""
    assert 0 <= number < 10**10, "a reference has ten digits beside its check digits"
    return REFERENCE_FORMS[form].make(number)


def read_payment_reference(text: str) -> str:
    """The compact reference of what a payer wrote, in any of the forms. Raises MalformedPaymentReference."""
    return str(_checked(_form_of(text).read, text, MalformedPaymentReference))


def show_payment_reference(reference: str) -> str:
    """A compact reference as it stands on an invoice: +++123/4567/89012+++ or RF69 1000 0000 01."""
    return _form_of(reference).show(reference)


def digits_of_payment_reference(reference: str) -> str:
    """The ten digits of a compact reference; an empty text where it is none of ours."""
    form = _form_of(reference)
    try:
        if form.read(reference) != reference:
            return ""
    except ValidationError:
        return ""
    digits = reference[form.begins : form.begins + 10]
    return digits if digits.isdecimal() and form.make(int(digits)) == reference else ""


def _checked(validate: Callable[[str], str], text: str, refusal: type[Refusal]) -> str:
    if len(text) > LENGTH_MAX or not text.isascii():
        raise refusal()
    try:
        return validate(text)
    except ValidationError:
        raise refusal() from None


def _enterprise(numbering: str) -> EnterpriseNumbering:
    if numbering not in _ENTERPRISE:
        raise UnknownNumbering(numbering=numbering)
    return _ENTERPRISE[numbering]


def _form_of(text: str) -> ReferenceForm:
    is_iso = text.lstrip()[:2].upper() == "RF"
    return REFERENCE_FORMS["iso_11649" if is_iso else "be_structured_communication"]


def _structured_communication(number: int) -> str:
    # The check digits are the number modulo 97, 97 standing for 0.
    return f"{number:010}{number % 97 or 97:02}"


def _show_structured_communication(digits: str) -> str:
    return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"


def _creditor_reference(number: int) -> str:
    # ISO 7064, modulo 97-10, over the digits with RF00 (R is 27, F is 15) behind them.
    return f"RF{98 - int(f'{number:010}271500') % 97:02}{number:010}"


def _tax_identification_of_hungary(text: str) -> str:
    """Ten digits: an 8, the days from 1 January 1867 to the birth, three of order, one of check.

    Act CL of 2017 on the order of taxation, annex 1; the check digit as its public descriptions give it.
    """
    number = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"8\d{9}", number):
        raise InvalidFormat()
    if sum(place * int(digit) for place, digit in enumerate(number[:9], 1)) % 11 != int(number[9]):
        raise InvalidChecksum()
    return number


# By the names that a country's data gives. The number itself is never repeated in a refusal: a national
# number or an IBAN is personal data.
_NATIONAL: Final[Mapping[str, Callable[[str], str]]] = {
    "at_social_insurance_number": at_vnr.validate,
    "be_national_number": be_nn.validate,
    "de_tax_identification": de_idnr.validate,
    "es_nif": es_nif.validate,
    "fr_nir": fr_nir.validate,
    "hu_tax_identification": _tax_identification_of_hungary,
    "it_codice_fiscale": it_codicefiscale.validate,
    "nl_bsn": nl_bsn.validate,
    "se_personal_number": se_personnummer.validate,
}
_HUNGARY_DAY_ZERO: Final = date(1867, 1, 1)
# The numberings that tell a day of birth with its century; the others tell two digits of a year or nothing.
_BIRTH: Final[Mapping[str, Callable[[str], date | None]]] = {
    "be_national_number": be_nn.get_birth_date,
    "hu_tax_identification": lambda number: _HUNGARY_DAY_ZERO + timedelta(days=int(number[1:6])),
    "se_personal_number": se_personnummer.get_birth_date,
}
_ENTERPRISE: Final[Mapping[str, EnterpriseNumbering]] = {
    # Belgium: VAT Code, art. 50. France: FR, two check digits, the SIREN. Hungary: HU and the first eight
    # digits of the tax number. Austria, Germany, Spain, Italy: what stands behind the prefix is the number.
    "at_vat_identification": EnterpriseNumbering(at_uid.validate, 2),
    "be_enterprise_number": EnterpriseNumbering(be_vat.validate, 2),
    "de_vat_identification": EnterpriseNumbering(de_vat.validate, 2),
    "es_cif": EnterpriseNumbering(es_cif.validate, 2),
    "fr_siren": EnterpriseNumbering(fr_siren.validate, 4),
    "hu_tax_number": EnterpriseNumbering(hu_anum.validate, 2),
    "it_partita_iva": EnterpriseNumbering(it_iva.validate, 2),
}
REFERENCE_FORMS: Final[Mapping[str, ReferenceForm]] = {
    "be_structured_communication": ReferenceForm(
        _structured_communication, be_ogm_vcs.validate, _show_structured_communication, 0
    ),
    "iso_11649": ReferenceForm(_creditor_reference, iso11649.validate, iso11649.format, 4),
}
